/* SPDX-License-Identifier: GPL-2.0 */
/* Why only one of two sources saw an operation. */
#ifndef FT_CORE_COMPARE_COMPARE_WHY_H
#define FT_CORE_COMPARE_COMPARE_WHY_H

#include "core/folio/analysis.h"

/* An out-of-line copy, the function, what it is inlined into. */
#define FT_COMPARE_FRAMES 3

/* e, of page_ref: its function has a site that the kernel refused to probe. */
bool ft_compare__is_refused(const struct ft_run *run, const struct ft_event *e);

/* Misses that the kernel counted and that have explained a difference, all folios. */
struct ft_explained {
	uint64_t probes, refs; /* of loss.missed_probes, of loss.missed_refs */
};

/* What is known of the operations on one folio that only one source saw. */
struct ft_alone_folio {
	struct ft_explained *explained;
	const bool *matched; /* which of c->events both saw */
	const struct ft_analysis *c;
	uint64_t gaps_used; /* records lost that have explained one */
	/* The operations that page_ref has not are what its sum lacks: all of them, or all
	 * but those at the edges of the lifetime. */
	bool all_lack, inner_lack;
};

struct ft_alone_folio ft_compare__alone(struct ft_explained *explained, const bool *matched,
					const struct ft_analysis *c);
/* To be called once for each of them, as a counted miss explains one. */
enum ft_alone ft_compare__why(struct ft_alone_folio *a, const struct ft_event *e);

#endif /* FT_CORE_COMPARE_COMPARE_WHY_H */
