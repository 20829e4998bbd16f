/* SPDX-License-Identifier: GPL-2.0 */
/* Living owners that were found at the end, by folio. */
#ifndef FT_CORE_INDEX_OWNERS_H
#define FT_CORE_INDEX_OWNERS_H

#include "core/util/arena.h"
#include "model.h"

struct ft_owners_found {
	struct ft_arena *arena;
	struct ft_found_owner *list;
	size_t nr, room;
};

void ft_owners_found__init(struct ft_owners_found *found, struct ft_arena *arena);
void ft_owners_found__free(struct ft_owners_found *found);
/* 0, -ENOMEM, or -EINVAL: a record that cannot be right. */
int ft_owners_found__add(struct ft_owners_found *found, const struct ft_wire_owner *o);
/* Moves them to the run, in order of folio. -ENOMEM. */
int ft_owners_found__export(struct ft_owners_found *found, struct ft_run *run);

/* The records of one folio: *first and how many. */
size_t ft_run__found_owners(const struct ft_run *run, uint32_t folio,
			    const struct ft_found_owner **first);
/* Units of a class that were found of a folio. */
int64_t ft_run__units_found(const struct ft_run *run, uint32_t folio, enum ft_owner_class class);

#endif /* FT_CORE_INDEX_OWNERS_H */
