/* SPDX-License-Identifier: GPL-2.0 */
/* Names that text and JSON have in common. */
#ifndef FT_RENDER_NAMES_H
#define FT_RENDER_NAMES_H

#include "diff.h"
#include "model.h"

/* Big enough for "F4294967295" and for a size. */
#define FT_NAME_LEN 24

struct ft_name {
	char s[FT_NAME_LEN];
};

/* "F3"; "?" for 0. */
struct ft_name name__of(uint32_t id);

/* "2 MiB", "4 KiB": a folio of this order. */
struct ft_name name__size(const struct ft_run *run, uint32_t order);

/* "EAGAIN" of -EAGAIN; NULL for a value that is no error number known here. */
const char *name__error(int64_t value);

/* Of a mark or a checkpoint: "born", ...; NULL for any other step. */
const char *name__step(const struct ft_step *step);

/* The owner of n units, behind their number: "mappings", "pipe", "from before"; "" for a
 * plain reference. */
const char *name__owner(enum ft_owner_class class, int64_t n);

/* enum ft_context, enum ft_source */
const char *name__context(unsigned int context);
const char *name__source(unsigned int source);

/* FT_PF_* one by one: name of the nth flag, NULL after the last. */
const char *name__flag(unsigned int n, uint32_t *mask);

#endif /* FT_RENDER_NAMES_H */
