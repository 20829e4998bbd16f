/* SPDX-License-Identifier: GPL-2.0 */
/* Fills folio->lost from an attribution: which references, and what is known of each. */
#ifndef FT_CORE_ATTRIBUTION_ANSWER_H
#define FT_CORE_ATTRIBUTION_ANSWER_H

#include "core/attribution/pair_model.h"
#include "core/attribution/rank.h"
#include "core/attribution/refs.h"

/* What the attribution was made from. */
struct ft_evidence {
	struct ft_callers *callers; /* and the run and the arena in it */
	const struct ft_refs *refs;
	const struct ft_classes *classes;
	const struct ft_model *model;
};

/* Fills folio->lost, which the arena owns, with at most |end->surplus| references.
 * 0 or -ENOMEM. */
int ft_evidence__answer(const struct ft_evidence *evidence, struct ft_folio *folio,
			const struct ft_ref_end *end, const struct ft_attribution *a);

#endif /* FT_CORE_ATTRIBUTION_ANSWER_H */
