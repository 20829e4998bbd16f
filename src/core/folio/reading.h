/* SPDX-License-Identifier: GPL-2.0 */
/* One event as a reading of the folio: its counts beside the expected one. */
#ifndef FT_CORE_FOLIO_READING_H
#define FT_CORE_FOLIO_READING_H

#include "core/folio/analysis.h"

/*
 * False where the counts are unknown or of a tail page, and at a death: what is read
 * there belongs to the allocator.
 */
static inline bool ft_event__is_reading(const struct ft_event *e)
{
	return e->mapcount != FT_UNKNOWN && e->refcount != FT_UNKNOWN && !(e->flags & FT_PF_TAIL) &&
	       e->op != FT_OP_DIED;
}

/* A function that adds mappings has returned. */
static inline bool ft_event__maps(const struct ft_event *e)
{
	return e->op == FT_OP_RETURN &&
	       (e->site->role == FT_ROLE_MAP || e->site->role == FT_ROLE_MAP_NEW);
}

/* The kind that flags show. Out of the page cache nothing shows it: then the one before. */
static inline enum ft_kind ft_kind__after(enum ft_kind before, uint32_t flags)
{
	enum ft_kind kind = ft_kind__of(flags);

	return kind == FT_KIND_UNKNOWN ? before : kind;
}

static inline enum ft_kind ft_analysis__kind(const struct ft_analysis *c, const struct ft_event *e)
{
	return ft_kind__after(c->folio->kind, e->flags);
}

struct ft_expected ft_analysis__expected(const struct ft_analysis *c, const struct ft_event *e);
/* refcount - expected; 0 if e is no reading. */
int64_t ft_analysis__surplus(const struct ft_analysis *c, const struct ft_event *e);
/* References that the task of e must hold for its call to make sense, by the holder
 * table; -1: no row. e is one of c->events. */
int ft_analysis__transient_at(const struct ft_analysis *c, const struct ft_event *e);
/* Fills all of r but at_rest. */
void ft_analysis__read(const struct ft_analysis *c, const struct ft_event *e, struct ft_reading *r);

#endif /* FT_CORE_FOLIO_READING_H */
