// SPDX-License-Identifier: GPL-2.0
#include "core/folio/owner.h"
#include "core/index/tasks.h"

bool ft_run__is_living_outsider(const struct ft_run *run, const struct ft_event *e)
{
	const struct ft_task *task = ft_run__task(run, e->pid);

	return !run->follows_all && task && !task->followed && !task->ended &&
	       e->context <= FT_CTX_TASK;
}

bool ft_event__is_commands(const struct ft_event *e)
{
	return e->followed && (e->context == FT_CTX_TASK || e->context == FT_CTX_UNKNOWN);
}

bool ft_run__command_lives(const struct ft_run *run)
{
	return run->follows_all || run->tasks_left;
}

/*
 * A reference that a function takes for itself is nobody's once the call is over that it
 * was taken in: the task has ended, or was seen in a later entry into the kernel. A
 * kernel thread never leaves, so of its calls nothing is known.
 */
static bool call_is_over(const struct ft_run *run, const struct ft_event *get)
{
	const struct ft_task *task = ft_run__task(run, get->pid);

	if (!ft_run__is_living_outsider(run, get) && !ft_run__command_lives(run))
		return true;
	return task && (task->ended || task->last_entry > get->entry_seq);
}

/* Classes of what a call has for its own time only. */
static bool is_of_a_call(enum ft_owner_class class)
{
	return class == FT_OWNER_LOOKUP || class == FT_OWNER_MIGRATION || class == FT_OWNER_FAULT ||
	       class == FT_OWNER_ISOLATION;
}

bool ft_run__class_is_searched(const struct ft_run *run, enum ft_owner_class class)
{
	const struct ft_search *s = &run->search;

	switch (class) {
	case FT_OWNER_PIPE:
		return s->pipes_whole;
	case FT_OWNER_SOCKET:
		return s->files_whole && !s->sockets;
	case FT_OWNER_IO_URING:
		return s->files_whole && !s->rings;
	default:
		return false;
	}
}

static bool outlives_command(enum ft_owner_class class)
{
	return class == FT_OWNER_FILE || class == FT_OWNER_PIPE || class == FT_OWNER_SOCKET ||
	       class == FT_OWNER_IO_URING;
}

bool ft_run__class_may_live(const struct ft_run *run, enum ft_owner_class class)
{
	/* captures of a version that did not search: only the command's own */
	return outlives_command(class) && !ft_run__class_is_searched(run, class) &&
	       (run->search.known || ft_run__command_lives(run));
}

enum ft_owner_state ft_run__owner_state(const struct ft_run *run, const struct ft_taken *taken,
					struct ft_reason *reason)
{
	const struct ft_event *get = taken->get;

	if (ft_run__is_living_outsider(run, get)) {
		*reason = (struct ft_reason){
			.code = FT_REASON_HELD_BY_OTHER_TASK,
			.n = { 0, get->pid },
			.site = get->site,
			.comm = get->comm,
		};
		return FT_OWNER_POSSIBLE;
	}
	if (is_of_a_call(taken->class) && call_is_over(run, get))
		return FT_OWNER_GONE;
	if (outlives_command(taken->place)) {
		if (!ft_run__class_may_live(run, taken->place))
			return FT_OWNER_GONE;
	} else if (!ft_run__command_lives(run)) {
		return FT_OWNER_GONE;
	}
	if (run->tasks_left && !outlives_command(taken->place))
		*reason = (struct ft_reason){ .code = FT_REASON_TASKS_LEFT,
					      .n = { 0, run->tasks_left } };
	else
		*reason = (struct ft_reason){ .code = FT_REASON_MAY_HAVE_LIVING_HOLDER,
					      .n = { 0, taken->place } };
	return FT_OWNER_POSSIBLE;
}
