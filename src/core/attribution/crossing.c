// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>

#include "core/attribution/cost.h"
#include "core/attribution/crossing.h"
#include "core/folio/holders.h"
#include "core/folio/owner.h"
#include "core/folio/reading.h"
#include "core/index/tasks.h"

struct pair {
	const struct ft_token *get, *put;
};

/* What is asked of one folio. */
struct asked {
	const struct ft_evidence *ev;
	const struct ft_run *run;
	const struct ft_folio *folio;
	struct pair *pairs; /* of the best assignment */
	size_t nr_pairs;
	bool balance;	   /* also whether each put what it had taken */
	bool before_known; /* what was there before the command's first operation */
	bool pins_add_up;  /* a page whose count is in order: its pins are as many as before */
	bool together;	   /* pins and references are summed up as one */
	bool outsiders;	   /* living ones took references, too */
	bool *others;	/* of the tokens: those that are not the command's */
	int64_t missing; /* of the others', by the end */
	int64_t net[2]; /* of the command's operations that no holder shows, and of those on pins */
};

static const struct ft_event *event_of(const struct asked *a, const struct ft_token *t)
{
	return ft_token__is_pseudo(t) ? NULL : a->ev->refs->events[t->number];
}

static bool is_ours(const struct asked *a, const struct ft_token *t)
{
	const struct ft_event *e = event_of(a, t);

	return e && ft_event__is_commands(e);
}

static bool is_plain(const struct ft_token *t)
{
	return t->hold == FT_HOLD_NONE;
}

static bool is_pin(const struct ft_token *t)
{
	return t->hold == FT_HOLD_PIN;
}

/* Whoever puts it, such a reference goes from one task to another. */
static bool is_passed_on(const struct asked *a, const struct ft_token *t)
{
	const struct ft_class *class = &a->ev->classes->list[t->class];

	if (ft_token__is_pseudo(t))
		return false;
	return (t->put && ft_holders__releases_for_others(class->site, t->stack)) ||
	       ft_classes__passes_on(a->ev->classes, t->class, t->stack);
}

/* The end of what the command itself passed on. */
static bool answers_ours(const struct asked *a, const struct ft_token *put)
{
	size_t i;

	for (i = 0; i < a->nr_pairs; i++)
		if (a->pairs[i].put == put && is_ours(a, a->pairs[i].get) &&
		    is_passed_on(a, a->pairs[i].get))
			return true;
	return false;
}

/* A task that has never come from user space: a kernel thread, a work item, a timer. */
static bool is_kernels(const struct asked *a, const struct ft_event *e)
{
	const struct ft_task *task = ft_run__task(a->run, e->pid);

	return e->context > FT_CTX_TASK || (task && !task->followed && task->last_entry <= 1);
}

/*
 * A put that others do for the command: one like it answers a get of the command. Then the
 * next one is too many, even if there was another reference for it to put.
 */
static bool is_for_the_command(const struct asked *a, const struct ft_token *put)
{
	size_t i;

	for (i = 0; i < a->nr_pairs; i++)
		if (a->pairs[i].put->class == put->class && is_ours(a, a->pairs[i].get) &&
		    is_kernels(a, event_of(a, a->pairs[i].put)))
			return true;
	return false;
}

/*
 * Whether anybody is seen to have a folio. One that nothing maps and no cache has was just
 * allocated, by the call that goes on with it (the target of a migration of a folio that
 * is not followed): its reference is the call's own.
 */
static bool has_holder(const struct asked *a, const struct ft_event *first)
{
	return ft_expected__of(ft_kind__of(first->flags), first->flags, first->order,
			       first->mapcount, first->pincount, ft_run__rules(a->run))
		       .total > 0;
}

/*
 * A put of a reference from before, by a function that puts only what it took itself: the
 * folio was first seen in the midst of its call. Of that the other lifetimes are the proof.
 */
static bool took_it_before(const struct asked *a, const struct pair *p)
{
	return !event_of(a, p->get) && ft_model__puts_its_own(a->ev->model, p->put);
}

/* Whether the get is of an owner that this put must leave alone. */
static bool is_of_others(const struct asked *a, const struct ft_token *get,
			 const struct ft_token *put)
{
	const struct ft_event *e = event_of(a, get);

	return e ? get->task != put->task && ft_run__is_living_outsider(a->run, e) :
		   a->before_known;
}

