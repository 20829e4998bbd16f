/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FT_CORE_VERDICT_JUDGE_H
#define FT_CORE_VERDICT_JUDGE_H

#include "core/folio/analysis.h"

/* Sets verdict and reason of the folio. */
void ft_analysis__judge(struct ft_analysis *c);
/* Decides the questions that ft_analysis__judge() has left, once the lost references are
 * named: whether their owners can still exist. */
void ft_run__weigh_owners(struct ft_run *run);
/* Fills folio->lost of a leak or an over-put; its events must be kept. -ENOMEM. */
int ft_analysis__infer_lost(struct ft_analysis *c);
/* Sets verdict, reason and doubt of the run by its counts and losses. */
void ft_run__judge(struct ft_run *run);

#endif /* FT_CORE_VERDICT_JUDGE_H */
