// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>

#include "core/attribution/refs.h"
#include "core/attribution/rmap.h"
#include "core/folio/reading.h"
#include "core/util/grow.h"

void ft_refs__free(struct ft_refs *refs)
{
	free(refs->list);
	free(refs->events);
	free(refs->steps);
	*refs = (struct ft_refs){ 0 };
}

static int32_t clamp(int64_t refs)
{
	return refs > INT32_MAX ? INT32_MAX : (int32_t)refs;
}

/*
 * The references that the folio accounts for. A mapcount that could not be read, or
 * that was read without finding the head page (FT_PF_TAIL), is no evidence: the one of
 * the ref before stands.
 */
static void read_state(struct ft_ref *r, const struct ft_ref *before, const struct ft_event *e,
		       enum ft_kind kind, unsigned int rules)
{
	struct ft_expected x = ft_expected__of(ft_kind__after(kind, e->flags), e->flags, e->order,
					       e->mapcount, e->pincount, rules);
	int64_t mapped = x.term[FT_TERM_MAPPINGS], pinned = x.term[FT_TERM_PINS];

	r->mapped = clamp(mapped);
	r->pinned = clamp(pinned);
	r->cached = clamp(x.total - mapped - pinned);
	if (e->mapcount == FT_UNKNOWN || (e->flags & FT_PF_TAIL))
		r->mapped = before ? before->mapped : 0;
	r->peak = r->mapped;
}

/* What is mapped and unmapped between two refs shows in what rmap did in between. */
static void read_peak(struct ft_ref *r, const struct ft_event *e, enum ft_kind kind,
		      unsigned int rules)
{
	struct ft_ref at = { 0 };

	if (!ft_event__is_reading(e))
		return;
	read_state(&at, r, e, kind, rules);
	if (at.mapped > r->peak)
		r->peak = at.mapped;
}

/* The references that are pins already at the first ref of a single page. */
static int32_t pinned_before(const struct ft_ref *first)
{
	int64_t rest = ft_ref__before(first) - first->mapped - first->cached;

	return rest < FT_PIN_BIAS ? 0 : clamp(rest - rest % FT_PIN_BIAS);
}

/*
 * Of a single page: a pin is FT_PIN_BIAS references at once, or one and then the rest of
 * them (gup_fast() takes the reference before it knows what it is for).
 */
static void read_pins(struct ft_ref *r, struct ft_ref *before, uint32_t flags)
{
	r->single = !(flags & FT_PF_LARGE);
	if (!r->single)
		return;
	if (r->kind == FT_REF_CHANGE) /* a freeze leaves the pins as they are */
		r->pins = r->delta == FT_PIN_BIAS - 1 ? 1 : r->delta / FT_PIN_BIAS;
	r->pinned = clamp((int64_t)(before ? before->pinned : pinned_before(r)) +
			  (int64_t)r->pins * FT_PIN_BIAS);
	if (r->pinned < 0)
		r->pinned = 0;
}

/*
 * Deltas are exact, counts are read beside them and may already include an operation of
 * another CPU. Where first count and deltas lead to the last count, no operation is
 * missing, and the counts between are made of the deltas.
 */
static void chain_counts(struct ft_refs *refs)
{
	int64_t count;
	size_t i;

	if (!refs->nr)
		return;
	count = ft_ref__before(&refs->list[0]);
	for (i = 0; i < refs->nr; i++)
		count += refs->list[i].delta;
	if (count != refs->list[refs->nr - 1].count)
		return;
	count = ft_ref__before(&refs->list[0]);
	for (i = 0; i < refs->nr; i++)
		refs->list[i].count = (int32_t)(count += refs->list[i].delta);
}

static enum ft_ref_kind kind_of(const struct ft_event *e)
{
	switch (e->op) {
	case FT_OP_FREEZE:
		return FT_REF_FREEZE;
	case FT_OP_SET:
	case FT_OP_UNFREEZE:
		return FT_REF_SET;
	default:
		return FT_REF_CHANGE;
	}
}

