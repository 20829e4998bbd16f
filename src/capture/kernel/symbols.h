/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /proc/kallsyms, read once: the kernel's and its modules' functions. Reading it
 * costs the kernel more than anything done with it afterwards.
 */
#ifndef FT_CAPTURE_KERNEL_SYMBOLS_H
#define FT_CAPTURE_KERNEL_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

struct symbol {
	uint64_t address;
	uint32_t name;	 /* offset into strings */
	uint32_t module; /* the same; 0: the kernel itself */
};

struct symbols {
	struct symbol *by_address; /* text symbols, ascending; no __pfx_ padding */
	size_t nr;
	char *strings;
	size_t strings_size;
	uint64_t stext, etext;
	uint64_t *others; /* text that is none of these and none of the kernel's own: BPF programs,
			   * trampolines, copied instructions; ascending */
	size_t nr_others;
};

/* Only the text symbols of one module if module is not NULL. */
int symbols__read(struct symbols *s, const char *module, struct ft_error *err);
/* Drops those of a module, which is loaded anew; its strings stay. */
void symbols__forget(struct symbols *s, const char *module);
/* Puts the symbols of one module among the others; 0 or -ENOMEM. What else there is now is known
 * from the later reading alone. */
int symbols__merge(struct symbols *all, struct symbols *more);
void symbols__free(struct symbols *s);

/* The function that address lies in (greatest address not above it), or NULL. */
const struct symbol *symbols__find(const struct symbols *s, uint64_t address);
/* Where something else than the symbol at address begins, at the latest. */
uint64_t symbols__end(const struct symbols *s, uint64_t address);
const char *symbols__name(const struct symbols *s, const struct symbol *sym);
/* NULL for the kernel itself. */
const char *symbols__module(const struct symbols *s, const struct symbol *sym);

#endif /* FT_CAPTURE_KERNEL_SYMBOLS_H */
