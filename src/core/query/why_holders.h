/* SPDX-License-Identifier: GPL-2.0 */
/* From a failure to the gets that were not answered yet. */
#ifndef FT_CORE_QUERY_WHY_HOLDERS_H
#define FT_CORE_QUERY_WHY_HOLDERS_H

#include "core/attribution/attributor.h"
#include "why.h"

/* Fills holdings and unseen from the operations before the failure. Nothing to do
 * without exact events. */
int ft_why__transients(struct ft_attributor *attributor, struct ft_failure *f);

#endif /* FT_CORE_QUERY_WHY_HOLDERS_H */
