/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FT_CORE_VERDICT_JUDGE_H
#define FT_CORE_VERDICT_JUDGE_H

#include "core/folio/analysis.h"

/* Sets verdict and reason of the life. */
int ft_analysis__judge(struct ft_analysis *c);
/* Fills life->lost of a leak or an over-put; its events must be kept. */
int ft_analysis__infer_lost(struct ft_analysis *c);
/* Adds up the lives and sets verdict and reason of the run. */
int ft_run__judge(struct ft_run *run, struct ft_arena *arena);

#endif /* FT_CORE_VERDICT_JUDGE_H */
