/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One error, told once: what happened, where, and what to do about it.
 *
 * Functions that can fail return 0 or -errno and fill a caller-owned
 * struct ft_error; only the command files print it, as one line.
 */
#ifndef FT_ERROR_H
#define FT_ERROR_H

/* Exit statuses of run and check; other commands use 0 and FT_EXIT_FAILURE. */
enum ft_exit {
	FT_EXIT_PASS = 0,
	FT_EXIT_FAIL = 1, /* leak, over-put, expectation not met */
	FT_EXIT_INCONCLUSIVE = 3,
	FT_EXIT_CANNOT_TRACE = 4, /* this kernel or user cannot trace: a skip */
	FT_EXIT_FAILURE = 125,	  /* our own failure, or wrong usage */
	FT_EXIT_CANNOT_EXEC = 126,
	FT_EXIT_NOT_FOUND = 127,
};

struct ft_error {
	int code;	   /* -errno, 0: none */
	enum ft_exit exit; /* what the command should exit with */
	char text[512];	   /* "what: where: why; what to do", no newline */
};

/* Fills *err (which may be NULL) and returns code, so: return ft_fail(...). */
int ft_fail(struct ft_error *err, int code, enum ft_exit status, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif /* FT_ERROR_H */
