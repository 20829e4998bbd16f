/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What other runs taught about pairs, to be asked by the names of two classes: of a function
 * with its callers if they are known so, else with one caller, else of the function alone.
 */
#ifndef FT_CORE_ATTRIBUTION_PAIR_TABLE_H
#define FT_CORE_ATTRIBUTION_PAIR_TABLE_H

#include "core/attribution/class.h"
#include "pairs.h"

struct ft_pair_sum {
	uint64_t key;
	double weight;
};

/* Zeroed: empty. */
struct ft_pair_table {
	struct ft_pair_sum *list;
	size_t nr, room;
	struct ft_hash index; /* by key */
};

/* Adds the pairs, each scale times as heavy. The names need not stay. 0 or -ENOMEM. */
int ft_pair_table__add(struct ft_pair_table *table, const struct ft_pairs *pairs, double scale);
void ft_pair_table__free(struct ft_pair_table *table);
/* How much the table has of gets of this class. */
double ft_pair_table__known(const struct ft_pair_table *table, const struct ft_class *get,
			    enum ft_class_level level);
/* P(put | get) at a level; p: what is to be believed as far as the table does not know. */
double ft_pair_table__p(const struct ft_pair_table *table, const struct ft_class *get,
			const struct ft_class *put, enum ft_class_level level, double p);

#endif /* FT_CORE_ATTRIBUTION_PAIR_TABLE_H */
