/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FT_RENDER_TIMELINE_CALLS_H
#define FT_RENDER_TIMELINE_CALLS_H

#include "model.h"

/*
 * The calls without the folio that its timeline shows, entries and returns by time: those
 * around its events in the same task, and those between two of its events while it was
 * locked. *out is the caller's to free; its elements are the run's. 0 or -ENOMEM.
 */
int calls__of(const struct ft_run *run, const struct ft_folio *folio, const struct ft_call ***out,
	      size_t *nr);

#endif /* FT_RENDER_TIMELINE_CALLS_H */
