/* SPDX-License-Identifier: GPL-2.0 */
/* The text of the running kernel or of one module, and its functions. */
#ifndef FT_CAPTURE_SITES_TEXT_H
#define FT_CAPTURE_SITES_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/kernel/symbols.h"
#include "error.h"
#include "site.h"

struct text {
	uint64_t start;
	size_t size;
	void *bytes;
	struct ft_function *functions; /* ascending; names are the symbols' */
	size_t nr_functions;
	uint32_t module; /* 0: the kernel */
};

/* Finds where the text of the kernel or of a loaded module is. False: not known. */
bool text__of_kernel(struct text *t, const struct symbols *s);
bool text__of_module(struct text *t, const struct symbols *s, uint32_t module);
/* Reads the bytes and lists the functions. */
int text__read(struct text *t, const struct symbols *s, struct ft_error *err);
void text__free(struct text *t);

#endif /* FT_CAPTURE_SITES_TEXT_H */
