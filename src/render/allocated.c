// SPDX-License-Identifier: GPL-2.0
#include "render/allocated.h"

bool allocated__is(const struct ft_folio *folio)
{
	return folio->reason.code == FT_REASON_STILL_ALLOCATED && !ft_folio__is_bad(folio);
}

bool allocated__any(const struct ft_run *run)
{
	size_t i;

	for (i = 0; i < run->nr_folios; i++)
		if (allocated__is(run->folios[i]))
			return true;
	return false;
}

struct allocated allocated__of(const struct ft_folio *folio)
{
	const struct ft_event *e = folio->nr_events ? &folio->events[0] : NULL;
	struct allocated a = {
		.pages = folio->reason.n[0],
		.site = folio->reason.site,
		.exact = folio->reason.site != NULL,
		.event = e,
		.comm = folio->reason.comm,
	};

	if (!e)
		return a;
	if (!a.site)
		a.site = e->site;
	if (!a.comm)
		a.comm = e->comm;
	a.pid = e->pid;
	return a;
}
