/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Source lines of kernel code, as debug info tells them: asked by a renderer for
 * what it shows, answered by src/debuginfo.
 */
#ifndef FT_LINES_H
#define FT_LINES_H

#include <stdbool.h>
#include <stdint.h>

/* A place in kernel code; names and offset are those of its symbol. */
struct ft_code {
	const char *function, *module; /* module NULL: vmlinux */
	uint64_t offset;
	uint64_t address; /* while tracing; 0: not known */
	bool after;	  /* a return address: the call before it is meant */
};

/* One function on the way, and the line in it: of the instruction in the first, of
 * the call that was inlined in the others. */
struct ft_line {
	const char *function, *file; /* file NULL: not known */
	uint32_t line;
};

/* Innermost first; the last is the function that the symbol names. */
struct ft_lines {
	struct ft_line *line;
	uint32_t nr;
};

struct ft_line_finder {
	/* NULL: not to be had. What is returned lives as long as the finder. */
	const struct ft_lines *(*find)(void *arg, const struct ft_code *code);
	/* How to get what was not to be had, in one line; NULL: nothing was missed. */
	const char *(*hint)(void *arg);
	void *arg;
};

#endif /* FT_LINES_H */
