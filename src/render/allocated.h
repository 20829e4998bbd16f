/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel and driver pages that were allocated while tracing and are there at the end. */
#ifndef FT_RENDER_ALLOCATED_H
#define FT_RENDER_ALLOCATED_H

#include "model.h"

struct allocated {
	int64_t pages;
	const struct ft_site *site;   /* NULL: not known */
	bool exact;		      /* it was allocated there; else it was seen there first */
	const struct ft_event *event; /* that one; NULL: not kept */
	uint32_t pid;		      /* 0: not known */
	const char *comm;	      /* NULL: not known */
};

bool allocated__is(const struct ft_folio *folio);
bool allocated__any(const struct ft_run *run);
/* Of a folio for which allocated__is(). */
struct allocated allocated__of(const struct ft_folio *folio);

#endif /* FT_RENDER_ALLOCATED_H */
