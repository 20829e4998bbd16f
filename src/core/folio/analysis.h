/* SPDX-License-Identifier: GPL-2.0 */
/* What is known of one folio lifetime while it is judged: a type, no functions. */
#ifndef FT_CORE_FOLIO_ANALYSIS_H
#define FT_CORE_FOLIO_ANALYSIS_H

#include "core/util/arena.h"
#include "model.h"

struct ft_analysis {
	const struct ft_run *run;
	struct ft_arena *arena; /* the run's */
	struct ft_folio *folio;
	const struct ft_event *events; /* in order of seq, each number once */
	size_t nr;
	bool birth_lost;     /* neither its birth nor its adoption was recorded */
	bool reused;	     /* the memory has another owner now, and the death was not seen */
	bool baseline_known; /* there is a stable reading before the final ones */
	int64_t pins_before; /* of a large folio that was adopted */
	const struct ft_event *last, *before; /* the last two snapshots, or NULL */
	const struct ft_event *rest; /* the last of those that agree with the one before, or NULL */
	bool disturbed;		     /* an event came after the last snapshot */
};

#endif /* FT_CORE_FOLIO_ANALYSIS_H */
