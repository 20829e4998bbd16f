// SPDX-License-Identifier: GPL-2.0
#include "capture/record/ended.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/kernel/util.h"

static bool is_same(const void *list, uint32_t number, const void *pid)
{
	return ((const struct seen_task *)list)[number].pid == *(const uint32_t *)pid;
}

void seen_tasks__add(struct seen_tasks *s, const struct ft_wire_task *t)
{
	uint32_t hash = ft_hash__of(t->pid), nr = s->index.nr;
	uint32_t at = ft_hash__find(&s->index, hash, is_same, s->list, &t->pid);

	if (at != FT_HASH_NONE) {
		if (t->t_ns > s->list[at].last_ns)
			s->list[at].last_ns = t->t_ns;
		s->list[at].ended = false;
		return;
	}
	if (nr == s->room) {
		size_t room = s->room ? 2 * s->room : 256;
		struct seen_task *list = reallocarray(s->list, room, sizeof(*list));

		if (!list) {
			s->out_of_memory = true;
			return;
		}
		s->list = list;
		s->room = room;
	}
	if (ft_hash__add(&s->index, hash, nr)) {
		s->out_of_memory = true;
		return;
	}
	s->list[nr] = (struct seen_task){ .pid = t->pid, .last_ns = t->t_ns };
}

bool in_initial_pid_namespace(void)
{
	struct stat st;

	return !stat("/proc/self/ns/pid", &st) && st.st_ino == 0xeffffffc; /* PROC_PID_INIT_INO */
}

bool seen_tasks__can_tell(const struct seen_tasks *s)
{
	return !s->out_of_memory && in_initial_pid_namespace() && !access("/proc/self/stat", R_OK);
}

/* A clock tick of /proc/PID/stat; behind the last record by more than this: another task. */
static bool is_younger(const struct seen_task *t, uint64_t start_ticks)
{
	int64_t asleep = clock_ns(CLOCK_BOOTTIME) - clock_ns(CLOCK_MONOTONIC);
	uint64_t tick = 1000000000ULL / sysconf(_SC_CLK_TCK);

	return start_ticks * tick > t->last_ns + asleep + tick;
}

static bool has_ended(const struct seen_task *t)
{
	char path[40], stat[512], *after, state;
	unsigned long long start;
	int rc;

	snprintf(path, sizeof(path), "/proc/%u/stat", t->pid);
	rc = read_file(path, stat, sizeof(stat));
	if (rc < 0)
		return rc == -ENOENT || rc == -ESRCH;
	after = strrchr(stat, ')'); /* a name may have any character */
	if (!after ||
	    sscanf(after + 1,
		   " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu",
		   &state, &start) != 2)
		return false;
	return state == 'Z' || state == 'X' || is_younger(t, start);
}

void seen_tasks__look(struct seen_tasks *s)
{
	if (!seen_tasks__can_tell(s))
		return;
	for (size_t i = 0; i < s->index.nr; i++)
		if (!s->list[i].ended)
			s->list[i].ended = has_ended(&s->list[i]);
}

void seen_tasks__free(struct seen_tasks *s)
{
	free(s->list);
	ft_hash__free(&s->index);
	*s = (struct seen_tasks){};
}