/* The command's, and what others put for it, unless that can be for a living outsider. */
static bool counts(const struct asked *a, const struct ft_token *t)
{
	const struct ft_event *e = event_of(a, t);

	if (!e)
		return false;
	return ft_event__is_commands(e) ||
	       (t->put && !a->outsiders && is_kernels(a, e) && is_for_the_command(a, t));
}

/* Whether both are of references, or both of pins. */
static bool is_alike(const struct asked *a, const struct ft_token *get, const struct ft_token *put)
{
	if (!(is_plain(get) || is_pin(get)) || !(is_plain(put) || is_pin(put)))
		return false;
	return a->together || get->hold == put->hold;
}

static enum ft_crossing_kind kind_of(const struct asked *a, const struct pair *p)
{
	const struct ft_event *e = event_of(a, p->put);

	if (!e || (a->pins_add_up && is_pin(p->get) != is_pin(p->put)))
		return FT_CROSSING_NONE;
	if (!a->together && is_pin(p->get) && is_plain(p->put) && !ft_token__is_pseudo(p->get))
		return counts(a, p->put) ? FT_CROSSING_PIN : FT_CROSSING_NONE;
	if (!a->together && is_plain(p->get) && is_pin(p->put))
		return FT_CROSSING_UNPIN;
	if (!a->balance || !is_alike(a, p->get, p->put) || !is_of_others(a, p->get, p->put) || is_passed_on(a, p->get) || is_passed_on(a, p->put))
		return FT_CROSSING_NONE;
	if (ft_event__is_commands(e))
		return FT_CROSSING_ROBBED;
	if (!is_kernels(a, e))
		return FT_CROSSING_NONE;
	/* what puts for the command may put for others as well */
	if (is_for_the_command(a, p->put))
		return event_of(a, p->get) ? FT_CROSSING_UNCLEAR : FT_CROSSING_ROBBED;
	/* an interrupt may be the end of anybody's I/O */
	if (e->context > FT_CTX_TASK || took_it_before(a, p))
		return FT_CROSSING_NONE;
	return FT_CROSSING_UNCLEAR;
}

static bool has_outsiders(const struct asked *a, const struct ft_tokens *tokens)
{
	size_t i;

	for (i = 0; i < tokens->nr; i++) {
		const struct ft_event *e = event_of(a, &tokens->list[i]);

		if (e && !tokens->list[i].put && ft_run__is_living_outsider(a->run, e) &&
		    !is_kernels(a, e))
			return true;
	}
	return false;
}

/* How many mappings the command made so far, less those that it removed. */
struct mapped {
	size_t next; /* event */
	int32_t mapcount;
	int64_t made;
};

