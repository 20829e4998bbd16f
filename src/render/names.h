/* SPDX-License-Identifier: GPL-2.0 */
/* What both renderers say in the same words. */
#ifndef FT_RENDER_NAMES_H
#define FT_RENDER_NAMES_H

#include "model.h"

/* Big enough for "F4294967295", and for a size or a flag list. */
#define FT_NAME_LEN 24

struct ft_name {
	char s[FT_NAME_LEN];
};

/* "F3"; "?" for 0. */
struct ft_name name__of(uint32_t id);

/* "2 MiB", "4 KiB": a folio of this order. */
struct ft_name name__size(const struct ft_run *run, uint32_t order);

/* What a function returned. An int leaves the upper half of the register as it
 * was, mostly 0: -12 comes as 4294967284. */
int64_t name__returned(int64_t value);

/* "EAGAIN" of -EAGAIN; NULL for what has no name here. */
const char *name__error(int64_t value);

/* enum ft_context, enum ft_source */
const char *name__context(unsigned int context);
const char *name__source(unsigned int source);

/* FT_PF_* one by one: name of the nth flag, NULL after the last. */
const char *name__flag(unsigned int n, uint32_t *mask);

#endif /* FT_RENDER_NAMES_H */
