// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/attribution/scope.h"
#include "core/index/calls.h"

#define DEPTH 32
#define RAN 8  /* functions that are looked at */
#define SAID 3 /* functions named in a sentence */
#define TEXT 384

/* A function that ran from start to return, not inside of another such. */
struct ran {
	const struct ft_site *site;
	int64_t value;
	uint64_t from, until;
	bool put; /* it put a reference of this folio */
};

struct walk {
	const struct ft_event *get;
	const struct ft_site *open; /* the first of those that are open now; or NULL */
	uint64_t opened;
	unsigned int depth; /* of it by itself, if it calls itself */
	bool ended;	    /* the function around the get has returned */
	struct ran ran[RAN];
	size_t nr;
};

static void step(struct walk *w, const struct ft_site *site, bool returned, int64_t value,
		 uint64_t t_ns)
{
	if (w->ended)
		return;
	if (w->open) {
		if (site == w->open)
			w->depth += returned ? -1U : 1;
		if (w->depth)
			return;
		if (w->nr < RAN)
			w->ran[w->nr++] = (struct ran){ site, value, w->opened, t_ns, false };
		w->open = NULL;
	} else if (returned) {
		w->ended = true;
	} else {
		w->open = site;
		w->opened = t_ns;
		w->depth = 1;
	}
}

static bool is_boundary(const struct ft_event *e)
{
	return e->op == FT_OP_ENTER || e->op == FT_OP_RETURN;
}

/* Boundaries of the folio itself, and those of the task without a folio, by time. */
static void walk(const struct ft_run *run, const struct ft_folio *folio, struct walk *w)
{
	const struct ft_event *get = w->get;
	size_t i = (size_t)(get - folio->events) + 1, j = ft_run__calls_after(run, get->t_ns);

	while (!w->ended) {
		const struct ft_event *e;
		const struct ft_call *s;

		while (i < folio->nr_events &&
		       (folio->events[i].pid != get->pid || !is_boundary(&folio->events[i]))) {
			if (folio->events[i].pid == get->pid &&
			    ft_event__is_operation(&folio->events[i]) &&
			    folio->events[i].entry_seq != get->entry_seq)
				return; /* another call */
			i++;
		}
		while (j < run->nr_calls && run->calls[j].pid != get->pid)
			j++;
		e = i < folio->nr_events ? &folio->events[i] : NULL;
		s = j < run->nr_calls ? &run->calls[j] : NULL;
		if (!e && !s)
			return;
		if (e && (!s || e->t_ns <= s->t_ns)) {
			step(w, e->site, e->op == FT_OP_RETURN, e->value, e->t_ns);
			i++;
		} else {
			step(w, s->site, s->returned, s->value, s->t_ns);
			j++;
		}
	}
}

static void mark_puts(const struct ft_folio *folio, struct walk *w)
{
	size_t i, j;

	for (i = (size_t)(w->get - folio->events) + 1; i < folio->nr_events; i++) {
		const struct ft_event *e = &folio->events[i];

		if (!ft_event__is_operation(e) || e->delta >= 0 || e->pid != w->get->pid)
			continue;
		for (j = 0; j < w->nr; j++)
			if (e->t_ns >= w->ran[j].from && e->t_ns <= w->ran[j].until)
				w->ran[j].put = true;
	}
}

/* include/uapi/asm-generic/errno-base.h: what these functions return. */
static const char *errno_name(int64_t value)
{
	static const char *const name[] = {
		[EPERM] = "EPERM",   [ENOENT] = "ENOENT", [EINTR] = "EINTR",   [EIO] = "EIO",
		[EAGAIN] = "EAGAIN", [ENOMEM] = "ENOMEM", [EFAULT] = "EFAULT", [EBUSY] = "EBUSY",
		[EEXIST] = "EEXIST", [EINVAL] = "EINVAL", [ENOSPC] = "ENOSPC",
	};

	if (value >= 0 || value < -(int64_t)(sizeof(name) / sizeof(*name) - 1))
		return NULL;
	return name[-value];
}

static void add(char *text, const char *fmt, const char *a, const char *b)
{
	size_t len = strlen(text);

	snprintf(text + len, TEXT - len, fmt, a, b);
}

static void add_value(char *text, int64_t value)
{
	const char *name = errno_name(value);
	size_t len = strlen(text);

	/* An int in a register: the upper half is anything. */
	if (!name)
		name = errno_name(value = (int32_t)value);
	snprintf(text + len, TEXT - len, "returned %" PRId64 "%s%s%s", value, name ? " (-" : "",
		 name ? name : "", name ? ")" : "");
}

static bool said_before(const struct walk *w, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++)
		if (w->ran[i].site == w->ran[at].site)
			return true;
	return false;
}

/* "a returned without it; then b returned -11 (-EAGAIN)". */
static void say(const struct walk *w, const struct ft_lost *lost, char *text)
{
	size_t i, nr = 0;
	bool owed;

	*text = '\0';
	for (i = 0; i < w->nr && nr < SAID; i++) {
		const struct ran *r = &w->ran[i];

		owed = r->site == lost->answered_in;
		if (r->put || said_before(w, i))
			continue;
		add(text, "%s%s ", nr++ ? "; then " : "", r->site->function);
		if (owed || !r->site->returns)
			add(text, "returned without %s%s", owed ? "it" : "a put", "");
		else
			add_value(text, r->value);
	}
}

int ft_interval__format(struct ft_attributor *n, const struct ft_folio *folio, struct ft_lost *lost)
{
	const struct ft_call *open[DEPTH];
	struct walk w = { .get = lost->event };
	char text[TEXT];

	if (lost->event < folio->events || lost->event >= folio->events + folio->nr_events)
		return 0;
	if (ft_run__open_calls(n->run, lost->event->pid, lost->event->t_ns, open, DEPTH))
		lost->in = open[0]->site;
	walk(n->run, folio, &w);
	mark_puts(folio, &w);
	say(&w, lost, text);
	if (!*text)
		return 0;
	lost->call = ft_arena__strdup(n->arena, text);
	return lost->call ? 0 : -ENOMEM;
}
