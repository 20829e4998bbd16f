// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>

#include "core/attribution/asked.h"
#include "core/attribution/cost.h"
#include "core/attribution/crossing.h"
#include "core/folio/holders.h"
#include "core/folio/owner.h"
#include "core/folio/reading.h"
#include "core/index/tasks.h"

/*
 * Whether anybody is seen to have a folio. One that nothing maps and no cache has was just
 * allocated, by the call that goes on with it (the target of a migration of a folio that
 * is not followed): its reference is the call's own.
 */
static bool has_holder(const struct ft_asked *a, const struct ft_event *first)
{
	return ft_expected__of(ft_kind__of(first->flags), first->flags, first->order,
			       first->mapcount, first->pincount, ft_run__rules(a->run))
		       .total > 0;
}

/*
 * A put of a reference from before, by a function that puts only what it took itself: the
 * folio was first seen in the midst of its call. Of that the other lifetimes are the proof.
 */
static bool took_it_before(const struct ft_asked *a, const struct ft_answered *p)
{
	return !ft_asked__event(a, p->get) && ft_model__puts_its_own(a->ev->model, p->put);
}

/* Whether the get is of an owner that this put must leave alone. */
static bool is_of_others(const struct ft_asked *a, const struct ft_token *get,
			 const struct ft_token *put)
{
	const struct ft_event *e = ft_asked__event(a, get);

	return e ? get->task != put->task && ft_run__is_living_outsider(a->run, e) :
		   a->before_known;
}

/* Whether both are of references, or both of pins. */
static bool is_alike(const struct ft_asked *a, const struct ft_token *get,
		     const struct ft_token *put)
{
	if (!(ft_token__is_plain(get) || ft_token__is_pin(get)) ||
	    !(ft_token__is_plain(put) || ft_token__is_pin(put)))
		return false;
	return a->together || get->hold == put->hold;
}

static bool is_of_call(const struct ft_token *t, const struct ft_token *put)
{
	return t != put && !ft_token__is_pseudo(t) && ft_token__is_same_call(t, put) &&
	       (ft_token__is_plain(t) || ft_token__is_pin(t));
}

/*
 * A thread of the kernel took it, and a call of the command that does nothing else puts it: so
 * looks a put too many, and so does a reference that was taken for the command and given to it.
 */
static bool may_be_handed_over(const struct ft_asked *a, const struct ft_answered *p)
{
	const struct ft_event *get = ft_asked__event(a, p->get);
	size_t i;

	if (!get || !ft_asked__is_kernels(a, get))
		return false;
	for (i = 0; i < a->nr_pairs; i++)
		if (is_of_call(a->pairs[i].get, p->put) || is_of_call(a->pairs[i].put, p->put))
			return false;
	return true;
}

static enum ft_crossing_kind kind_of(const struct ft_asked *a, const struct ft_answered *p)
{
	const struct ft_event *e = ft_asked__event(a, p->put);

	if (!e || (a->pins_add_up && ft_token__is_pin(p->get) != ft_token__is_pin(p->put)))
		return FT_CROSSING_NONE;
	if (!a->together && ft_token__is_pin(p->get) && ft_token__is_plain(p->put) &&
	    !ft_token__is_pseudo(p->get))
		return ft_asked__counts(a, p->put) ? FT_CROSSING_PIN : FT_CROSSING_NONE;
	if (!a->together && ft_token__is_plain(p->get) && ft_token__is_pin(p->put))
		return FT_CROSSING_UNPIN;
	if (!a->balance || !is_alike(a, p->get, p->put) || !is_of_others(a, p->get, p->put) ||
	    ft_asked__is_passed_on(a, p->get) || ft_asked__is_passed_on(a, p->put))
		return FT_CROSSING_NONE;
	if (ft_event__is_commands(e))
		return may_be_handed_over(a, p) ? FT_CROSSING_UNCLEAR : FT_CROSSING_ROBBED;
	if (!ft_asked__is_kernels(a, e))
		return FT_CROSSING_NONE;
	/* what puts for the command may put for others as well */
	if (ft_asked__is_for_the_command(a, p->put))
		return ft_asked__event(a, p->get) ? FT_CROSSING_UNCLEAR : FT_CROSSING_ROBBED;
	/* an interrupt may be the end of anybody's I/O */
	if (e->context > FT_CTX_TASK || took_it_before(a, p))
		return FT_CROSSING_NONE;
	return FT_CROSSING_UNCLEAR;
}

