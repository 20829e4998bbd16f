/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Errors. A function that can fail returns 0 or -errno. One that takes a struct ft_error fills
 * it when it fails: the lowest function that knows what, where and why does, those above it
 * hand it on, and the command prints it as one line.
 */
#ifndef FT_ERROR_H
#define FT_ERROR_H

/* Exit statuses of run and check; other commands use 0 and FT_EXIT_FAILURE, and diff 1, too. */
enum ft_exit {
	FT_EXIT_PASS = 0,
	FT_EXIT_FAIL = 1, /* leak, over-put, expectation not met */
	FT_EXIT_INCONCLUSIVE = 3,
	FT_EXIT_CANNOT_TRACE = 4,  /* this kernel or user cannot trace: for tests a skip */
	FT_EXIT_FAILURE = 125,	   /* folio-trace failed, or was used wrongly */
	FT_EXIT_CANNOT_EXEC = 126, /* the command, as a shell has it */
	FT_EXIT_NOT_FOUND = 127,
};

struct ft_error {
	int code;	   /* -errno, 0: none */
	enum ft_exit exit; /* what the command should exit with */
	char text[512];	   /* "what: where: why; what to do", no newline */
};

/*
 * Fills *err, which is the caller's and may be NULL, with a text of at most 511 bytes, and
 * returns code: return ft_fail(...);
 */
int ft_fail(struct ft_error *err, int code, enum ft_exit status, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif /* FT_ERROR_H */
