/* SPDX-License-Identifier: GPL-2.0 */
/* What is left of a folio's counts at rest when all owners that are known have theirs. */
#ifndef FT_CORE_VERDICT_LEFT_H
#define FT_CORE_VERDICT_LEFT_H

#include "core/folio/analysis.h"

struct ft_left {
	/* As in struct ft_folio (ownerless). */
	struct ft_units units;
	bool mappings_unsearched; /* some, and not all page tables could be searched */
	int64_t mappings_open;	  /* then: how many */
};

/* Of the last reading. */
struct ft_left ft_analysis__left(const struct ft_analysis *c);
/* What of the surplus was there before: the baseline of an adopted folio, else 0. */
int64_t ft_analysis__allowed(const struct ft_analysis *c);

#endif /* FT_CORE_VERDICT_LEFT_H */
