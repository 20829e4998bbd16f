// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/attribution/attributor.h"
#include "core/folio/reading.h"

#define LEARN_EVENTS 400 /* a longer life is not learned from */

void ft_attributor__init(struct ft_attributor *n, const struct ft_run *run, struct ft_arena *arena)
{
	*n = (struct ft_attributor){ .run = run, .arena = arena };
}

void ft_attributor__free(struct ft_attributor *n)
{
	ft_classes__free(&n->classes);
	ft_learner__free(&n->learner);
	ft_model__free(&n->model);
	ft_tokens__free(&n->tokens);
	free(n->refs);
	free(n->events);
	*n = (struct ft_attributor){ 0 };
}

/* A tracepoint stands in a helper: the place is the frame that called it. */
static int find_caller(struct ft_attributor *n, const struct ft_event *e, struct ft_caller *c)
{
	const struct ft_stack *full = &n->run->stacks[e->stack];
	struct ft_stack *stack = ft_arena__alloc(n->arena, 1, sizeof(*stack));
	struct ft_site *site = ft_arena__alloc(n->arena, 1, sizeof(*site));
	uint32_t i = ft_run__operator(n->run, e);

	if (!stack || !site)
		return -ENOMEM;
	*c = (struct ft_caller){ e->site, full };
	if (i >= full->depth)
		return 0;
	*stack = (struct ft_stack){ full->frames + i, full->depth - i, full->cut };
	*site = (struct ft_site){
		.function = full->frames[i]->function,
		.module = full->frames[i]->module,
		.offset = full->frames[i]->offset,
		.address = full->frames[i]->address,
		.after = true,
		.role = FT_ROLE_REF,
		.attached = true,
	};
	*c = (struct ft_caller){ site, stack };
	return 0;
}

int ft_attributor__caller(struct ft_attributor *n, const struct ft_event *e, struct ft_caller *c)
{
	const struct ft_run *run = n->run;
	bool known = e->stack && e->stack < run->nr_stacks && run->stacks[e->stack].depth;
	int code;

	*c = (struct ft_caller){ e->site, known ? &run->stacks[e->stack] : NULL };
	if (!known || e->source != FT_SRC_PAGE_REF)
		return 0;
	if (!n->callers) {
		n->callers = ft_arena__alloc(n->arena, run->nr_stacks, sizeof(*n->callers));
		if (!n->callers)
			return -ENOMEM;
	}
	if (!n->callers[e->stack].site) {
		code = find_caller(n, e, &n->callers[e->stack]);
		if (code)
			return code;
	}
	*c = n->callers[e->stack];
	return 0;
}

static int reserve(struct ft_attributor *n, size_t want)
{
	void *p;

	if (want <= n->room)
		return 0;
	p = realloc(n->refs, want * sizeof(*n->refs));
	if (!p)
		return -ENOMEM;
	n->refs = p;
	p = realloc(n->events, want * sizeof(*n->events));
	if (!p)
		return -ENOMEM;
	n->events = p;
	n->room = want;
	return 0;
}

static int32_t clamp(int64_t refs)
{
	return refs > INT32_MAX ? INT32_MAX : (int32_t)refs;
}

/* A mapcount torn by a split stays what it was. */
static void read_state(const struct ft_attributor *n, enum ft_kind kind, const struct ft_event *e,
		       const struct ft_ref *before, struct ft_ref *r)
{
	struct ft_expected x = ft_expected__of(ft_kind__after(kind, e->flags), e->flags, e->order,
					       e->mapcount, e->pincount, ft_run__rules(n->run));
	int64_t mapped = x.term[FT_TERM_MAPPINGS], pinned = x.term[FT_TERM_PINS];

	r->mapped = clamp(mapped);
	r->pinned = clamp(pinned);
	r->cached = clamp(x.total - mapped - pinned);
	if (e->mapcount == FT_UNKNOWN || (e->flags & FT_PF_TAIL))
		r->mapped = before ? before->mapped : 0;
}

/*
 * Deltas are exact and in order, counts were read beside them: where both agree
 * in the end, the counts are made of the deltas.
 */
static void chain_counts(struct ft_attributor *n)
{
	int64_t count;
	size_t i;

	if (!n->nr)
		return;
	count = (int64_t)n->refs[0].count - n->refs[0].delta;
	for (i = 0; i < n->nr; i++)
		count += n->refs[i].delta;
	if (count != n->refs[n->nr - 1].count)
		return;
	count = (int64_t)n->refs[0].count - n->refs[0].delta;
	for (i = 0; i < n->nr; i++)
		n->refs[i].count = (int32_t)(count += n->refs[i].delta);
}

int ft_attributor__read(struct ft_attributor *n, enum ft_kind kind, const struct ft_event *events,
			size_t nr)
{
	struct ft_caller at;
	size_t i;
	int code = reserve(n, nr + 1);

	n->nr = 0;
	for (i = 0; !code && i < nr; i++) {
		const struct ft_event *e = &events[i];
		struct ft_ref *r = &n->refs[n->nr];

		if (!ft_event__is_operation(e) || e->source != n->run->exact_source ||
		    e->refcount == FT_UNKNOWN)
			continue;
		code = ft_attributor__caller(n, e, &at);
		*r = (struct ft_ref){
			.t_ns = e->t_ns,
			.site = at.site,
			.stack = at.stack,
			.task = e->pid,
			.entry_seq = e->entry_seq,
			.delta = e->delta,
			.count = e->refcount,
			.kind = e->op == FT_OP_FREEZE			      ? FT_REF_FREEZE :
				e->op == FT_OP_SET || e->op == FT_OP_UNFREEZE ? FT_REF_SET :
										FT_REF_CHANGE,
			.lru = e->flags & FT_PF_LRU,
			.number = (uint32_t)n->nr,
		};
		read_state(n, kind, e, n->nr ? r - 1 : NULL, r);
		n->events[n->nr++] = e;
	}
	if (!code)
		chain_counts(n);
	return code;
}

