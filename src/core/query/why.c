// SPDX-License-Identifier: GPL-2.0
/* Finds the splits and migrations that failed, and how many references too many. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/folio/holders.h"
#include "core/folio/reading.h"
#include "core/query/why_holders.h"
#include "core/util/grow.h"

struct finder {
	const struct ft_run *run;
	struct ft_why *why;
	struct ft_attributor attributor;
	size_t room;
};

static bool is_split(const struct ft_site *site)
{
	return site->role == FT_ROLE_SPLIT;
}

static bool is_failure(const struct ft_event *e)
{
	int64_t value;

	if (e->op != FT_OP_RETURN || !e->site->function || !e->site->returns)
		return false;
	if (!is_split(e->site) && !ft_holders__is_migration(e))
		return false;
	value = ft_value__returned(e->value);
	return value == -EAGAIN || value == -EBUSY;
}

/* Whether a failure inside of this call was found already: it is the same one. */
static bool is_outer(const struct ft_folio *folio, size_t at)
{
	const struct ft_event *e = &folio->events[at], *b;
	size_t i;

	for (i = at; i--;) {
		b = &folio->events[i];
		if (b->pid != e->pid)
			continue;
		if (b->op == FT_OP_ENTER && b->site == e->site)
			return false;
		if (is_failure(b))
			return true;
	}
	return false;
}

static struct ft_expected expected_at(const struct ft_run *run, const struct ft_folio *folio,
				      const struct ft_event *e)
{
	struct ft_expected x = ft_expected__of(folio->kind, e->flags, e->order, e->mapcount,
					       e->pincount, ft_run__rules(run));

	x.total -= x.term[FT_TERM_PINS];
	x.term[FT_TERM_PINS] = 0;
	return x;
}

/* Pins of one page are in its refcount: each becomes one reference. */
static int64_t count_of(const struct ft_event *e, int64_t *pins)
{
	if (e->flags & FT_PF_LARGE) {
		*pins = e->pincount != FT_UNKNOWN ? e->pincount : 0;
		return e->refcount;
	}
	*pins = e->refcount / FT_PIN_BIAS;
	return e->refcount - *pins * (FT_PIN_BIAS - 1);
}

/* Without exact events: the last reading with fewer references, and the one after it. */
static void came_between(const struct ft_run *run, struct ft_failure *f)
{
	const struct ft_event *e = f->failed, *later = f->failed;
	int64_t pins;
	int holders;

	while (e-- > f->folio->events) {
		if (!ft_event__is_reading(e))
			continue;
		holders = ft_holders__at(run, e, e > f->folio->events ? e - 1 : NULL);
		if (count_of(e, &pins) - expected_at(run, f->folio, e).total -
			    (holders > 0 ? holders : 0) <
		    f->extra) {
			f->after = e;
			f->before = later;
			return;
		}
		later = e;
	}
}

static bool is_same_reason(const struct ft_failure *a, const struct ft_failure *b)
{
	size_t i;

	if (a->folio != b->folio || a->failed->site != b->failed->site || a->value != b->value ||
	    a->extra != b->extra || a->unseen != b->unseen || a->nr_transients != b->nr_transients)
		return false;
	/* each attempt has a reference of its caller, which is a new one */
	for (i = 0; i < a->nr_transients; i++)
		if (a->transients[i].event != b->transients[i].event &&
		    (a->transients[i].what != FT_FOR_CALLER ||
		     b->transients[i].what != FT_FOR_CALLER))
			return false;
	return true;
}

static int add(struct finder *x, const struct ft_failure *f)
{
	struct ft_why *why = x->why;
	struct ft_failure *p = why->failures;

	why->nr_times++;
	if (why->nr && is_same_reason(&p[why->nr - 1], f)) {
		p[why->nr - 1].times++;
		p[why->nr - 1].last_ns = f->failed->t_ns;
		return 0;
	}
	if (FT_GROW(why->failures, x->room, why->nr + 1))
		return -ENOMEM;
	why->failures[why->nr++] = *f;
	return 0;
}