int ft_refs__read(struct ft_refs *refs, struct ft_callers *callers, enum ft_kind kind,
		  const struct ft_event *events, size_t nr)
{
	const struct ft_run *run = callers->run;
	struct ft_caller at;
	size_t i;
	int code = 0;

	refs->nr = refs->nr_steps = 0;
	if (FT_GROW(refs->list, refs->room, nr + 1) ||
	    FT_GROW(refs->events, refs->room_events, nr + 1))
		return -ENOMEM;
	for (i = 0; !code && i < nr; i++) {
		const struct ft_event *e = &events[i];
		struct ft_ref *r = &refs->list[refs->nr];

		if (refs->nr && e->op == FT_OP_RETURN)
			read_peak(r - 1, e, kind, ft_run__rules(run));
		code = ft_refs__add_step(refs, events, i);
		if (code)
			break;
		/* page_ref sees additions of 0, too */
		if (!ft_run__is_operation(run, e) || e->refcount == FT_UNKNOWN ||
		    (!e->delta && kind_of(e) == FT_REF_CHANGE))
			continue;
		code = ft_callers__find(callers, e, &at);
		*r = (struct ft_ref){
			.t_ns = e->t_ns,
			.site = at.site,
			.stack = at.stack,
			.task = e->pid,
			.entry_seq = e->entry_seq,
			.delta = e->delta,
			.count = e->refcount,
			.kind = (uint8_t)kind_of(e),
			.lru = e->flags & FT_PF_LRU,
			.owner = (uint8_t)at.owner,
			.no_mapping = at.no_mapping,
			.unpin = at.unpin,
			.interrupt = e->context > FT_CTX_TASK,
			.number = (uint32_t)refs->nr,
		};
		read_state(r, refs->nr ? r - 1 : NULL, e, kind, ft_run__rules(run));
		read_pins(r, refs->nr ? r - 1 : NULL, e->flags);
		refs->events[refs->nr++] = e;
	}
	if (code)
		return code;
	chain_counts(refs);
	return ft_refs__match_steps(refs);
}

bool ft_refs__is_balanced(const struct ft_refs *refs, const struct ft_folio *folio)
{
	const struct ft_ref *last;

	if (!refs->nr || folio->lost_events)
		return false;
	last = &refs->list[refs->nr - 1];
	/* The kernel splits a folio only if its count is the expected one (folio_ref_freeze()
	 * with exactly that count): a lifetime that ends so has no surplus. */
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

struct ft_ref_end ft_refs__end_of_balanced(const struct ft_refs *refs, const struct ft_folio *folio)
{
	const int64_t *term = folio->final.expected.term;
	struct ft_ref_end end = { 0 };

	if (folio->died)
		return folio->how == FT_DIED_SPLIT ? end_of_split(&refs->list[refs->nr - 1]) : end;
	end.mapped = term[FT_TERM_MAPPINGS];
	end.pinned = term[FT_TERM_PINS];
	end.cached = folio->final.expected.total - end.mapped - end.pinned;
	return end;
}

static const struct ft_event *death_of(const struct ft_folio *folio)
{
	size_t i;

	for (i = folio->nr_events; i--;)
		if (folio->events[i].op == FT_OP_DIED)
			return &folio->events[i];
	return NULL;
}

/* What is left without an owner is the surplus; of the rest who had it is known. */
static void set_units(const struct ft_folio *folio, struct ft_ref_end *end)
{
	const struct ft_units *u = &folio->ownerless;
	bool large = folio->final.flags & FT_PF_LARGE;

	if (folio->verdict == FT_VERDICT_OVERPUT) {
		end->surplus = folio->final.surplus;
		return;
	}
	end->surplus = u->references + u->pins;
	end->unowned_pins = u->pins;
	end->kept = folio->final.surplus - u->references - (large ? 0 : u->pins * FT_PIN_BIAS);
	if (end->kept < 0)
		end->kept = 0;
	if (!large) {
		end->pinned += end->kept / FT_PIN_BIAS;
		end->kept %= FT_PIN_BIAS;
	}
	if (large && end->pinned > 0)
		end->pinned = end->pinned > u->pins ? end->pinned - u->pins : 0;
}

bool ft_refs__end(const struct ft_refs *refs, const struct ft_folio *folio, struct ft_ref_end *end)
{
	const struct ft_ref *last;
	const struct ft_event *death;

	if (!refs->nr)
		return false;
	last = &refs->list[refs->nr - 1];
	*end = ft_refs__end_of_balanced(refs, folio);
	if (!folio->died) {
		set_units(folio, end);
		return folio->final.valid && last->count == folio->final.refcount;
	}
	if (folio->how == FT_DIED_SPLIT)
		return true;
	death = death_of(folio);
	if (!death || last->count != (folio->free_while_held ? death->refcount : 0))
		return false;
	if (folio->free_while_held) {
		end->pinned = death->flags & FT_PF_LARGE && death->pincount > 0 ? death->pincount :
										  0;
		end->cached = death->flags & FT_PF_ANON && death->flags & FT_PF_SWAPCACHE;
		end->surplus = death->refcount - end->pinned - end->cached;
	}
	if (folio->free_while_mapped) {
		end->mapped = death->mapcount;
		end->surplus -= end->mapped;
	}
	return true;
}
