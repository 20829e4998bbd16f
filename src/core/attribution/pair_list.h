/* SPDX-License-Identifier: GPL-2.0 */
/* Collects what runs have learned, by names, for those that come after them. */
#ifndef FT_CORE_ATTRIBUTION_PAIR_LIST_H
#define FT_CORE_ATTRIBUTION_PAIR_LIST_H

#include "core/attribution/pair_model.h"
#include "core/util/strings.h"
#include "pairs.h"

struct ft_pair_list {
	struct ft_arena *arena; /* of the names */
	struct ft_strings names;
	struct ft_pair *list;
	size_t nr, room;
	struct ft_hash index;
};

void ft_pair_list__init(struct ft_pair_list *list, struct ft_arena *arena);
void ft_pair_list__free(struct ft_pair_list *list);
/* A row, or more weight of one that is there. The names are copied. 0 or -ENOMEM. */
int ft_pair_list__add(struct ft_pair_list *list, const struct ft_pair *pair);
int ft_pair_list__add_all(struct ft_pair_list *list, const struct ft_pairs *pairs);
/* All that a model has from the lifetimes of its run. */
int ft_pair_list__add_model(struct ft_pair_list *list, const struct ft_model *model,
			    const struct ft_classes *classes);
/* A copy of the weightiest in the arena, in an order that is always the same. */
int ft_pair_list__finish(struct ft_pair_list *list, struct ft_pairs *pairs);

#endif /* FT_CORE_ATTRIBUTION_PAIR_LIST_H */
