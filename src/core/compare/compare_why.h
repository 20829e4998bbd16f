/* SPDX-License-Identifier: GPL-2.0 */
/* Why only one of two sources saw an operation. */
#ifndef FT_CORE_COMPARE_COMPARE_WHY_H
#define FT_CORE_COMPARE_COMPARE_WHY_H

#include "core/compare/compare.h"

/* An out-of-line helper, the function, what it is inlined into. */
#define FT_COMPARE_FRAMES 3

/* "f.cold" and "f.isra.0" are f. */
bool ft_compare__same_function(const char *a, const char *b);
/* e, of page_ref: its function has a site that the kernel refused to probe. */
bool ft_compare__is_refused(const struct ft_run *run, const struct ft_event *e);

/* What is known of the operations of one case that only one source saw. */
struct ft_alone_folio {
	struct ft_compare *cmp;
	const struct ft_analysis *c;
	uint64_t gaps_used; /* records lost that have explained one */
	/* What page_ref has not is what its sum lacks: all of it, or but for what is at the
	 * edges of the life. */
	bool all_lack, inner_lack;
};

/* cmp->matched tells which events of the case both saw. */
struct ft_alone_folio ft_compare__alone(struct ft_compare *cmp, const struct ft_analysis *c);
/* Once for each of them: a counted miss explains one. */
enum ft_alone ft_compare__why(struct ft_alone_folio *a, const struct ft_event *e);

#endif /* FT_CORE_COMPARE_COMPARE_WHY_H */
