/* SPDX-License-Identifier: GPL-2.0 */
/* Reads the refs of a folio lifetime from its events, and what it ends with. */
#ifndef FT_CORE_ATTRIBUTION_REFS_H
#define FT_CORE_ATTRIBUTION_REFS_H

#include "core/attribution/ref.h"

/*
 * The references at the end of a lifetime: what is expected, and what differs from it. A
 * pin is one unit here, also of a single page, where it is FT_PIN_BIAS references.
 */
struct ft_ref_end {
	int64_t mapped, cached, pinned;
	int64_t unowned_pins; /* that the folio shows, and nobody can have any more */
	int64_t kept;	      /* the baseline of an adopted folio, what is found: not reported */
	int64_t in_pipes, in_sockets; /* of those kept: found at the end */
	int64_t surplus;	      /* negative: an over-put */
};

/*
 * Fills refs with the operations among events that the run's exact source saw. kind: of
 * the folio, for events that do not show it. 0 or -ENOMEM.
 */
int ft_refs__read(struct ft_refs *refs, struct ft_callers *callers, enum ft_kind kind,
		  const struct ft_event *events, size_t nr);
/* Whether nothing was lost of this lifetime and it ended without a surplus: then each of
 * its gets has its put among refs, and others can be learned from them. */
bool ft_refs__is_balanced(const struct ft_refs *refs, const struct ft_folio *folio);
/* What a balanced lifetime ends with. */
struct ft_ref_end ft_refs__end_of_balanced(const struct ft_refs *refs,
					   const struct ft_folio *folio);
/* What a lifetime with a surplus ends with. False if its operations do not lead to that
 * count: then not all of them were seen. */
bool ft_refs__end(const struct ft_refs *refs, const struct ft_folio *folio, struct ft_ref_end *end);
void ft_refs__free(struct ft_refs *refs);

#endif /* FT_CORE_ATTRIBUTION_REFS_H */
