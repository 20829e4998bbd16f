/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Source lines of kernel code. A renderer asks for the places that it shows; src/debuginfo
 * answers from debug info. render/ knows nothing of DWARF this way.
 */
#ifndef FT_LINES_H
#define FT_LINES_H

#include <stdbool.h>
#include <stdint.h>

/* A place in kernel code: offset is in bytes from the start of function. */
struct ft_code {
	const char *function, *module; /* symbol and its module; module NULL: vmlinux */
	uint64_t offset;
	uint64_t address; /* in the traced kernel, so with KASLR; 0: not known */
	bool after;	  /* a return address: the line is that of the call before it */
};

/* A function and a line in it: in the innermost one that of the instruction, in the others
 * that of the inlined call. */
struct ft_line {
	const char *function, *file; /* "mm/rmap.c"; file NULL: not known */
	uint32_t line;		     /* from 1; 0: not known */
};

/* Innermost first; the last is the function of the symbol. At least one. */
struct ft_lines {
	struct ft_line *line;
	uint32_t nr;
};

struct ft_line_finder {
	/* NULL: there are no lines, or no memory. What is returned belongs to the finder. */
	const struct ft_lines *(*find)(void *arg, const struct ft_code *code);
	/* How to get the debug info that find() lacked, in one line without newline; NULL: it
	 * lacked none. Belongs to the finder, until the next call. */
	const char *(*hint)(void *arg);
	void *arg;
};

#endif /* FT_LINES_H */
