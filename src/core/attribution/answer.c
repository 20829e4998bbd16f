// SPDX-License-Identifier: GPL-2.0
#include <errno.h>

#include "core/attribution/answer.h"
#include "core/attribution/interval.h"
#include "core/folio/holders.h"
#include "core/index/calls.h"

#define LOST_MAX 8 /* references of a folio that are reported one by one */
#define DEPTH 32   /* functions open at once */

static int fill_candidate(const struct ft_evidence *ev, const struct ft_suspect *s,
			  struct ft_candidate *c)
{
	struct ft_caller at;
	const struct ft_event *e = ev->refs->events[s->token->number];
	int code = ft_callers__find(ev->callers, e, &at);

	*c = (struct ft_candidate){
		.event = e,
		.site = at.site,
		.stack = at.stack,
		.p = s->p,
		.alike = s->alike,
	};
	return code;
}

static int fill_candidates(const struct ft_evidence *ev, const struct ft_ranking *r,
			   struct ft_lost *lost)
{
	size_t i;
	int code = 0;

	lost->candidates = ft_arena__alloc(ev->callers->arena, r->nr, sizeof(*lost->candidates));
	if (!lost->candidates)
		return -ENOMEM;
	for (i = 0; !code && i < r->nr; i++)
		code = fill_candidate(ev, &r->suspect[i], &lost->candidates[i]);
	lost->nr_candidates = r->nr;
	return code;
}

/* The outermost function around the example's put that was entered after its get. */
static const struct ft_site *opened_between(const struct ft_run *run, const struct ft_answer *a)
{
	const struct ft_call *open[DEPTH];
	size_t i, nr;

	if (!a->same_call)
		return NULL;
	nr = ft_run__open_calls(run, a->task, a->put_ns, open, DEPTH);
	for (i = nr; i--;)
		if (open[i]->t_ns > a->get_ns)
			return open[i]->site;
	return NULL;
}

static enum ft_reason_code code_of(const struct ft_answer *a)
{
	return a->same_call ? FT_REASON_ANSWERED_IN_SAME_CALL :
	       a->same_task ? FT_REASON_ANSWERED_IN_LATER_CALL :
			      FT_REASON_ANSWERED_BY_OTHER_TASK;
}

static void fill_answer(const struct ft_evidence *ev, const struct ft_token *get,
			struct ft_lost *lost)
{
	const struct ft_class *put;
	struct ft_answer a = { 0 };

	if (!ev->model->nr || !ft_model__answer(ev->model, ev->classes, get, &a)) {
		lost->answer.code = FT_REASON_ANSWER_UNKNOWN;
		return;
	}
	put = &ev->classes->list[a.class];
	lost->answered_by = put->site;
	lost->answered_in = opened_between(ev->callers->run, &a);
	lost->answered_caller = put->caller[0];
	lost->answered = a.seen;
	lost->answered_stack = a.stack;
	lost->answer = (struct ft_reason){
		.code = code_of(&a),
		.n = { (int64_t)a.seen, a.by_place },
		.site = put->site,
	};
}

/* The best of the candidates that is not lost itself; NULL: there is none. */
static const struct ft_candidate *rival_of(const struct ft_lost *lost)
{
	size_t i;

	for (i = 0; i < lost->nr_candidates; i++)
		if (lost->candidates[i].site != lost->site ||
		    lost->candidates[i].event != lost->event)
			return &lost->candidates[i];
	return NULL;
}

/* What decided between the candidates, or why nothing could. */
static void fill_reason(const struct ft_evidence *ev, const struct ft_attribution *a,
			struct ft_lost *lost)
{
	/* else the model has only what other runs taught: no folio of this one decides */
	bool learned = ev->model->learned || !ev->model->table;
	const struct ft_candidate *rival = rival_of(lost);
	struct ft_reason *reason = &lost->reason;
	size_t i;

	for (i = 0; i < lost->nr_candidates; i++)
		if (lost->candidates[i].event == lost->event && lost->candidates[i].alike > 1)
			reason->n[0] = lost->candidates[i].alike;
	if (lost->confidence == FT_CERTAIN) {
		reason->code = FT_REASON_OTHERS_PAIRED;
		return;
	}
	if (!rival) {
		reason->code = FT_REASON_OTHERS_PAIRED_AS_SEEN;
		return;
	}
	reason->code = lost->confidence == FT_AMBIGUOUS	 ? FT_REASON_CANDIDATES_UNDECIDED :
		       a->lead == &a->learned && learned ? FT_REASON_BALANCED_FOLIOS_DECIDE :
							   FT_REASON_LIKELIEST;
	reason->n[1] = rival - lost->candidates;
	reason->site = rival->site;
}