static void go_on_until(struct mapped *m, const struct ft_folio *folio, uint64_t t_ns)
{
	for (; m->next < folio->nr_events && folio->events[m->next].t_ns <= t_ns; m->next++) {
		const struct ft_event *e = &folio->events[m->next];
		enum ft_role role = e->site->role;

		if (!ft_event__is_reading(e))
			continue;
		if (e->op == FT_OP_RETURN && e->followed && m->mapcount != FT_UNKNOWN &&
		    (role == FT_ROLE_MAP || role == FT_ROLE_MAP_NEW || role == FT_ROLE_UNMAP))
			m->made += e->mapcount - m->mapcount;
		m->mapcount = e->mapcount;
	}
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* In which of two sums it is. */
static size_t as_pin(const struct asked *a, const struct ft_token *t)
{
	return is_pin(t) && !a->together;
}

/* The command puts what others had passed on. */
static bool is_of_passed(const struct asked *a, const struct ft_token *t)
{
	return t->put && is_plain(t) && is_passed_on(a, t) && !answers_ours(a, t);
}

static int64_t signed_units(const struct ft_token *t)
{
	return t->put ? -(int64_t)t->n : (int64_t)t->n;
}

/* Of the command, and of the threads of the kernel, so far. */
struct sums {
	int64_t plain, with_maps, pins;
	int64_t kernels[2];	    /* references and pins */
	/* of the whole lifetime, by everybody, and by all but the command */
	int64_t kinds[2][FT_OWNER_COUNT], others[2];
};

/*
 * The kernel's threads put first what one of them took: a work item gets, a timer puts. Of
 * what they put more, the rest is for the command.
 */
static int64_t for_the_command(int64_t *kernels, const struct ft_token *t)
{
	int64_t rest;

	*kernels += signed_units(t);
	if (*kernels >= 0)
		return 0;
	rest = *kernels;
	*kernels = 0;
	return rest;
}

/* All that went into pipes, that I/O took, was put by them again: none of it is anybody's. */
static bool is_passed_and_back(const struct asked *a, const struct sums *s, const struct ft_token *t)
{
	enum ft_owner_class kind = ft_token__passed_by(t);

	return kind != FT_OWNER_OTHER && !s->kinds[as_pin(a, t)][kind];
}

/* What all but the command took and did not put; of what was passed on the command put theirs. */
static bool add_others(const struct asked *a, struct sums *s, const struct ft_token *t)
{
	if (!(is_plain(t) || is_pin(t)) || is_passed_and_back(a, s, t))
		return false;
	if (ft_token__is_pseudo(t) ? !a->before_known : is_ours(a, t) && !is_of_passed(a, t))
		return false;
	s->others[as_pin(a, t)] += signed_units(t);
	return true;
}

static void add(struct asked *a, struct sums *s, const struct ft_token *t)
{
	int64_t n = signed_units(t);
	const struct ft_event *e = event_of(a, t);

	if (is_passed_and_back(a, s, t))
		return;
	if (e && is_kernels(a, e) && (is_plain(t) || is_pin(t)))
		n = for_the_command(&s->kernels[as_pin(a, t)], t);
	if (!counts(a, t) || is_of_passed(a, t))
		return;
	if (is_pin(t))
		s->pins += n;
	if (is_plain(t))
		s->plain += n;
	if (is_plain(t) || t->hold == FT_HOLD_MAP)
		s->with_maps += n;
}

/*
 * What the command took less what it put, where that is least: what others put for it later
 * does not make up for it. The mapping that an operation goes with shows in the operations
 * around it, if those are not of the same mapping; else only in what rmap did. The milder
 * of both counts. A pin of a large folio is told from a reference by readings, which may be
 * of another moment: there both together count, where no pin is left.
 */
static void sum_up(struct asked *a, const struct ft_tokens *tokens)
{
	const struct ft_token *list = tokens->nr_whole ? tokens->whole : tokens->list;
	size_t nr = tokens->nr_whole ? tokens->nr_whole : tokens->nr, i;
	struct mapped mapped = { .mapcount = FT_UNKNOWN };
	struct sums s = { 0 };
	int64_t net;

	for (i = 0; i < nr; i++)
		if (is_plain(&list[i]) || is_pin(&list[i]))
			s.kinds[as_pin(a, &list[i])][ft_token__passed_by(&list[i])] +=
				signed_units(&list[i]);
	for (i = 0; i < nr; i++) {
		const struct ft_token *t = &list[i];

		add(a, &s, t);
		go_on_until(&mapped, a->folio, t->t_ns);
		net = larger(s.plain, s.with_maps - mapped.made);
		if (a->together)
			net += s.pins;
		if (net < a->net[0])
			a->net[0] = net;
		if (s.pins < a->net[1])
			a->net[1] = s.pins;
		a->others[i] = add_others(a, &s, t);
	}
	a->missing = s.others[0] + s.others[1];
	for (i = 0; i < 2; i++)
		if (-s.others[i] < a->net[i])
			a->net[i] = -s.others[i];
}

/* Those of others' references count only if more was put than had been taken. */
static void collect(struct ft_crossings *x, const struct asked *a)
{
	int64_t left[2] = { -a->net[0], -a->net[1] };
	size_t i;

	x->nr = 0;
	for (i = 0; i < a->nr_pairs && x->nr < FT_CROSSINGS_MAX; i++) {
		const struct pair *p = &a->pairs[i];
		enum ft_crossing_kind kind = kind_of(a, p);

		if (kind == FT_CROSSING_NONE ||
		    (kind == FT_CROSSING_ROBBED && left[is_pin(p->put) && !a->together]-- <= 0))
			continue;
		x->list[x->nr++] = (struct ft_crossing){ p->get, p->put, kind };
	}
}

static int find_pairs(struct asked *a, const struct ft_tokens *tokens)
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
		a->pairs[a->nr_pairs++] = s.over_put ? (struct pair){ demand, supply } :
						       (struct pair){ supply, demand };
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
	struct asked a = {
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
		sum_up(&a, tokens);
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
		.class = is_pin(guilty) ? FT_OWNER_PIN : FT_OWNER_OTHER,
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
