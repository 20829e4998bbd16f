/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether the sources page_ref and inline see the same operations: per folio, as multisets
 * of (op, delta, function), as their order may differ.
 */
#ifndef FT_CORE_COMPARE_COMPARE_H
#define FT_CORE_COMPARE_COMPARE_H

#include "core/compare/compare_why.h"

struct ft_compare {
	struct ft_comparison total;
	struct ft_difference *rows; /* by function, op, delta and reason */
	size_t nr, room;
	bool *matched; /* scratch: of each event, whether both saw it */
	size_t matched_room;
	struct ft_explained explained;
};

void ft_compare__free(struct ft_compare *cmp);
/* Nothing to do unless the run has both sources. -ENOMEM. */
int ft_compare__folio(struct ft_compare *cmp, const struct ft_analysis *c);
int ft_compare__complete(struct ft_compare *cmp, struct ft_run *run, struct ft_arena *arena);

#endif /* FT_CORE_COMPARE_COMPARE_H */
