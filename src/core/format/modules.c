// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/format/modules.h"
#include "core/util/grow.h"

void ft_modules__init(struct ft_modules *modules, struct ft_arena *arena)
{
	*modules = (struct ft_modules){ .arena = arena };
}

void ft_modules__free(struct ft_modules *modules)
{
	free(modules->list);
	*modules = (struct ft_modules){ 0 };
}

static int add(struct ft_modules *modules, const struct ft_module *m)
{
	if (FT_GROW(modules->list, modules->room, modules->nr + 1))
		return -ENOMEM;
	modules->list[modules->nr++] = *m;
	return 0;
}

int ft_modules__loaded(struct ft_modules *modules, const struct ft_wire_module *w)
{
	struct ft_module m = { .loaded_ns = w->t_ns };

	m.name = ft_arena__strndup(modules->arena, w->name, FT_MODULE_LEN);
	return m.name ? add(modules, &m) : -ENOMEM;
}

int ft_modules__armed(struct ft_modules *modules, const struct ft_module *m)
{
	size_t i;

	for (i = 0; i < modules->nr; i++) {
		struct ft_module *to = &modules->list[i];

		if (to->armed || strcmp(to->name, m->name))
			continue;
		to->armed = true;
		to->sites = m->sites;
		to->window_ns = m->window_ns;
		return 0;
	}
	return add(modules, m);
}
