// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/index/sites.h"

/* A kernel has some 2000 inlined atomics on _refcount; modules add to them. */
#define ID_MAX (1U << 22)

int ft_sites__init(struct ft_sites *sites, struct ft_arena *arena)
{
	*sites = (struct ft_sites){ 0 };
	sites->unknown = ft_arena__alloc(arena, 1, sizeof(*sites->unknown));
	if (!sites->unknown)
		return -ENOMEM;
	sites->unknown->function = "?";
	return 0;
}

void ft_sites__free(struct ft_sites *sites)
{
	free(sites->hooks.by_id);
	free(sites->inlined.by_id);
	free(sites->all);
	*sites = (struct ft_sites){ 0 };
}

static int grow(struct ft_site_table *t, uint32_t id)
{
	size_t size = t->size ? t->size : 64;
	struct ft_site **p;

	while (size <= id)
		size *= 2;
	if (size == t->size)
		return 0;
	p = realloc(t->by_id, size * sizeof(*p));
	if (!p)
		return -ENOMEM;
	memset(p + t->size, 0, (size - t->size) * sizeof(*p));
	t->by_id = p;
	t->size = size;
	return 0;
}

int ft_sites__add(struct ft_sites *sites, bool hook, struct ft_site *site)
{
	struct ft_site_table *t = hook ? &sites->hooks : &sites->inlined;
	int code;

	if (site->id > ID_MAX)
		return -EINVAL;
	code = grow(t, site->id);
	if (code)
		return code;
	if (t->by_id[site->id]) { /* told again: events may point to the first one */
		*t->by_id[site->id] = *site;
		return 0;
	}
	if (sites->nr == sites->room) {
		size_t room = sites->room ? 2 * sites->room : 64;
		struct ft_site **all = realloc(sites->all, room * sizeof(*all));

		if (!all)
			return -ENOMEM;
		sites->all = all;
		sites->room = room;
	}
	t->by_id[site->id] = site;
	sites->all[sites->nr++] = site;
	return 0;
}
