/* SPDX-License-Identifier: GPL-2.0 */
/* Names of tasks over time: a pid's name changes with exec and with reuse. */
#ifndef FT_CORE_INDEX_TASKS_H
#define FT_CORE_INDEX_TASKS_H

#include "core/util/arena.h"
#include "model.h"

struct ft_task_name {
	uint64_t t_ns;
	uint32_t pid, tgid;
	const char *comm;
	bool followed; /* belongs to the traced command */
	bool exited;
};

struct ft_tasks {
	struct ft_arena *arena;
	struct ft_task_name *names; /* sorted by pid and time once complete */
	size_t nr, room;
	size_t last; /* first name of the pid that was looked up last */
};

void ft_tasks__init(struct ft_tasks *tasks, struct ft_arena *arena);
void ft_tasks__free(struct ft_tasks *tasks);
int ft_tasks__add(struct ft_tasks *tasks, const struct ft_wire_task *t);
/* To be called once between the last add and the first lookup. */
void ft_tasks__complete(struct ft_tasks *tasks);
/* The name of the task at that time. NULL: there is no record of the pid. */
const struct ft_task_name *ft_tasks__at(struct ft_tasks *tasks, uint32_t pid, uint64_t t_ns);
int ft_tasks__export(const struct ft_tasks *tasks, struct ft_run *run);

#endif /* FT_CORE_INDEX_TASKS_H */