static bool has_outsiders(const struct ft_asked *a, const struct ft_tokens *tokens)
{
	size_t i;

	for (i = 0; i < tokens->nr; i++) {
		const struct ft_event *e = ft_asked__event(a, &tokens->list[i]);

		if (e && !tokens->list[i].put && ft_run__is_living_outsider(a->run, e) &&
		    !ft_asked__is_kernels(a, e))
			return true;
	}
	return false;
}

/* Those of others' references count only if more was put than had been taken. */
static void collect(struct ft_crossings *x, const struct ft_asked *a)
{
	int64_t left[2] = { -a->net[0], -a->net[1] };
	size_t i;

	x->nr = 0;
	for (i = 0; i < a->nr_pairs && x->nr < FT_CROSSINGS_MAX; i++) {
		const struct ft_answered *p = &a->pairs[i];
		enum ft_crossing_kind kind = kind_of(a, p);

		if (kind == FT_CROSSING_NONE ||
		    (kind == FT_CROSSING_UNCLEAR && ft_asked__is_ours(a, p->put) &&
		     a->missing <= 0) ||
		    (kind == FT_CROSSING_ROBBED &&
		     left[ft_token__is_pin(p->put) && !a->together]-- <= 0))
			continue;
		x->list[x->nr++] = (struct ft_crossing){ p->get, p->put, kind };
	}
}

static int find_pairs(struct ft_asked *a, const struct ft_tokens *tokens)
{
	struct ft_sides s;
	struct ft_assignment solved;
	size_t i;
	int code = ft_sides__of(&s, tokens);

	if (code)
		return code;
	code = ft_sides__assign(&s, a->ev->model->nr ? a->ev->model : NULL, &solved);
	a->pairs = calloc(s.nr_supplies + 1, sizeof(*a->pairs));
	if (!a->pairs)
		code = -ENOMEM;
	for (i = 0; !code && i < s.nr_supplies; i++) {
		const struct ft_token *supply = s.supplies[i], *demand;

		if (solved.row_of[i] < 0)
			continue;
		demand = s.demands[solved.row_of[i]];
		a->pairs[a->nr_pairs++] = s.over_put ? (struct ft_answered){ demand, supply } :
						       (struct ft_answered){ supply, demand };
	}
	ft_assignment__free(&solved);
	ft_sides__free(&s);
	return code;
}

static bool is_any_robbed(const struct ft_crossings *x)
{
	size_t i;

	for (i = 0; i < x->nr; i++)
		if (x->list[i].kind == FT_CROSSING_ROBBED)
			return true;
	return false;
}

int ft_crossings__of(struct ft_crossings *x, const struct ft_evidence *ev,
		     const struct ft_tokens *tokens, const struct ft_folio *folio)
{
	const struct ft_event *first = folio->nr_events ? &folio->events[0] : NULL;
	struct ft_asked a = {
		.ev = ev,
		.run = ev->callers->run,
		.folio = folio,
		/* not if those of several tasks were cancelled against each other */
		.balance = (folio->question == FT_QUESTION_BALANCE || folio->ownerless.pins) &&
			   !tokens->mixed,
		.pins_add_up = !folio->order && !folio->ownerless.pins,
		.together = folio->order && !folio->ownerless.pins,
	};
	int code = find_pairs(&a, tokens);

	*x = (struct ft_crossings){ 0 };
	a.before_known = first && first->op == FT_OP_ADOPTED &&
			 first->source == a.run->exact_source && has_holder(&a, first);
	a.others = calloc((tokens->nr_whole ? tokens->nr_whole : tokens->nr) + 1, sizeof(bool));
	if (!code && !a.others)
		code = -ENOMEM;
	if (!code) {
		a.outsiders = has_outsiders(&a, tokens);
		ft_asked__sum_up(&a, tokens);
		collect(x, &a);
	}
	if (!code && a.missing > 0 && is_any_robbed(x))
		code = ft_robbed__of(&x->robbed, tokens, a.others, a.missing,
				     ev->model->nr ? ev->model : NULL);
	free(a.others);
	free(a.pairs);
	return code;
}

void ft_crossings__free(struct ft_crossings *x)
{
	ft_robbed__free(&x->robbed);
}

