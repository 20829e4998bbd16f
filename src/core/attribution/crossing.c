// SPDX-License-Identifier: GPL-2.0
#include <errno.h>

#include "core/attribution/cost.h"
#include "core/attribution/crossing.h"
#include "core/folio/holders.h"
#include "core/folio/owner.h"
#include "core/folio/reading.h"

/* What is asked of one folio. */
struct asked {
	const struct ft_evidence *ev;
	const struct ft_run *run;
	const struct ft_folio *folio;
	bool balance;	    /* also whether each put what it had taken */
	bool before_known;  /* what was there before the command's first operation */
	int64_t net;	    /* of the command's operations that no holder shows */
	size_t handed_over; /* gets of the command that others put */
};

static const struct ft_event *event_of(const struct asked *a, const struct ft_token *t)
{
	return ft_token__is_pseudo(t) ? NULL : a->ev->refs->events[t->number];
}

static bool is_commands(const struct asked *a, const struct ft_token *t)
{
	const struct ft_event *e = event_of(a, t);

	return e && ft_event__is_commands(e);
}

static bool is_outsiders(const struct asked *a, const struct ft_token *t)
{
	const struct ft_event *e = event_of(a, t);

	return e && ft_run__is_living_outsider(a->run, e);
}

/* Whoever puts it, such a reference goes from one task to another. */
static bool is_passed_on(const struct asked *a, const struct ft_token *t)
{
	const struct ft_class *class = &a->ev->classes->list[t->class];

	if (ft_token__is_pseudo(t))
		return false;
	switch (ft_holders__class(class->site, t->stack)) {
	case FT_OWNER_PIPE:
	case FT_OWNER_SOCKET:
	case FT_OWNER_BIO:
	case FT_OWNER_IO_URING:
	case FT_OWNER_LRU_BATCH:
		return true;
	default:
		return class->role == FT_PLACE_BATCH_PUT || class->role == FT_PLACE_BATCH_GET;
	}
}

/* A reference of another owner, which a put of the command took. */
static bool is_robbed(const struct asked *a, const struct ft_token *get, const struct ft_token *put)
{
	if (!a->balance || !is_commands(a, put) || get->hold != FT_HOLD_NONE ||
	    put->hold != FT_HOLD_NONE || is_passed_on(a, get) || is_passed_on(a, put))
		return false;
	if (ft_token__is_pseudo(get))
		return a->before_known && !a->handed_over;
	return is_outsiders(a, get);
}

static void look_at(struct ft_crossings *x, const struct asked *a, const struct ft_token *get,
		    const struct ft_token *put)
{
	bool pin = get->hold == FT_HOLD_PIN && put->hold == FT_HOLD_NONE &&
		   !ft_token__is_pseudo(put);
	bool unpin = put->hold == FT_HOLD_PIN && get->hold == FT_HOLD_NONE &&
		     !ft_token__is_pseudo(put);

	if (x->nr < FT_CROSSINGS_MAX && (pin || unpin || is_robbed(a, get, put)))
		x->list[x->nr++] = (struct ft_crossing){ get, put, pin, unpin };
}

/* Calls fn for each pair of the best assignment. */
static void each_pair(struct ft_crossings *x, struct asked *a, const struct ft_sides *s,
		      const struct ft_assignment *solved)
{
	size_t i;

	for (i = 0; i < s->nr_supplies; i++) {
		const struct ft_token *supply = s->supplies[i], *demand;

		if (solved->row_of[i] < 0)
			continue;
		demand = s->demands[solved->row_of[i]];
		if (x)
			look_at(x, a, s->over_put ? demand : supply, s->over_put ? supply : demand);
		else if (!s->over_put && is_outsiders(a, demand) && !is_passed_on(a, demand) &&
			 event_of(a, supply) &&
			 event_of(a, supply)->followed)
			a->handed_over++;
	}
}

/* How many mappings the command made, less those that it removed. */
static int64_t mappings_made(const struct ft_folio *folio)
{
	int32_t mapcount = FT_UNKNOWN;
	int64_t made = 0;
	size_t i;

	for (i = 0; i < folio->nr_events; i++) {
		const struct ft_event *e = &folio->events[i];
		enum ft_role role = e->site->role;

		if (!ft_event__is_reading(e))
			continue;
		if (e->op == FT_OP_RETURN && e->followed && mapcount != FT_UNKNOWN &&
		    (role == FT_ROLE_MAP || role == FT_ROLE_MAP_NEW || role == FT_ROLE_UNMAP))
			made += e->mapcount - mapcount;
		mapcount = e->mapcount;
	}
	return made;
}

