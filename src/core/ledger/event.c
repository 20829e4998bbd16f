// SPDX-License-Identifier: GPL-2.0
#include "core/ledger/event.h"

void ft_event__of(const struct ft_wire_event *w, const struct ft_site *site, struct ft_event *e)
{
	*e = (struct ft_event){
		.t_ns = w->t_ns,
		.mapping = w->mapping,
		.value = w->value,
		.aux = w->aux,
		.site = site,
		.comm = "",
		.seq = w->seq,
		.pid = w->pid,
		.tgid = w->tgid,
		.entry_seq = w->entry_seq,
		.delta = w->delta,
		.refcount = w->refcount,
		.mapcount = w->mapcount,
		.entire_mapcount = w->entire_mapcount,
		.pincount = w->pincount,
		.flags = w->flags,
		.cpu = w->head.cpu,
		.op = w->head.op,
		.context = w->head.context,
		.order = w->order,
		.source = w->source,
	};
}
