// SPDX-License-Identifier: GPL-2.0
#include "core/attribution/answer.h"
#include "core/attribution/attributor.h"
#include "core/attribution/crossing.h"
#include "core/attribution/shrink.h"
#include "core/index/owners.h"

#define LEARN_EVENTS 400 /* a longer lifetime is no example */

void ft_attributor__init(struct ft_attributor *n, const struct ft_run *run, struct ft_arena *arena)
{
	*n = (struct ft_attributor){
		.run = run,
		.arena = arena,
		.callers = { .run = run, .arena = arena },
	};
}

void ft_attributor__free(struct ft_attributor *n)
{
	ft_classes__free(&n->classes);
	ft_learner__free(&n->learner);
	ft_model__free(&n->model);
	ft_pair_table__free(&n->table);
	ft_tallies__free(&n->tallies);
	ft_tokens__free(&n->tokens);
	ft_refs__free(&n->refs);
	*n = (struct ft_attributor){ 0 };
}

int ft_attributor__read(struct ft_attributor *n, enum ft_kind kind, const struct ft_event *events,
			size_t nr)
{
	return ft_refs__read(&n->refs, &n->callers, kind, events, nr);
}

/* Tokens, and the tallies of them before any is taken out. */
static int make_tokens(struct ft_attributor *n, const struct ft_ref_end *end)
{
	int code = ft_tokens__read(&n->tokens, &n->classes, n->refs.list, n->refs.nr, end);

	if (!code)
		code = ft_tallies__of(&n->tallies, &n->tokens, &n->classes);
	if (!code)
		code = ft_tokens__shrink(&n->tokens);
	return code;
}

/* What is whose at which place. */
static void learn_holders(struct ft_attributor *n)
{
	size_t i;

	for (i = 0; i < n->tokens.nr; i++) {
		const struct ft_token *t = &n->tokens.list[i];
		struct ft_class *class = &n->classes.list[t->class];

		if (ft_token__is_pseudo(t))
			continue;
		class->seen++;
		class->mapped += t->shown == FT_HOLD_MAP || t->hold == FT_HOLD_MAP;
		class->cached += t->shown == FT_HOLD_CACHE;
		if (n->refs.list[t->at].single)
			continue;
		class->seen_large++;
		class->pinned += t->shown == FT_HOLD_PIN;
	}
}

int ft_attributor__learn_folio(struct ft_attributor *n, const struct ft_folio *folio,
			       const struct ft_event *events, size_t nr)
{
	struct ft_ref_end end;
	int code;

	if (nr > LEARN_EVENTS)
		return 0;
	code = ft_attributor__read(n, folio->kind, events, nr);
	if (code || !ft_refs__is_balanced(&n->refs, folio))
		return code;
	end = ft_refs__end_of_balanced(&n->refs, folio);
	code = make_tokens(n, &end);
	if (code)
		return code;
	ft_tallies__count(&n->tallies);
	learn_holders(n);
	return ft_learner__add(&n->learner, &n->tokens, 1);
}

int ft_attributor__know(struct ft_attributor *n, const struct ft_pairs *pairs, double scale)
{
	return ft_pair_table__add(&n->table, pairs, scale);
}

int ft_attributor__learn(struct ft_attributor *n)
{
	int code = n->learner.nr ? ft_learner__learn(&n->learner, &n->model) : 0;

	return code ? code : ft_model__lean_on(&n->model, &n->table, &n->classes);
}

int ft_attributor__pairs(struct ft_attributor *n, struct ft_pairs *pairs)
{
	struct ft_pair_list list;
	int code;

	ft_pair_list__init(&list, n->arena);
	code = ft_pair_list__add_model(&list, &n->model, &n->classes);
	if (!code)
		code = ft_pair_list__finish(&list, pairs);
	ft_pair_list__free(&list);
	return code;
}

int ft_attributor__tokens(struct ft_attributor *n, const struct ft_folio *folio,
			  struct ft_ref_end *end, bool *whole)
{
	int code = ft_attributor__read(n, folio->kind, folio->events, folio->nr_events);

	*whole = !code && ft_refs__end(&n->refs, folio, end);
	if (!*whole)
		return code;
	end->in_pipes = ft_run__units_found(n->callers.run, folio->id, FT_OWNER_PIPE);
	end->in_sockets = ft_run__units_found(n->callers.run, folio->id, FT_OWNER_SOCKET);
	return make_tokens(n, end);
}

int ft_attributor__count(struct ft_attributor *n, const struct ft_folio *folio)
{
	struct ft_ref_end end;
	bool whole;
	int code = ft_attributor__tokens(n, folio, &end, &whole);

	if (!code && whole)
		ft_tallies__count(&n->tallies);
	return code;
}

/* An operation that was not seen may be the missing put: events were lost, or there is
 * no probe on it (then the conservation check fails). */
static bool may_be_unseen(const struct ft_folio *folio)
{
	return folio->lost_events || folio->conservation.state == FT_CONSERVATION_BROKEN;
}

static int name_crossings(struct ft_attributor *n, const struct ft_evidence *evidence,
			  struct ft_folio *folio)
{
	struct ft_crossings crossings;
	int code = ft_crossings__of(&crossings, evidence, &n->tokens, folio);

	/* as many were put as were taken: what was inferred from readings is these */
	if (!code && crossings.nr && !n->tokens.surplus)
		folio->nr_lost = 0;
	if (!code)
		code = ft_crossings__answer(&crossings, evidence, &n->tokens, folio);
	ft_crossings__free(&crossings);
	return code;
}

static bool may_be_crossed(const struct ft_folio *folio)
{
	return folio->question == FT_QUESTION_BALANCE || folio->ownerless.pins;
}

static void tell_calls(const struct ft_attributor *n, struct ft_folio *folio)
{
	size_t i;

	for (i = 0; i < folio->nr_lost; i++)
		ft_tallies__tell(&n->tallies, &folio->lost[i]);
}

int ft_attributor__name(struct ft_attributor *n, struct ft_folio *folio)
{
	const struct ft_evidence evidence = { &n->callers, &n->refs, &n->classes, &n->model };
	struct ft_attribution a;
	struct ft_ref_end end;
	bool whole;
	int code;

	/* no operation of a count was lost */
	if (folio->ownerless.mappings || folio->reason.code == FT_REASON_GET_ON_FREED)
		return 0;
	code = ft_attributor__tokens(n, folio, &end, &whole);
	if (code || !whole)
		return code;
	if (end.surplus) {
		bool leads = ft_model__may_lead(&n->model, end.surplus, !may_be_unseen(folio));

		code = ft_attribution__of(&n->tokens, leads ? &n->model : NULL, &a);
		if (code)
			return code;
	}
	if (end.surplus && a.lead->nr) {
		if (a.confidence == FT_CERTAIN && may_be_unseen(folio))
			a.confidence = FT_LIKELY;
		if (a.in_batch && folio->verdict == FT_VERDICT_LEAK && !n->run->drained) {
			folio->verdict = FT_VERDICT_INCONCLUSIVE;
			folio->reason = (struct ft_reason){ .code = FT_REASON_IN_LRU_BATCH };
			folio->nr_lost = 0;
			return 0;
		}
		code = ft_evidence__answer(&evidence, folio, &end, &a);
	}
	if (!code && may_be_crossed(folio))
		code = name_crossings(n, &evidence, folio);
	if (!code)
		tell_calls(n, folio);
	return code;
}
