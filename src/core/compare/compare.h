/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sources page_ref and inline side by side: do they see the same operations? Per
 * folio, as multisets of (op, delta, function), so that order does not matter.
 */
#ifndef FT_CORE_COMPARE_COMPARE_H
#define FT_CORE_COMPARE_COMPARE_H

#include "core/compare/compare_why.h"

struct ft_compare {
	struct ft_comparison total;
	struct ft_difference *rows; /* by function, op, delta and reason */
	size_t nr, room;
	bool *matched; /* scratch: of the case's events */
	size_t matched_room;
	struct ft_explained explained;
};

void ft_compare__free(struct ft_compare *cmp);
/* Nothing to do unless the run has both sources. -ENOMEM. */
int ft_compare__folio(struct ft_compare *cmp, const struct ft_analysis *c);
int ft_compare__complete(struct ft_compare *cmp, struct ft_run *run, struct ft_arena *arena);

#endif /* FT_CORE_COMPARE_COMPARE_H */
