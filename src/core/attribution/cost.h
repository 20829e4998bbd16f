/* SPDX-License-Identifier: GPL-2.0 */
/* What it costs to believe that a put answers a get, in nats. */
#ifndef FT_CORE_ATTRIBUTION_COST_H
#define FT_CORE_ATTRIBUTION_COST_H

#include "core/attribution/assign.h"
#include "core/attribution/pair_model.h"

/* The two sides, reference by reference: those that must be answered, and those
 * of which some are left over. */
struct ft_sides {
	const struct ft_token **must, **may; /* rows and columns */
	size_t nr_must, nr_may;
	bool over_put; /* must are the gets, may the puts */
};

/* 1 less the share of the shorter stack that both have, without the sites; 1 if there
 * is none. */
double ft_cost__of_frames(const struct ft_stack *a, const struct ft_stack *b);
int ft_sides__of(struct ft_sides *sides, const struct ft_tokens *tokens);
void ft_sides__free(struct ft_sides *sides);
/* Fills in what each pair costs. Columns from nr_may on stand for rows that nothing
 * answers. */
int ft_sides__price(const struct ft_sides *sides, const struct ft_model *model,
		    struct ft_assignment *a);
/* The same, solved. */
int ft_sides__assign(const struct ft_sides *sides, const struct ft_model *model,
		     struct ft_assignment *a);

#endif /* FT_CORE_ATTRIBUTION_COST_H */
