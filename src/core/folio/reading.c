// SPDX-License-Identifier: GPL-2.0
#include "core/folio/file_system.h"
#include "core/folio/holders.h"
#include "core/folio/reading.h"

struct ft_expected ft_analysis__expected(const struct ft_analysis *c, const struct ft_event *e)
{
	enum ft_kind kind = ft_analysis__kind(c, e);
	struct ft_expected x = ft_expected__of(kind, e->flags, e->order, e->mapcount, e->pincount,
					       ft_run__rules(c->run));

	if (kind == FT_KIND_FILE && (e->flags & FT_PF_PRIVATE)) {
		x.term[FT_TERM_FILE_SYSTEM] = ft_run__file_system_keeps(c->run, c->events);
		x.total += x.term[FT_TERM_FILE_SYSTEM];
	}
	return x;
}

int64_t ft_analysis__surplus(const struct ft_analysis *c, const struct ft_event *e)
{
	return ft_event__is_reading(e) ? e->refcount - ft_analysis__expected(c, e).total : 0;
}

int ft_analysis__transient_at(const struct ft_analysis *c, const struct ft_event *e)
{
	return ft_holders__at(c->run, e, e > c->events ? e - 1 : NULL);
}

void ft_analysis__read(const struct ft_analysis *c, const struct ft_event *e, struct ft_reading *r)
{
	r->valid = ft_event__is_reading(e);
	r->t_ns = e->t_ns;
	r->refcount = e->refcount;
	r->mapcount = e->mapcount;
	r->entire_mapcount = e->entire_mapcount;
	r->pincount = e->pincount;
	r->flags = e->flags;
	r->expected = ft_analysis__expected(c, e);
	r->surplus = r->valid ? e->refcount - r->expected.total : 0;
}
