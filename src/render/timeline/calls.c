// SPDX-License-Identifier: GPL-2.0
/*
 * Calls around an event of the folio are always shown. Of the calls between two events, a
 * task may have made thousands: if there are many, only those that failed are.
 */
#include "render/timeline/calls.h"

#include <errno.h>
#include <stdlib.h>

#include "render/names.h"

#define MAX_PIDS 16
#define MAX_OPEN 24
#define GAP_MAX 12	/* calls between two events that are all shown */
#define GAP_FAILED 4	/* of more than that: failed ones shown */
#define WINDOW_PAD 2048 /* records looked at before and after, for the outer calls */

struct touch {
	uint64_t t_ns;
	uint32_t pid;
	bool locked; /* the folio, from here on, as far as is known */
};

struct call {
	const struct ft_call *in, *out;
	unsigned int task; /* index into tasks */
	unsigned int gap;  /* touches of this task before it */
	bool around, chosen, locked;
};

struct task_state {
	uint32_t pid;
	unsigned int touches, total;
	bool locked;
	unsigned int nr_open;
	struct call *open[MAX_OPEN];
};

struct picker {
	struct touch *touches;
	size_t nr_touches;
	struct task_state tasks[MAX_PIDS];
	unsigned int nr_tasks;
	struct call *calls;
	size_t nr_calls;
};

static struct task_state *task_of(struct picker *p, uint32_t pid, bool add)
{
	unsigned int i;

	for (i = 0; i < p->nr_tasks; i++)
		if (p->tasks[i].pid == pid)
			return &p->tasks[i];
	if (!add || p->nr_tasks == MAX_PIDS)
		return NULL;
	p->tasks[p->nr_tasks] = (struct task_state){ .pid = pid };
	return &p->tasks[p->nr_tasks++];
}

static int by_time(const void *a, const void *b)
{
	const struct touch *x = a, *y = b;

	return x->t_ns < y->t_ns ? -1 : x->t_ns > y->t_ns;
}

static void add_touch(struct picker *p, uint64_t t_ns, uint32_t pid, bool locked)
{
	struct task_state *t = task_of(p, pid, true);

	if (t)
		t->total++;
	p->touches[p->nr_touches++] = (struct touch){ t_ns, pid, locked };
}

static int collect_touches(struct picker *p, const struct ft_folio *folio)
{
	size_t i;

	p->touches = calloc(folio->nr_events + folio->nr_checkpoints + 1, sizeof(*p->touches));
	if (!p->touches)
		return -ENOMEM;
	for (i = 0; i < folio->nr_events; i++)
		if (folio->events[i].op != FT_OP_SNAPSHOT)
			add_touch(p, folio->events[i].t_ns, folio->events[i].pid,
				  folio->events[i].flags & FT_PF_LOCKED);
	for (i = 0; i < folio->nr_checkpoints; i++)
		add_touch(p, folio->checkpoints[i].t_ns, folio->checkpoints[i].pid,
			  folio->checkpoints[i].at != FT_AT_FINALIZE_RETURN);
	qsort(p->touches, p->nr_touches, sizeof(*p->touches), by_time);
	return 0;
}

static void touch(struct picker *p, const struct touch *t)
{
	struct task_state *task = task_of(p, t->pid, false);
	unsigned int i;

	if (!task)
		return;
	task->touches++;
	task->locked = t->locked;
	for (i = 0; i < task->nr_open; i++)
		task->open[i]->around = true;
}

static void enter(struct picker *p, struct task_state *task, const struct ft_call *s)
{
	struct call *c;

	/* A full stack means lost returns: start afresh. */
	if (task->nr_open == MAX_OPEN)
		task->nr_open = 0;
	c = &p->calls[p->nr_calls++];
	*c = (struct call){
		.in = s,
		.task = (unsigned int)(task - p->tasks),
		.gap = task->touches,
		.locked = task->locked,
	};
	task->open[task->nr_open++] = c;
}