/* Other puts of the same call: each of them may be the one that is too many. */
static int fill_rivals(const struct ft_evidence *ev, const struct ft_tokens *tokens,
		       const struct ft_token *guilty, struct ft_lost *lost)
{
	struct ft_caller at;
	size_t i;
	int code;

	lost->candidates =
		ft_arena__alloc(ev->callers->arena, FT_RANK_MAX, sizeof(*lost->candidates));
	if (!lost->candidates)
		return -ENOMEM;
	lost->candidates[lost->nr_candidates++] = (struct ft_candidate){ .event = lost->event,
									 .site = lost->site,
									 .stack = lost->stack,
									 .p = 1,
									 .alike = 1 };
	for (i = 0; i < tokens->nr && lost->nr_candidates < FT_RANK_MAX; i++) {
		const struct ft_token *t = &tokens->list[i];

		if (t->class == guilty->class || !t->put || ft_token__is_pseudo(t) ||
		    t->hold != guilty->hold || !ft_token__is_same_call(t, guilty))
			continue;
		code = ft_callers__find(ev->callers, ev->refs->events[t->number], &at);
		if (code)
			return code;
		lost->candidates[lost->nr_candidates++] =
			(struct ft_candidate){ .event = ev->refs->events[t->number],
					       .site = at.site,
					       .stack = at.stack,
					       .alike = 1 };
	}
	for (i = 0; i < lost->nr_candidates; i++)
		lost->candidates[i].p = 1.0 / (double)lost->nr_candidates;
	if (lost->nr_candidates < 2)
		return 0;
	lost->confidence = FT_AMBIGUOUS;
	lost->p = lost->candidates[0].p;
	lost->reason = (struct ft_reason){ .code = FT_REASON_CANDIDATES_UNDECIDED,
					   .n = { 0, 1 },
					   .site = lost->candidates[1].site };
	return 0;
}

static int fill(const struct ft_evidence *ev, const struct ft_tokens *tokens,
		const struct ft_crossing *x, struct ft_lost *lost)
{
	bool pin = x->kind == FT_CROSSING_PIN;
	const struct ft_token *guilty = pin ? x->get : x->put, *other = pin ? x->put : x->get;
	const struct ft_event *e = ev->refs->events[guilty->number];
	struct ft_caller at, there = { 0 };
	int code = ft_callers__find(ev->callers, e, &at);

	*lost = (struct ft_lost){
		.put = !pin,
		.event = e,
		.confidence = FT_LIKELY,
		.site = at.site,
		.stack = at.stack,
		.reason = { .code = FT_REASON_OTHERS_PAIRED_AS_SEEN },
		.class = ft_token__is_pin(guilty) ? FT_OWNER_PIN : FT_OWNER_OTHER,
		.state = x->kind == FT_CROSSING_UNCLEAR ? FT_OWNER_POSSIBLE : FT_OWNER_GONE,
	};
	if (!code && x->kind == FT_CROSSING_ROBBED)
		code = fill_rivals(ev, tokens, guilty, lost);
	if (code || ft_token__is_pseudo(other))
		return code;
	lost->other = ev->refs->events[other->number];
	code = ft_callers__find(ev->callers, lost->other, &there);
	lost->other_site = there.site;
	return code;
}

/* The puts of the command that robbed others, by the ranking of its own; others' gets stay. */
static int name_robbed(const struct ft_crossings *x, const struct ft_evidence *ev,
		       const struct ft_folio *folio, struct ft_lost *lost)
{
	const struct ft_robbed *r = &x->robbed;
	const struct ft_ref_end end = { .surplus = -r->units };
	struct ft_folio named = *folio;
	size_t i, next = 0;
	int code;

	named.nr_lost = 0;
	code = ft_evidence__answer(ev, &named, &end, &r->attribution);
	for (i = 0; !code && i < x->nr && next < named.nr_lost; i++) {
		struct ft_lost was = lost[i];

		if (x->list[i].kind != FT_CROSSING_ROBBED || !named.lost[next].put)
			continue;
		lost[i] = named.lost[next++];
		lost[i].other = was.other;
		lost[i].other_site = was.other_site;
		lost[i].class = was.class;
	}
	return code;
}

int ft_crossings__answer(const struct ft_crossings *x, const struct ft_evidence *ev,
			 const struct ft_tokens *tokens, struct ft_folio *folio)
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
		code = fill(ev, tokens, &x->list[i], &lost[folio->nr_lost + i]);
	if (!code && x->robbed.units)
		code = name_robbed(x, ev, folio, lost + folio->nr_lost);
	folio->lost = lost;
	folio->nr_lost += x->nr;
	return code;
}
