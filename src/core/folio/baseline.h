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

/* Whether an adopted folio was read before the command's first operation on it. */
bool ft_analysis__saw_before(const struct ft_analysis *c);
/* What the command's tasks took, less what they put, as an exact source saw it. */
int64_t ft_analysis__taken_by_command(const struct ft_analysis *c);
/*
 * Whether others than the command have taken a part of the count, as the deltas of an
 * exact source show: a living outsider took more than it put, or the surplus is less than
 * it was before.
 */
bool ft_analysis__is_shared(const struct ft_analysis *c);
/* Whether a living outsider took more than it put. */
bool ft_analysis__is_held_by_outsider(const struct ft_analysis *c);

#endif /* FT_CORE_FOLIO_BASELINE_H */
