// SPDX-License-Identifier: GPL-2.0
/* The events of a capture one by one: ft_run keeps those of bad folios only. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/format/frame.h"
#include "core/index/sites.h"
#include "core/ledger/event.h"
#include "model.h"

#define TASK_SLOTS 1024 /* of the tasks looked up last, by pid */

struct stream {
	const struct ft_run *run;
	struct ft_sites sites;
	const struct ft_task **by_pid; /* run's tasks, sorted */
	const struct ft_task *slot[TASK_SLOTS];
	ft_event_fn fn;
	void *arg;
};

static int compare_pids(const void *x, const void *y)
{
	const struct ft_task *const *a = x, *const *b = y;

	return ((*a)->pid > (*b)->pid) - ((*a)->pid < (*b)->pid);
}

static int stream__init(struct stream *s)
{
	const struct ft_run *run = s->run;
	int code = ft_sites__init(&s->sites, run->arena);

	for (size_t i = 0; i < run->nr_sites && !code; i++)
		code = ft_sites__add(&s->sites, !run->sites[i]->inlined, run->sites[i]);
	s->by_pid = calloc(run->nr_tasks + 1, sizeof(*s->by_pid));
	if (!s->by_pid)
		return -ENOMEM;
	for (size_t i = 0; i < run->nr_tasks; i++)
		s->by_pid[i] = &run->tasks[i];
	qsort(s->by_pid, run->nr_tasks, sizeof(*s->by_pid), compare_pids);
	return code;
}

static const char *comm_of(struct stream *s, uint32_t pid)
{
	const struct ft_task key = { .pid = pid }, *wanted = &key, **slot, **found;

	slot = &s->slot[pid % TASK_SLOTS];
	if (!*slot || (*slot)->pid != pid) {
		found = bsearch(&wanted, s->by_pid, s->run->nr_tasks, sizeof(*s->by_pid),
				compare_pids);
		if (!found)
			return "";
		*slot = *found;
	}
	return (*slot)->comm ? (*slot)->comm : "";
}

static int stream_event(struct stream *s, const struct ft_wire_event *w)
{
	struct ft_event e;

	ft_event__of(w, ft_sites__get(&s->sites, w->source, w->site), &e);
	e.comm = comm_of(s, e.pid);
	return s->fn(s->arg, w->id, &e);
}

static int stream_frame(struct stream *s, struct ft_frame *frame)
{
	struct ft_wire_event w;
	int code = 0;

	while (!code && ft_frame__next_event(frame, &w))
		code = stream_event(s, &w);
	return code;
}

int ft_run__stream(const struct ft_run *run, int fd, const char *name, ft_event_fn fn, void *arg,
		   struct ft_error *err)
{
	struct stream s = { .run = run, .fn = fn, .arg = arg };
	struct ft_frames frames = { 0 };
	struct ft_frame frame;
	int code = stream__init(&s), more;

	if (code)
		ft_fail(err, code, FT_EXIT_FAILURE, "out of memory");
	else
		code = ft_frames__open(&frames, fd, name, err);
	while (!code && (more = ft_frames__next(&frames, &frame, err)) != 0) {
		if (more < 0)
			code = more;
		else if (frame.type == FT_FRAME_EVENTS)
			code = stream_frame(&s, &frame);
		else if (frame.type == FT_FRAME_END)
			break;
	}
	ft_frames__close(&frames);
	ft_sites__free(&s.sites);
	free(s.by_pid);
	return code;
}
