/* SPDX-License-Identifier: GPL-2.0 */
/* Hooks and inline sites by the numbers that the events carry. */
#ifndef FT_CORE_INDEX_SITES_H
#define FT_CORE_INDEX_SITES_H

#include "core/util/arena.h"
#include "model.h"

struct ft_site_table {
	struct ft_site **by_id;
	size_t size;
};

struct ft_sites {
	struct ft_site_table hooks, inlined;
	struct ft_site *unknown; /* for numbers that no site has */
	struct ft_site **all;	 /* in the order they were added */
	size_t nr, room;
};

int ft_sites__init(struct ft_sites *sites, struct ft_arena *arena);
void ft_sites__free(struct ft_sites *sites);
/* The site belongs to the arena; a later one of the same number replaces its contents.
 * 0, -ENOMEM, or -EINVAL: the number is out of range. */
int ft_sites__add(struct ft_sites *sites, bool hook, struct ft_site *site);

static inline const struct ft_site *ft_sites__get(const struct ft_sites *sites, uint8_t source,
						  uint32_t id)
{
	const struct ft_site_table *t = source == FT_SRC_INLINE ? &sites->inlined : &sites->hooks;

	return id < t->size && t->by_id[id] ? t->by_id[id] : sites->unknown;
}

#endif /* FT_CORE_INDEX_SITES_H */
