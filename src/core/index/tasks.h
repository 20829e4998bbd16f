/* SPDX-License-Identifier: GPL-2.0 */
/* Names of tasks over time: a pid's name changes with exec and with reuse. */
#ifndef FT_CORE_INDEX_TASKS_H
#define FT_CORE_INDEX_TASKS_H

#include "core/util/arena.h"
#include "hash.h"
#include "model.h"

struct ft_task_name {
	uint64_t t_ns;
	uint32_t pid, tgid;
	const char *comm;
	bool followed; /* belongs to the traced command */
	bool exited;
};

/* The last entry of a task into the kernel that an event shows, and whose it is, so far. */
struct ft_task_entry {
	uint32_t pid, entry_seq;
	bool followed;
};

struct ft_tasks {
	struct ft_arena *arena;
	struct ft_task_name *names; /* sorted by pid and time once complete */
	size_t nr, room;
	size_t last;	 /* first name of the pid that was looked up last */
	uint32_t *ended; /* pids that were not there any more at the end, in any order */
	size_t nr_ended, room_ended;
	struct ft_task_entry *entries;
	size_t nr_entries, room_entries;
	size_t last_entry;	 /* that was asked for last */
	struct ft_hash entry_of; /* by pid */
};

void ft_tasks__init(struct ft_tasks *tasks, struct ft_arena *arena);
void ft_tasks__free(struct ft_tasks *tasks);
int ft_tasks__add(struct ft_tasks *tasks, const struct ft_wire_task *t);
/* An event of the task, in this entry of it. 0 or -ENOMEM. */
int ft_tasks__entered(struct ft_tasks *tasks, uint32_t pid, uint32_t entry_seq);
/* Whether it belongs to the traced command, by the records until now. */
bool ft_tasks__is_followed(struct ft_tasks *tasks, uint32_t pid);
/* The task was not there any more at the end. 0 or -ENOMEM. */
int ft_tasks__add_ended(struct ft_tasks *tasks, uint32_t pid);
/* To be called once between the last add and the first lookup. */
void ft_tasks__complete(struct ft_tasks *tasks);
/* The name of the task at that time. NULL: there is no record of the pid. */
const struct ft_task_name *ft_tasks__at(struct ft_tasks *tasks, uint32_t pid, uint64_t t_ns);
int ft_tasks__export(const struct ft_tasks *tasks, struct ft_run *run);
/* NULL: there is no record of the pid. */
const struct ft_task *ft_run__task(const struct ft_run *run, uint32_t pid);

#endif /* FT_CORE_INDEX_TASKS_H */
