/* SPDX-License-Identifier: GPL-2.0 */
/* Findings: the leaked and over-put folios by what they have in common. */
#ifndef FT_CORE_VERDICT_GROUPS_H
#define FT_CORE_VERDICT_GROUPS_H

#include "model.h"

/* Says again which folio of each group tells its story, and what they lost, once other folios
 * are hidden. */
void ft_run__sum_groups(struct ft_run *run);

#endif /* FT_CORE_VERDICT_GROUPS_H */