static int look_at(struct finder *x, const struct ft_folio *folio, const struct ft_event *e)
{
	struct ft_failure f = {
		.folio = folio,
		.failed = e,
		.value = ft_value__returned(e->value),
		.migration = !is_split(e->site),
		.times = 1,
		.last_ns = e->t_ns,
	};
	int code;

	if (!ft_event__is_reading(e)) {
		x->why->unread++;
		return 0;
	}
	f.expected = expected_at(x->run, folio, e);
	f.expected.term[FT_TERM_FUNCTION] = 1;
	f.expected.total++;
	f.extra = count_of(e, &f.pins) - f.expected.total;
	if (f.extra <= 0) {
		x->why->others++;
		return 0;
	}
	f.unseen = f.extra;
	code = ft_why__transients(&x->attributor, &f);
	if (code)
		return code;
	if (!x->run->exact) {
		came_between(x->run, &f);
		f.unknown.code = FT_REASON_BOUNDARY_ONLY;
	}
	return add(x, &f);
}

static int learn(struct finder *x)
{
	size_t i;
	int code = 0;

	for (i = 0; !code && x->run->exact && i < x->run->nr_folios; i++) {
		const struct ft_folio *folio = x->run->folios[i];

		if (folio->events && folio->nr_events &&
		    (folio->verdict == FT_VERDICT_BALANCED || folio->verdict == FT_VERDICT_FREED))
			code = ft_attributor__learn_folio(&x->attributor, folio, folio->events,
							  folio->nr_events);
	}
	return code ? code : ft_attributor__learn(&x->attributor);
}

static int by_time(const void *a, const void *b)
{
	const struct ft_failure *x = a, *y = b;

	return x->failed->t_ns < y->failed->t_ns ? -1 : x->failed->t_ns > y->failed->t_ns;
}

static int find(struct finder *x)
{
	bool learned = false;
	size_t i, j;
	int code = 0;

	for (i = 0; !code && i < x->run->nr_folios; i++) {
		const struct ft_folio *folio = x->run->folios[i];

		for (j = 0; !code && folio->events && !folio->hidden && j < folio->nr_events; j++) {
			if (!is_failure(&folio->events[j]) || is_outer(folio, j))
				continue;
			if (!learned)
				code = learn(x);
			learned = true;
			if (!code)
				code = look_at(x, folio, &folio->events[j]);
		}
	}
	if (x->why->nr)
		qsort(x->why->failures, x->why->nr, sizeof(*x->why->failures), by_time);
	return code;
}

static void note_hooks(const struct ft_run *run, struct ft_why *why)
{
	size_t i;

	for (i = 0; i < run->nr_sites; i++) {
		const struct ft_site *s = run->sites[i];

		if (!s->attached || !s->function)
			continue;
		why->splits |= is_split(s);
		why->migrations |= !strcmp(s->function, "move_to_new_folio");
	}
}

int ft_why__of(const struct ft_run *run, struct ft_why **out)
{
	struct finder x = { .run = run, .why = calloc(1, sizeof(*x.why)) };
	struct ft_arena *arena = ft_arena__new();
	int code = -ENOMEM;

	*out = NULL;
	if (x.why && arena) {
		x.why->arena = arena;
		note_hooks(run, x.why);
		ft_attributor__init(&x.attributor, run, arena);
		code = find(&x);
		ft_attributor__free(&x.attributor);
	}
	if (!code) {
		*out = x.why;
		return 0;
	}
	if (x.why)
		free(x.why->failures);
	free(x.why);
	if (arena)
		ft_arena__free(arena);
	return code;
}

void ft_why__free(struct ft_why *why)
{
	if (!why)
		return;
	free(why->failures);
	ft_arena__free(why->arena);
	free(why);
}

const char *ft_holder_kind__name(enum ft_holder_kind what)
{
	static const char *const name[] = {
		[FT_FOR_UNKNOWN] = "unknown", [FT_FOR_CALLER] = "caller",
		[FT_FOR_BATCH] = "lru_batch", [FT_FOR_ISOLATION] = "isolation",
		[FT_FOR_PIN] = "pin",
	};

	return name[what];
}