/*
 * The mapping that an operation goes with shows in the operations around it, if those are
 * not of the same mapping; else only in what rmap did. The milder of both counts.
 */
static void sum_up(struct asked *a, const struct ft_tokens *tokens)
{
	int64_t plain = 0, mapped = -mappings_made(a->folio);
	size_t i;

	for (i = 0; i < tokens->nr; i++) {
		const struct ft_token *t = &tokens->list[i];
		int64_t n = t->put ? -(int64_t)t->n : (int64_t)t->n;

		if (!is_commands(a, t) || (t->put && is_passed_on(a, t)))
			continue;
		if (t->hold == FT_HOLD_NONE)
			plain += n;
		if (t->hold == FT_HOLD_NONE || t->hold == FT_HOLD_MAP)
			mapped += n;
	}
	a->net = plain > mapped ? plain : mapped;
}

/* Those of others' references count only if the command did put more than it took. */
static void keep_what_was_put_too_often(struct ft_crossings *x, const struct asked *a)
{
	int64_t left = a->net < 0 ? -a->net : 0;
	size_t i, nr = 0;

	for (i = 0; i < x->nr; i++)
		if (x->list[i].pin || x->list[i].unpin || left-- > 0)
			x->list[nr++] = x->list[i];
	x->nr = nr;
}

int ft_crossings__of(struct ft_crossings *x, const struct ft_evidence *ev,
		     const struct ft_tokens *tokens, const struct ft_folio *folio)
{
	const struct ft_event *first = folio->nr_events ? &folio->events[0] : NULL;
	struct asked a = {
		.ev = ev,
		.run = ev->callers->run,
		.folio = folio,
		/* not if those of several tasks were cancelled against each other */
		.balance = folio->question == FT_QUESTION_BALANCE && !tokens->mixed,
	};
	struct ft_sides sides;
	struct ft_assignment solved;
	int code = ft_sides__of(&sides, tokens);

	x->nr = 0;
	if (code)
		return code;
	a.before_known = first && first->op == FT_OP_ADOPTED &&
			 first->source == a.run->exact_source;
	sum_up(&a, tokens);
	code = ft_sides__assign(&sides, ev->model->nr ? ev->model : NULL, &solved);
	if (!code) {
		each_pair(NULL, &a, &sides, &solved);
		each_pair(x, &a, &sides, &solved);
		keep_what_was_put_too_often(x, &a);
	}
	ft_assignment__free(&solved);
	ft_sides__free(&sides);
	return code;
}

static int fill(const struct ft_evidence *ev, const struct ft_crossing *x, struct ft_lost *lost)
{
	const struct ft_token *guilty = x->pin ? x->get : x->put, *other = x->pin ? x->put : x->get;
	const struct ft_event *e = ev->refs->events[guilty->number];
	struct ft_caller at, there = { 0 };
	int code = ft_callers__find(ev->callers, e, &at);

	*lost = (struct ft_lost){
		.put = !x->pin,
		.event = e,
		.confidence = FT_LIKELY,
		.site = at.site,
		.stack = at.stack,
		.reason = { .code = FT_REASON_OTHERS_PAIRED_AS_SEEN },
		.class = x->pin || x->unpin ? FT_OWNER_PIN : FT_OWNER_OTHER,
		.state = FT_OWNER_GONE,
	};
	if (code || ft_token__is_pseudo(other))
		return code;
	lost->other = ev->refs->events[other->number];
	code = ft_callers__find(ev->callers, lost->other, &there);
	lost->other_site = there.site;
	return code;
}

int ft_crossings__answer(const struct ft_crossings *x, const struct ft_evidence *ev,
			 struct ft_folio *folio)
{
	struct ft_lost *lost;
	size_t i;
	int code = 0;

	if (!x->nr)
		return 0;
	lost = ft_arena__alloc(ev->callers->arena, folio->nr_lost + x->nr, sizeof(*lost));
	if (!lost)
		return -ENOMEM;
	for (i = 0; i < folio->nr_lost; i++)
		lost[i] = folio->lost[i];
	for (i = 0; !code && i < x->nr; i++)
		code = fill(ev, &x->list[i], &lost[folio->nr_lost + i]);
	folio->lost = lost;
	folio->nr_lost += x->nr;
	return code;
}
