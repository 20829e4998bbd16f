// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/index/sites.h"
#include "core/util/grow.h"

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

static int reach(struct ft_site_table *t, uint32_t id)
{
	size_t size = t->size;

	if (FT_GROW(t->by_id, t->size, (size_t)id + 1))
		return -ENOMEM;
	memset(t->by_id + size, 0, (t->size - size) * sizeof(*t->by_id));
	return 0;
}

int ft_sites__add(struct ft_sites *sites, bool hook, struct ft_site *site)
{
	struct ft_site_table *t = hook ? &sites->hooks : &sites->inlined;
	int code;

	if (site->id > ID_MAX)
		return -EINVAL;
	code = reach(t, site->id);
	if (code)
		return code;
	if (t->by_id[site->id]) { /* replaced in place: events may point to it */
		*t->by_id[site->id] = *site;
		return 0;
	}
	if (FT_GROW(sites->all, sites->room, sites->nr + 1))
		return -ENOMEM;
	t->by_id[site->id] = site;
	sites->all[sites->nr++] = site;
	return 0;
}