static void leave(struct task_state *task, const struct ft_call *s)
{
	unsigned int i;

	for (i = task->nr_open; i > 0; i--) {
		if (task->open[i - 1]->in->site != s->site)
			continue;
		task->open[i - 1]->out = s;
		task->nr_open = i - 1;
		return;
	}
}

static size_t first_after(const struct ft_run *run, uint64_t t_ns)
{
	size_t lo = 0, hi = run->nr_calls;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (run->calls[mid].t_ns < t_ns)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int walk(struct picker *p, const struct ft_run *run)
{
	size_t lo = first_after(run, p->touches[0].t_ns);
	size_t hi = first_after(run, p->touches[p->nr_touches - 1].t_ns + 1);
	size_t i, t = 0;

	lo -= lo < WINDOW_PAD ? lo : WINDOW_PAD;
	hi += run->nr_calls - hi < WINDOW_PAD ? run->nr_calls - hi : WINDOW_PAD;
	p->calls = calloc(hi - lo + 1, sizeof(*p->calls));
	if (!p->calls)
		return -ENOMEM;
	for (i = lo; i < hi; i++) {
		const struct ft_call *s = &run->calls[i];
		struct task_state *task = task_of(p, s->pid, false);

		while (t < p->nr_touches && p->touches[t].t_ns <= s->t_ns)
			touch(p, &p->touches[t++]);
		if (!task)
			continue;
		if (s->returned)
			leave(task, s);
		else
			enter(p, task, s);
	}
	return 0;
}

static bool failed(const struct call *c)
{
	int64_t value;

	if (!c->out || !c->in->site->returns)
		return false;
	value = ft_value__returned(c->out->value);
	return value < 0 && value >= -4095;
}

/* A run of calls of one task in one gap between its touches. */
static size_t choose_gap(struct picker *p, size_t from)
{
	const struct call *first = &p->calls[from];
	const struct task_state *task = &p->tasks[first->task];
	bool inside = first->locked && first->gap < task->total;
	size_t i, n = 0, shown = 0, end = from;

	for (i = from; i < p->nr_calls; i++) {
		if (p->calls[i].task != first->task)
			continue;
		if (p->calls[i].gap != first->gap)
			break;
		n += !p->calls[i].around;
		end = i;
	}
	for (i = from; i <= end; i++) {
		struct call *c = &p->calls[i];

		if (c->task != first->task || c->chosen)
			continue;
		if (c->around)
			c->chosen = true;
		else if (inside && (n <= GAP_MAX || (failed(c) && shown < GAP_FAILED)))
			c->chosen = true, shown++;
	}
	return end;
}

static int by_call_time(const void *a, const void *b)
{
	const struct ft_call *x = *(const struct ft_call *const *)a;
	const struct ft_call *y = *(const struct ft_call *const *)b;

	if (x->t_ns != y->t_ns)
		return x->t_ns < y->t_ns ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void choose(struct picker *p)
{
	unsigned int t;
	size_t i;

	for (t = 0; t < p->nr_tasks; t++)
		for (i = 0; i < p->nr_calls; i++)
			if (p->calls[i].task == t)
				i = choose_gap(p, i);
}

int calls__of(const struct ft_run *run, const struct ft_folio *folio, const struct ft_call ***out,
	      size_t *nr)
{
	struct picker p = { 0 };
	size_t i;
	int err;

	*out = NULL;
	*nr = 0;
	err = collect_touches(&p, folio);
	if (err || !p.nr_touches || !run->nr_calls)
		goto done;
	err = walk(&p, run);
	if (err)
		goto done;
	choose(&p);
	*out = calloc(p.nr_calls * 2 + 1, sizeof(**out));
	if (!*out) {
		err = -ENOMEM;
		goto done;
	}
	for (i = 0; i < p.nr_calls; i++) {
		if (!p.calls[i].chosen)
			continue;
		(*out)[(*nr)++] = p.calls[i].in;
		if (p.calls[i].out)
			(*out)[(*nr)++] = p.calls[i].out;
	}
	qsort(*out, *nr, sizeof(**out), by_call_time);
done:
	free(p.touches);
	free(p.calls);
	return err;
}
