// SPDX-License-Identifier: GPL-2.0
#include "core/folio/holders.h"
#include "core/folio/reading.h"

bool ft_event__is_reading(const struct ft_event *e)
{
	return e->mapcount != FT_UNKNOWN && e->refcount != FT_UNKNOWN && !(e->flags & FT_PF_TAIL) &&
	       e->op != FT_OP_DIED;
}

enum ft_kind ft_analysis__kind(const struct ft_analysis *c, const struct ft_event *e)
{
	enum ft_kind kind = ft_kind__of(e->flags);

	return kind == FT_KIND_UNKNOWN ? c->folio->kind : kind;
}

struct ft_expected ft_analysis__expected(const struct ft_analysis *c, const struct ft_event *e)
{
	return ft_expected__of(ft_analysis__kind(c, e), e->flags, e->order, e->mapcount,
			       e->pincount, ft_run__rules(c->run));
}

int64_t ft_analysis__surplus(const struct ft_analysis *c, const struct ft_event *e)
{
	return ft_event__is_reading(e) ? e->refcount - ft_analysis__expected(c, e).total : 0;
}

int ft_analysis__transient_at(const struct ft_analysis *c, const struct ft_event *e)
{
	return ft_holders__at(c->run, e, e > c->events ? e - 1 : NULL);
}

struct ft_reading ft_analysis__reading(const struct ft_analysis *c, const struct ft_event *e)
{
	return (struct ft_reading){
		.valid = ft_event__is_reading(e),
		.t_ns = e->t_ns,
		.refcount = e->refcount,
		.mapcount = e->mapcount,
		.entire_mapcount = e->entire_mapcount,
		.pincount = e->pincount,
		.flags = e->flags,
		.expected = ft_analysis__expected(c, e),
		.surplus = ft_analysis__surplus(c, e),
	};
}
