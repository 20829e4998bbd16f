/* SPDX-License-Identifier: GPL-2.0 */
/* From a failed split or migration to the references that were in its way. */
#ifndef FT_CORE_QUERY_WHY_HOLDERS_H
#define FT_CORE_QUERY_WHY_HOLDERS_H

#include "core/attribution/attributor.h"
#include "why.h"

/* Fills transients, unseen and unknown from the operations before the failure. Does
 * nothing without exact events. 0 or -ENOMEM. */
int ft_why__transients(struct ft_attributor *attributor, struct ft_failure *f);

#endif /* FT_CORE_QUERY_WHY_HOLDERS_H */
