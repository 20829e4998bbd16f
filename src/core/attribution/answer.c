// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "core/attribution/answer.h"
#include "core/attribution/interval.h"
#include "core/index/calls.h"

#define LOST_MAX 8 /* references of a folio that are reported one by one */
#define DEPTH 32   /* functions open at once */

#define NAME(site) (site)->function, (site)->offset
#define AT "%s+0x%" PRIx64

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

static const char *call_of(const struct ft_answer *a)
{
	return a->same_call ? "in the same call" :
	       a->same_task ? "in a later call of the task" :
			      "by another task";
}

static int fill_answer(const struct ft_evidence *ev, const struct ft_token *get,
		       struct ft_lost *lost)
{
	const struct ft_class *put;
	struct ft_answer a = { 0 };
	char under[128] = "";

	if (!ev->model->nr || !ft_model__answer(ev->model, ev->classes, get, &a)) {
		lost->answer = "no folio of this run shows the put that answers this get";
		return 0;
	}
	put = &ev->classes->list[a.class];
	lost->answered_by = put->site;
	lost->answered_in = opened_between(ev->callers->run, &a);
	lost->answered = a.seen;
	lost->answered_stack = a.stack;
	if (lost->answered_in)
		snprintf(under, sizeof(under), ", under %s", lost->answered_in->function);
	else if (put->caller[0])
		snprintf(under, sizeof(under), " < %s", put->caller[0]);
	lost->answer = ft_arena__printf(
		ev->callers->arena, "%" PRIu64 " other%s%s put by " AT "%s, %s; this one was not",
		a.seen, a.seen == 1 ? " was" : "s were", a.by_place ? " (with other callers)" : "",
		NAME(put->site), under, call_of(&a));
	return lost->answer ? 0 : -ENOMEM;
}

/* What decided between the candidates, or why nothing could. */
static int fill_reason(const struct ft_evidence *ev, const struct ft_attribution *a,
		       struct ft_lost *lost)
{
	const char *other = lost->put ? "get" : "put", *this = lost->put ? "put" : "get";
	const struct ft_candidate *rival = NULL;
	char alike[64] = "";
	size_t i;

	for (i = 0; i < lost->nr_candidates && !rival; i++)
		if (lost->candidates[i].site != lost->site ||
		    lost->candidates[i].event != lost->event)
			rival = &lost->candidates[i];
	for (i = 0; i < lost->nr_candidates; i++)
		if (lost->candidates[i].event == lost->event && lost->candidates[i].alike > 1)
			snprintf(alike, sizeof(alike), "; this one or another of %u like it",
				 lost->candidates[i].alike);
	if (lost->confidence == FT_CERTAIN || !rival)
		lost->reason = ft_arena__printf(
			ev->callers->arena, "%severy other %s has its %s%s",
			lost->confidence == FT_CERTAIN ? "" : "as far as was seen, ", this, other,
			alike);
	else if (lost->confidence == FT_AMBIGUOUS)
		lost->reason = ft_arena__printf(ev->callers->arena,
						"one of " AT " and " AT
						": what happened to this folio cannot decide%s",
						NAME(lost->site), NAME(rival->site), alike);
	else
		lost->reason = ft_arena__printf(ev->callers->arena, "%s; else " AT " (p %.2f)%s",
						a->lead == &a->learned ?
							"balanced folios of this run decide" :
							"the likeliest by what happened around it",
						NAME(rival->site), rival->p, alike);
	return lost->reason ? 0 : -ENOMEM;
}

static double p_of(const struct ft_ranking *r, const struct ft_token *t)
{
	size_t i;

	for (i = 0; i < r->nr; i++)
		if (r->suspect[i].token->class == t->class)
			return r->suspect[i].p;
	return 0;
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
	};
	if (!code)
		code = fill_candidates(ev, a->lead, lost);
	if (!code && !lost->put)
		code = fill_answer(ev, token, lost);
	if (!code && !lost->put)
		code = ft_interval__format(ev->callers->run, ev->callers->arena, folio, lost);
	return code ? code : fill_reason(ev, a, lost);
}

/* The surplus is older than the first operation: there is no get to report. */
static void fill_unseen(struct ft_lost *lost)
{
	*lost = (struct ft_lost){
		.confidence = FT_LIKELY,
		.reason = "it was there before the first operation that was seen",
	};
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
		fill_unseen(&lost[nr++]);
	for (i = 0; !code && i < r->nr_unmatched && nr < (size_t)wrong; i++)
		code = fill(ev, folio, a, r->unmatched[i], &lost[nr++]);
	if (code || !nr)
		return code;
	folio->lost = lost;
	folio->nr_lost = nr;
	return 0;
}
