/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The call interval of a get: the functions that ran between the get and the return of
 * the function around it. One of them should have put the reference.
 */
#ifndef FT_CORE_ATTRIBUTION_INTERVAL_H
#define FT_CORE_ATTRIBUTION_INTERVAL_H

#include "core/util/arena.h"
#include "model.h"

/*
 * Sets lost->in and lost->returned, a few functions that ran in the interval and put
 * nothing, by the function entries and exits that were seen. 0 or -ENOMEM.
 */
int ft_lost__find_returned(const struct ft_run *run, struct ft_arena *arena,
			   const struct ft_folio *folio, struct ft_lost *lost);

#endif /* FT_CORE_ATTRIBUTION_INTERVAL_H */