static double p_of(const struct ft_ranking *r, const struct ft_token *t)
{
	size_t i;

	for (i = 0; i < r->nr; i++)
		if (r->suspect[i].token->class == t->class)
			return r->suspect[i].p;
	return 0;
}

/* Whose reference it is: by what the folio shows, else by where it was taken. */
static enum ft_owner_class class_of_token(const struct ft_folio *folio, const struct ft_token *t,
					  const struct ft_caller *at)
{
	enum ft_owner_class class;

	switch (t->hold) {
	case FT_HOLD_MAP:
		return FT_OWNER_MAPPING;
	case FT_HOLD_PIN:
		return FT_OWNER_PIN;
	case FT_HOLD_ISOLATION:
		return FT_OWNER_ISOLATION;
	default:
		break;
	}
	class = ft_holders__class(at->site, at->stack);
	/* _pincount follows the reference: where it had been lowered again, no reading shows it */
	if ((class == FT_OWNER_GUP || class == FT_OWNER_OTHER) && folio->ownerless.pins > 0 &&
	    folio->ownerless.references <= 0)
		return FT_OWNER_PIN;
	return class;
}

static int fill(const struct ft_evidence *ev, const struct ft_folio *folio,
		const struct ft_attribution *a, const struct ft_token *token, struct ft_lost *lost)
{
	struct ft_caller at;
	const struct ft_event *e = ev->refs->events[token->number];
	int code = ft_callers__find(ev->callers, e, &at);

	*lost = (struct ft_lost){
		.put = token->put,
		.event = e,
		.confidence = a->confidence,
		.p = p_of(a->lead, token),
		.site = at.site,
		.stack = at.stack,
		.class = class_of_token(folio, token, &at),
		.state = FT_OWNER_GONE,
	};
	if (!code)
		code = fill_candidates(ev, a->lead, lost);
	if (code)
		return code;
	fill_reason(ev, a, lost);
	if (lost->put)
		return 0;
	fill_answer(ev, token, lost);
	return ft_lost__find_returned(ev->callers->run, ev->callers->arena, folio, lost);
}

/*
 * The surplus is older than the first operation: the reference is that of the allocation,
 * or was there before. A birth has no stack; that of the first operation of the same call
 * shows where it was, from the function on that the birth was seen in.
 */
static int fill_unseen(const struct ft_evidence *ev, const struct ft_folio *folio,
		       struct ft_lost *lost)
{
	const struct ft_event *birth = folio->nr_events ? &folio->events[0] : NULL, *e;
	struct ft_stack *stack;
	uint32_t i;

	*lost = (struct ft_lost){
		.confidence = FT_LIKELY,
		.reason = { .code = FT_REASON_BEFORE_FIRST_OPERATION },
		.class = FT_OWNER_BEFORE,
		.state = FT_OWNER_GONE,
	};
	if (!birth || birth->op != FT_OP_BORN || birth->value || !ev->refs->nr)
		return 0;
	lost->event = birth;
	lost->site = birth->site;
	lost->class = folio->kind == FT_KIND_FILE || folio->kind == FT_KIND_SHMEM ?
			      FT_OWNER_LOOKUP :
			      FT_OWNER_ALLOCATION;
	e = ev->refs->events[0];
	if (e->pid != birth->pid)
		return 0;
	stack = ft_arena__alloc(ev->callers->arena, 1, sizeof(*stack));
	if (!stack)
		return -ENOMEM;
	*stack = *ft_run__stack(ev->callers->run, e);
	for (i = 0; i < stack->depth; i++)
		if (stack->frames[i]->function == birth->site->function)
			break;
	if (i == stack->depth)
		return 0;
	stack->frames += i;
	stack->depth -= i;
	lost->stack = stack;
	return 0;
}

int ft_evidence__answer(const struct ft_evidence *ev, struct ft_folio *folio,
			const struct ft_ref_end *end, const struct ft_attribution *a)
{
	const struct ft_ranking *r = a->lead;
	int64_t wrong = end->surplus < 0 ? -end->surplus : end->surplus;
	struct ft_lost *lost;
	size_t i, nr = 0;
	int code = 0;

	if (wrong > LOST_MAX)
		wrong = LOST_MAX;
	lost = ft_arena__alloc(ev->callers->arena, (size_t)wrong, sizeof(*lost));
	if (!lost)
		return -ENOMEM;
	if (r->was_there && !r->nr_unmatched)
		code = fill_unseen(ev, folio, &lost[nr++]);
	for (i = 0; !code && i < r->nr_unmatched && nr < (size_t)wrong; i++)
		code = fill(ev, folio, a, r->unmatched[i], &lost[nr++]);
	if (code || !nr)
		return code;
	folio->lost = lost;
	folio->nr_lost = nr;
	return 0;
}
