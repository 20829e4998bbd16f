/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which puts of the command robbed others: what the command took and put by itself, without
 * the others' operations, is an over-put as any other, and is ranked as one.
 */
#ifndef FT_CORE_ATTRIBUTION_ROBBED_H
#define FT_CORE_ATTRIBUTION_ROBBED_H

#include "core/attribution/rank.h"

struct ft_robbed {
	struct ft_tokens own; /* of the command, and those of holders */
	struct ft_attribution attribution;
	int64_t units; /* 0: it cannot be told so */
};

/*
 * whose: which of the tokens, as they were before they were shortened, are another's; units:
 * how many of theirs are missing. Points into robbed. 0 or -ENOMEM.
 */
int ft_robbed__of(struct ft_robbed *robbed, const struct ft_tokens *tokens, const bool *others,
		  int64_t units, const struct ft_model *model);
void ft_robbed__free(struct ft_robbed *robbed);

#endif /* FT_CORE_ATTRIBUTION_ROBBED_H */