/* Why a life teaches something: nothing of it is missing, nothing was left. */
static bool is_balanced(const struct ft_attributor *n, const struct ft_folio *folio)
{
	const struct ft_ref *last = &n->refs[n->nr - 1];

	if (folio->lost_events)
		return false;
	/* Only a folio without a reference too many can be split. */
	if (folio->died)
		return folio->how == FT_DIED_SPLIT ||
		       (!last->count && folio->how != FT_DIED_UNSEEN);
	return folio->verdict == FT_VERDICT_BALANCED && folio->final.valid &&
	       !folio->final.surplus && last->count == folio->final.refcount;
}

/* What a split leaves to the folio's first child. */
static struct ft_ref_end end_of_split(const struct ft_ref *last)
{
	struct ft_ref_end end = { 0 };
	int64_t left = last->count > 0 ? last->count : 0;

	end.mapped = last->mapped < left ? last->mapped : left;
	if (end.mapped < 0)
		end.mapped = 0;
	left -= end.mapped;
	end.cached = last->cached < left ? last->cached : left;
	end.kept = left - end.cached;
	return end;
}

static struct ft_ref_end end_of(const struct ft_attributor *n, const struct ft_folio *folio)
{
	const int64_t *term = folio->final.expected.term;
	struct ft_ref_end end = { 0 };

	if (folio->died)
		return folio->how == FT_DIED_SPLIT ? end_of_split(&n->refs[n->nr - 1]) : end;
	end.mapped = term[FT_TERM_MAPPINGS];
	end.pinned = term[FT_TERM_PINS];
	end.cached = folio->final.expected.total - end.mapped - end.pinned;
	return end;
}

int ft_attributor__learn_folio(struct ft_attributor *n, const struct ft_folio *folio,
			       const struct ft_event *events, size_t nr)
{
	struct ft_ref_end end;
	int code;

	if (nr > LEARN_EVENTS)
		return 0;
	code = ft_attributor__read(n, folio->kind, events, nr);
	if (code || !n->nr || !is_balanced(n, folio))
		return code;
	end = end_of(n, folio);
	code = ft_tokens__of(&n->tokens, &n->classes, n->refs, n->nr, &end);
	return code ? code : ft_learner__add(&n->learner, &n->tokens, 1);
}

int ft_attributor__learn(struct ft_attributor *n)
{
	return n->learner.nr ? ft_learner__learn(&n->learner, &n->model) : 0;
}

/* What the last reading says that is there, and what should be. */
static bool read_end(const struct ft_attributor *n, const struct ft_folio *folio,
		     struct ft_ref_end *end)
{
	const struct ft_ref *last = &n->refs[n->nr - 1];
	size_t i;

	*end = end_of(n, folio);
	if (!folio->died) {
		if (!folio->born && folio->baseline > 0 && folio->verdict == FT_VERDICT_LEAK)
			end->kept = folio->baseline;
		end->surplus = folio->final.surplus - end->kept;
		return folio->final.valid && last->count == folio->final.refcount;
	}
	if (folio->how == FT_DIED_SPLIT)
		return true;
	for (i = folio->nr_events; i-- && folio->events[i].op != FT_OP_DIED;)
		;
	if (i == SIZE_MAX || last->count)
		return false;
	if (folio->free_while_mapped) {
		end->mapped = folio->events[i].mapcount;
		end->surplus = -end->mapped;
	}
	return true;
}

int ft_attributor__tokens(struct ft_attributor *n, const struct ft_folio *folio,
			  struct ft_ref_end *end, bool *whole)
{
	int code = ft_attributor__read(n, folio->kind, folio->events, folio->nr_events);

	*whole = !code && n->nr && read_end(n, folio, end);
	if (!*whole)
		return code;
	return ft_tokens__of(&n->tokens, &n->classes, n->refs, n->nr, end);
}

/* What was not seen may be the put, whether it was lost or there is no probe on it. */
static bool may_be_unseen(const struct ft_folio *folio)
{
	return folio->lost_events || folio->conservation.state == FT_CONSERVATION_BROKEN;
}

int ft_attributor__name(struct ft_attributor *n, struct ft_folio *folio)
{
	struct ft_attribution a;
	struct ft_ref_end end;
	bool whole;
	int code = ft_attributor__tokens(n, folio, &end, &whole);

	/* Not every operation was seen: then the boundaries say more. */
	if (code || !whole || !end.surplus)
		return code;
	code = ft_attribution__of(&n->tokens, &n->model, &a);
	if (code || !a.lead->nr)
		return code;
	if (a.confidence == FT_CERTAIN && may_be_unseen(folio))
		a.confidence = FT_LIKELY;
	if (a.in_batch && folio->verdict == FT_VERDICT_LEAK) {
		folio->verdict = FT_VERDICT_INCONCLUSIVE;
		folio->reason = "it went into a per-CPU LRU batch and was not seen to come out of "
				"it: the batch may still hold the reference";
		folio->nr_lost = 0;
		return 0;
	}
	return ft_attributor__answer(n, folio, &end, &a);
}
