/* SPDX-License-Identifier: GPL-2.0 */
/* Modules that were loaded while tracing, and how long it took to probe them. */
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
/* The sites of a module were armed, at its first load that has none yet. m->name belongs
 * to the arena. */
int ft_modules__armed(struct ft_modules *modules, const struct ft_module *m);

#endif /* FT_CORE_FORMAT_MODULES_H */
