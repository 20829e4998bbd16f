// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/index/tasks.h"
#include "core/util/grow.h"

void ft_tasks__init(struct ft_tasks *tasks, struct ft_arena *arena)
{
	*tasks = (struct ft_tasks){ .arena = arena };
}

void ft_tasks__free(struct ft_tasks *tasks)
{
	free(tasks->names);
	free(tasks->ended);
	free(tasks->entries);
	ft_hash__free(&tasks->entry_of);
	*tasks = (struct ft_tasks){ 0 };
}

static bool is_of(const void *entries, uint32_t number, const void *pid)
{
	return ((const struct ft_task_entry *)entries)[number].pid == *(const uint32_t *)pid;
}

static int find_entry(struct ft_tasks *tasks, uint32_t pid)
{
	uint32_t hash = ft_hash__of(pid), at;

	at = ft_hash__find(&tasks->entry_of, hash, is_of, tasks->entries, &pid);
	if (at == FT_HASH_NONE) {
		if (FT_GROW(tasks->entries, tasks->room_entries, tasks->nr_entries + 1) ||
		    ft_hash__add(&tasks->entry_of, hash, (uint32_t)tasks->nr_entries))
			return -ENOMEM;
		at = (uint32_t)tasks->nr_entries++;
		tasks->entries[at] = (struct ft_task_entry){ .pid = pid };
	}
	tasks->last_entry = at;
	return 0;
}

int ft_tasks__entered(struct ft_tasks *tasks, uint32_t pid, uint32_t entry_seq)
{
	struct ft_task_entry *entry;

	if ((!tasks->nr_entries || tasks->entries[tasks->last_entry].pid != pid) &&
	    find_entry(tasks, pid))
		return -ENOMEM;
	entry = &tasks->entries[tasks->last_entry];
	if (entry->entry_seq < entry_seq)
		entry->entry_seq = entry_seq;
	return 0;
}

int ft_tasks__add(struct ft_tasks *tasks, const struct ft_wire_task *t)
{
	struct ft_task_name *n;

	if (FT_GROW(tasks->names, tasks->room, tasks->nr + 1))
		return -ENOMEM;
	n = &tasks->names[tasks->nr];
	n->t_ns = t->t_ns;
	n->pid = t->pid;
	n->tgid = t->tgid;
	n->followed = t->head.op != FT_TASK_SEEN;
	n->exited = t->head.op == FT_TASK_EXIT;
	/* Forks of one program have one name: it is stored once. */
	if (tasks->nr && !strncmp(n[-1].comm, t->comm, FT_COMM_LEN))
		n->comm = n[-1].comm;
	else
		n->comm = ft_arena__strndup(tasks->arena, t->comm, FT_COMM_LEN);
	if (!n->comm)
		return -ENOMEM;
	tasks->nr++;
	if (n->followed && find_entry(tasks, t->pid))
		return -ENOMEM;
	if (n->followed)
		tasks->entries[tasks->last_entry].followed = true;
	return 0;
}

bool ft_tasks__is_followed(struct ft_tasks *tasks, uint32_t pid)
{
	uint32_t at =
		ft_hash__find(&tasks->entry_of, ft_hash__of(pid), is_of, tasks->entries, &pid);

	return at != FT_HASH_NONE && tasks->entries[at].followed;
}

int ft_tasks__add_ended(struct ft_tasks *tasks, uint32_t pid)
{
	if (FT_GROW(tasks->ended, tasks->room_ended, tasks->nr_ended + 1))
		return -ENOMEM;
	tasks->ended[tasks->nr_ended++] = pid;
	return 0;
}

static int compare(const void *pa, const void *pb)
{
	const struct ft_task_name *a = pa, *b = pb;

	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	if (a->t_ns != b->t_ns)
		return a->t_ns < b->t_ns ? -1 : 1;
	return 0;
}

void ft_tasks__complete(struct ft_tasks *tasks)
{
	size_t i;

	if (tasks->nr)
		qsort(tasks->names, tasks->nr, sizeof(*tasks->names), compare);
	/* SEEN again after its entry was evicted from the BPF map: still followed */
	for (i = 1; i < tasks->nr; i++) {
		struct ft_task_name *n = &tasks->names[i];

		if (n[-1].pid == n->pid && n[-1].followed && !n[-1].exited)
			n->followed = true;
	}
	tasks->last = 0;
}

static size_t first_of(const struct ft_tasks *tasks, uint32_t pid)
{
	size_t lo = 0, hi = tasks->nr;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (tasks->names[mid].pid < pid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct ft_task_name *ft_tasks__at(struct ft_tasks *tasks, uint32_t pid, uint64_t t_ns)
{
	size_t i = tasks->last;

	if (i >= tasks->nr || tasks->names[i].pid != pid)
		i = tasks->last = first_of(tasks, pid);
	if (i >= tasks->nr || tasks->names[i].pid != pid)
		return NULL;
	/* An event may be older than the first record of its task, as the rings of
	 * several CPUs are read in turn: that record has the name all the same. */
	while (i + 1 < tasks->nr && tasks->names[i + 1].pid == pid &&
	       tasks->names[i + 1].t_ns <= t_ns)
		i++;
	return &tasks->names[i];
}

static int compare_pid(const void *pid, const void *task)
{
	uint32_t a = *(const uint32_t *)pid, b = ((const struct ft_task *)task)->pid;

	return a < b ? -1 : a > b;
}

static struct ft_task *find_task(const struct ft_run *run, uint32_t pid)
{
	if (!run->nr_tasks)
		return NULL;
	return bsearch(&pid, run->tasks, run->nr_tasks, sizeof(*run->tasks), compare_pid);
}

const struct ft_task *ft_run__task(const struct ft_run *run, uint32_t pid)
{
	return find_task(run, pid);
}

int ft_tasks__export(const struct ft_tasks *tasks, struct ft_run *run)
{
	size_t i;

	run->tasks = ft_arena__alloc(tasks->arena, tasks->nr ? tasks->nr : 1, sizeof(*run->tasks));
	if (!run->tasks)
		return -ENOMEM;
	for (i = 0; i < tasks->nr; i++) {
		const struct ft_task_name *n = &tasks->names[i];

		if (i + 1 < tasks->nr && n[1].pid == n->pid)
			continue;
		run->tasks[run->nr_tasks++] = (struct ft_task){
			.pid = n->pid,
			.tgid = n->tgid,
			.comm = n->comm,
			.followed = n->followed,
			.ended = n->exited,
		};
	}
	for (i = 0; i < tasks->nr_entries; i++) {
		struct ft_task *task = find_task(run, tasks->entries[i].pid);

		if (task)
			task->last_entry = tasks->entries[i].entry_seq;
	}
	for (i = 0; i < tasks->nr_ended; i++) {
		struct ft_task *task = find_task(run, tasks->ended[i]);

		if (task)
			task->ended = true;
	}
	return 0;
}
