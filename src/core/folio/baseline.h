/* SPDX-License-Identifier: GPL-2.0 */
/* Folios from before tracing: the surplus they had, and who added to it. */
#ifndef FT_CORE_FOLIO_BASELINE_H
#define FT_CORE_FOLIO_BASELINE_H

#include "core/folio/analysis.h"

/*
 * Sets c->folio->first and, if the folio's birth was not seen, its baseline: the surplus
 * that was there before tracing. Needs kind, conservation and checkpoints.
 */
void ft_analysis__find_baseline(struct ft_analysis *c);

struct ft_surplus_origin {
	bool exact;		      /* every operation since is known */
	bool ours;		      /* ... and other tasks put as many as they took */
	const struct ft_event *other; /* else: a get by a task outside of the command */
};

/* Of the surplus beyond base that the folio has at rest. Exact sources only. */
struct ft_surplus_origin ft_analysis__surplus_origin(const struct ft_analysis *c, int64_t base);

#endif /* FT_CORE_FOLIO_BASELINE_H */
