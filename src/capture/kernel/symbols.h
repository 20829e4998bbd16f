/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /proc/kallsyms: the functions of the kernel and its modules. Read once, as the kernel takes longer
 * to print it than we to process it.
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
	struct symbol *operations; /* data that may be a struct address_space_operations, by name */
	size_t nr_operations;
};

/* Only the text symbols of one module if module is not NULL. */
int symbols__read(struct symbols *s, const char *module, struct ft_error *err);
/* Removes those of a module, which was loaded again; its strings stay. */
void symbols__forget(struct symbols *s, const char *module);
/* Adds the symbols of one module, and takes over others from it, the later reading; 0 or -ENOMEM. */
int symbols__merge(struct symbols *all, struct symbols *more);
void symbols__free(struct symbols *s);

/* The function that address lies in (greatest address not above it), or NULL. */
const struct symbol *symbols__find(const struct symbols *s, uint64_t address);
/* The address_space_operations that are at this address, or NULL. */
const struct symbol *symbols__operations(const struct symbols *s, uint64_t address);
/* The end of the symbol at address: where the next one, or other text, begins. */
uint64_t symbols__end(const struct symbols *s, uint64_t address);
const char *symbols__name(const struct symbols *s, const struct symbol *sym);
/* NULL for the kernel itself. */
const char *symbols__module(const struct symbols *s, const struct symbol *sym);

#endif /* FT_CAPTURE_KERNEL_SYMBOLS_H */
