/* SPDX-License-Identifier: GPL-2.0 */
/* What it costs to assume that a put answers a get, in nats. */
#ifndef FT_CORE_ATTRIBUTION_COST_H
#define FT_CORE_ATTRIBUTION_COST_H

#include "core/attribution/assign.h"
#include "core/attribution/pair_model.h"

/*
 * Gets and puts, reference by reference: demands, each of which needs a partner, and
 * supplies, some of which stay unmatched. Of a leak the puts are the demands.
 */
struct ft_sides {
	const struct ft_token **demands, **supplies; /* rows and columns of the assignment */
	size_t nr_demands, nr_supplies;
	bool over_put; /* the gets are the demands */
};

/* How different the callers of two sites are: 1 less the share of the shorter stack that
 * both have in common, frame 0 left out; 1 if there is no stack. */
double ft_cost__of_frames(const struct ft_stack *a, const struct ft_stack *b);

/* What it costs that put answers get, in a lifetime without a surplus. model may be NULL. */
double ft_cost__of_pair(const struct ft_token *get, const struct ft_token *put,
			const struct ft_model *model);

/* Points into tokens. 0 or -ENOMEM, then there is nothing to free; as below. */
int ft_sides__of(struct ft_sides *sides, const struct ft_tokens *tokens);
void ft_sides__free(struct ft_sides *sides);
/* Allocates a and fills in what each pair costs. Columns from nr_supplies on are for
 * demands without a partner. model may be NULL. */
int ft_sides__price(const struct ft_sides *sides, const struct ft_model *model,
		    struct ft_assignment *a);
/* The same, solved. */
int ft_sides__assign(const struct ft_sides *sides, const struct ft_model *model,
		     struct ft_assignment *a);

#endif /* FT_CORE_ATTRIBUTION_COST_H */
