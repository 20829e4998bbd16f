/* SPDX-License-Identifier: GPL-2.0 */
/* Modules that were loaded while tracing: when, and how long until they were probed. */
#ifndef FT_CORE_FORMAT_MODULES_H
#define FT_CORE_FORMAT_MODULES_H

#include "core/util/arena.h"
#include "model.h"

struct ft_modules {
	struct ft_arena *arena;
	struct ft_module *list; /* in the order they came */
	size_t nr, room;
};

void ft_modules__init(struct ft_modules *modules, struct ft_arena *arena);
void ft_modules__free(struct ft_modules *modules);
int ft_modules__loaded(struct ft_modules *modules, const struct ft_wire_module *m);
/* Sites were armed; m->name is of the arena. The first load of it that has none yet. */
int ft_modules__armed(struct ft_modules *modules, const struct ft_module *m);

#endif /* FT_CORE_FORMAT_MODULES_H */
