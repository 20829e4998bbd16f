/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mappings by call: which references a call took or put for the mappings that it added or
 * removed. What others do to the folio meanwhile does not count, whatever its mapcount says.
 */
#ifndef FT_CORE_ATTRIBUTION_RMAP_H
#define FT_CORE_ATTRIBUTION_RMAP_H

#include "core/attribution/ref.h"

/*
 * Adds the step of event at, if it is the return of a function of mm/rmap.c that added or
 * removed mappings (folio_add_anon_rmap_ptes(), folio_remove_rmap_pmd(), ...). 0 or -ENOMEM.
 */
int ft_refs__add_step(struct ft_refs *refs, const struct ft_event *events, size_t at);
/*
 * Sets maps, raised and lowered of each ref, and in mapped counts a mapping from the moment
 * its reference is taken until that is put. 0 or -ENOMEM.
 */
int ft_refs__match_steps(struct ft_refs *refs);

#endif /* FT_CORE_ATTRIBUTION_RMAP_H */
