// SPDX-License-Identifier: GPL-2.0
#include <errno.h>

#include "core/attribution/interval.h"
#include "core/index/calls.h"

#define DEPTH 32   /* functions open at once */
#define CALLS 8	   /* calls of an interval that are looked at */
#define RETURNED 3 /* of them, that are kept */

/* A call of the interval: a function that was entered and has returned. Calls that it
 * made itself are part of it. */
struct call {
	const struct ft_site *site;
	int64_t value;
	uint64_t from, until;
	bool put; /* of a reference of this folio */
};

struct interval {
	const struct ft_event *get;
	const struct ft_site *open; /* the call that is open now; or NULL */
	uint64_t opened;
	unsigned int depth; /* of open, if it is recursive */
	bool ended;	    /* the function around the get has returned */
	struct call calls[CALLS];
	size_t nr;
};

/* One function entry or exit of the get's task. */
static void step(struct interval *iv, const struct ft_site *site, bool returned, int64_t value,
		 uint64_t t_ns)
{
	if (iv->ended)
		return;
	if (iv->open) {
		if (site == iv->open && returned)
			iv->depth--;
		else if (site == iv->open)
			iv->depth++;
		if (iv->depth)
			return;
		if (iv->nr < CALLS)
			iv->calls[iv->nr++] = (struct call){ site, value, iv->opened, t_ns, false };
		iv->open = NULL;
	} else if (returned) {
		iv->ended = true;
	} else {
		iv->open = site;
		iv->opened = t_ns;
		iv->depth = 1;
	}
}

static bool is_boundary(const struct ft_event *e)
{
	return e->op == FT_OP_ENTER || e->op == FT_OP_RETURN;
}

/*
 * The entries and exits of the get's task in order of time: those recorded with this
 * folio and those recorded without one. They end with the function around the get, or
 * where the task enters the kernel anew.
 */
static void walk(const struct ft_run *run, const struct ft_folio *folio, struct interval *iv)
{
	const struct ft_event *get = iv->get;
	size_t i = (size_t)(get - folio->events) + 1, j = ft_run__calls_after(run, get->t_ns);

	while (!iv->ended) {
		const struct ft_event *e;
		const struct ft_call *c;

		while (i < folio->nr_events &&
		       (folio->events[i].pid != get->pid || !is_boundary(&folio->events[i]))) {
			if (folio->events[i].pid == get->pid &&
			    ft_event__is_operation(&folio->events[i]) &&
			    folio->events[i].entry_seq != get->entry_seq)
				return;
			i++;
		}
		while (j < run->nr_calls && run->calls[j].pid != get->pid)
			j++;
		e = i < folio->nr_events ? &folio->events[i] : NULL;
		c = j < run->nr_calls ? &run->calls[j] : NULL;
		if (!e && !c)
			return;
		if (e && (!c || e->t_ns <= c->t_ns)) {
			step(iv, e->site, e->op == FT_OP_RETURN, e->value, e->t_ns);
			i++;
		} else {
			step(iv, c->site, c->returned, c->value, c->t_ns);
			j++;
		}
	}
}

static void mark_puts(const struct ft_folio *folio, struct interval *iv)
{
	size_t i, j;

	for (i = (size_t)(iv->get - folio->events) + 1; i < folio->nr_events; i++) {
		const struct ft_event *e = &folio->events[i];

		if (!ft_event__is_operation(e) || e->delta >= 0 || e->pid != iv->get->pid)
			continue;
		for (j = 0; j < iv->nr; j++)
			if (e->t_ns >= iv->calls[j].from && e->t_ns <= iv->calls[j].until)
				iv->calls[j].put = true;
	}
}

/* Whether an earlier call was one of the same function. */
static bool is_repeated(const struct interval *iv, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++)
		if (iv->calls[i].site == iv->calls[at].site)
			return true;
	return false;
}

/* The system call of the get, if it failed. */
static const struct ft_call *failed_call(const struct ft_run *run, const struct ft_event *get)
{
	size_t i;

	for (i = ft_run__calls_after(run, get->t_ns); i < run->nr_calls; i++) {
		const struct ft_call *c = &run->calls[i];

		if (c->pid != get->pid)
			continue;
		if (c->entry_seq != get->entry_seq)
			return NULL;
		if (c->returned && ft_call__is_system_call(c))
			return c;
	}
	return NULL;
}

int ft_lost__find_returned(const struct ft_run *run, struct ft_arena *arena,
			   const struct ft_folio *folio, struct ft_lost *lost)
{
	const struct ft_call *open[DEPTH], *failed;
	struct interval iv = { .get = lost->event };
	size_t i;

	if (lost->event < folio->events || lost->event >= folio->events + folio->nr_events)
		return 0;
	if (ft_run__open_calls(run, lost->event->pid, lost->event->t_ns, open, DEPTH))
		lost->in = open[0]->site;
	walk(run, folio, &iv);
	mark_puts(folio, &iv);
	failed = failed_call(run, lost->event);
	if (!iv.nr && !failed)
		return 0;
	lost->returned = ft_arena__alloc(arena, RETURNED + 1, sizeof(*lost->returned));
	if (!lost->returned)
		return -ENOMEM;
	for (i = 0; i < iv.nr && lost->nr_returned < RETURNED; i++)
		if (!iv.calls[i].put && !is_repeated(&iv, i))
			lost->returned[lost->nr_returned++] =
				(struct ft_returned){ iv.calls[i].site, iv.calls[i].value };
	if (failed)
		lost->returned[lost->nr_returned++] =
			(struct ft_returned){ failed->site, failed->value };
	return 0;
}
