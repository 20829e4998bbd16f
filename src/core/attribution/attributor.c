// SPDX-License-Identifier: GPL-2.0
#include "core/attribution/answer.h"
#include "core/attribution/attributor.h"
#include "core/attribution/crossing.h"
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
	ft_tokens__free(&n->tokens);
	ft_refs__free(&n->refs);
	*n = (struct ft_attributor){ 0 };
}

int ft_attributor__read(struct ft_attributor *n, enum ft_kind kind, const struct ft_event *events,
			size_t nr)
{
	return ft_refs__read(&n->refs, &n->callers, kind, events, nr);
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
	code = ft_tokens__of(&n->tokens, &n->classes, n->refs.list, n->refs.nr, &end);
	return code ? code : ft_learner__add(&n->learner, &n->tokens, 1);
}

int ft_attributor__learn(struct ft_attributor *n)
{
	return n->learner.nr ? ft_learner__learn(&n->learner, &n->model) : 0;
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
	return ft_tokens__of(&n->tokens, &n->classes, n->refs.list, n->refs.nr, end);
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
		code = ft_attribution__of(&n->tokens, &n->model, &a);
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
	return code || !may_be_crossed(folio) ? code : name_crossings(n, &evidence, folio);
}
