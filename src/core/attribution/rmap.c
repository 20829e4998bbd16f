// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>

#include "core/attribution/rmap.h"
#include "core/util/grow.h"

#define LOOK_BACK 64 /* events between the entry of an rmap function and its return */

static int32_t sign_of(enum ft_role role)
{
	return role == FT_ROLE_UNMAP ? -1 : role == FT_ROLE_MAP || role == FT_ROLE_MAP_NEW ? 1 : 0;
}

/* The entry of the function that returns there; the birth of a lifetime stands for it. */
static const struct ft_event *entry_of(const struct ft_event *events, size_t at)
{
	const struct ft_event *e = &events[at], *first = at > LOOK_BACK ? e - LOOK_BACK : events;
	const struct ft_event *before;

	for (before = e; before-- > first;)
		if (before->pid == e->pid && before->site == e->site)
			return before->op == FT_OP_RETURN ? NULL : before;
	return NULL;
}

/* Of one page a call adds or removes one mapping; of more, what both readings say. */
static int32_t units_of(const struct ft_event *entry, const struct ft_event *e, int32_t sign)
{
	int64_t step;

	if (!e->order)
		return sign;
	if (entry->mapcount == FT_UNKNOWN || e->mapcount == FT_UNKNOWN)
		return 0;
	step = (int64_t)e->mapcount - entry->mapcount;
	return step * sign > 0 && step >= -FT_PIN_BIAS && step <= FT_PIN_BIAS ? (int32_t)step : 0;
}

/* Refs that came before an event of the folio. */
static uint32_t refs_before(const struct ft_refs *refs, const struct ft_event *e)
{
	size_t nr = refs->nr;

	while (nr && refs->events[nr - 1] > e)
		nr--;
	return (uint32_t)nr;
}

int ft_refs__add_step(struct ft_refs *refs, const struct ft_event *events, size_t at)
{
	const struct ft_event *e = &events[at], *entry;
	int32_t n = e->op == FT_OP_RETURN ? sign_of(e->site->role) : 0;

	entry = n ? entry_of(events, at) : NULL;
	n = entry ? units_of(entry, e, n) : 0;
	if (!n)
		return 0;
	if (FT_GROW(refs->steps, refs->room_steps, refs->nr_steps + 1))
		return -ENOMEM;
	refs->steps[refs->nr_steps++] = (struct ft_rmap_step){
		.task = e->pid,
		.entry_seq = e->entry_seq,
		.interrupt = e->context > FT_CTX_TASK,
		.large = e->order,
		.n = n,
		.left = n,
		.from = refs_before(refs, entry),
		.until = (uint32_t)refs->nr,
	};
	return 0;
}

/* A ref or a step, in the order of its call. */
struct act {
	uint32_t task, entry_seq, order;
	bool interrupt;
	struct ft_ref *ref; /* or a step: */
	struct ft_rmap_step *step;
};

static int by_call(const void *a, const void *b)
{
	const struct act *x = a, *y = b;

	if (x->task != y->task)
		return x->task < y->task ? -1 : 1;
	if (x->entry_seq != y->entry_seq)
		return x->entry_seq < y->entry_seq ? -1 : 1;
	if (x->interrupt != y->interrupt)
		return x->interrupt - y->interrupt;
	return x->order < y->order ? -1 : x->order > y->order;
}

static bool is_same_call(const struct act *a, const struct act *b)
{
	return a->task == b->task && a->entry_seq == b->entry_seq && a->interrupt == b->interrupt;
}

/* The get of the page cache, the swap cache or of private data. */
static bool is_cached(const struct ft_refs *refs, const struct ft_ref *r)
{
	return r->delta > 0 && r + 1 < refs->list + refs->nr &&
	       (int64_t)r[1].cached - r->cached == r->delta;
}

/* References of a ref that may still be a mapping's, up to n; negative: of a put. */
static int32_t may_take(const struct ft_refs *refs, const struct act *a, int32_t n)
{
	const struct ft_ref *r = a->ref;
	int32_t left;

	/* between a freeze and the set that ends it nothing is taken or put */
	if (!r || r->no_mapping || r->pins ||
	    (r->kind != FT_REF_CHANGE && (r->kind != FT_REF_SET || r != refs->list)) ||
	    is_cached(refs, r))
		return 0;
	left = r->delta - r->maps;
	if (n > 0)
		return left < 0 ? 0 : left < n ? left : n;
	return left > 0 ? 0 : left > n ? left : n;
}

/*
 * A mapping counts from the ref behind its get, and until its put. While the rmap function
 * runs, a reading may show it or not: then it counts once at most.
 */
static void note_change(const struct ft_refs *refs, const struct ft_ref *r,
			const struct ft_rmap_step *step, int32_t n, int32_t *change)
{
	change[(r - refs->list) + (n > 0)] += n;
	change[n > 0 ? step->from : step->until] -= n;
}

struct call {
	struct ft_refs *refs;
	struct act *acts;
	size_t nr;
	int32_t *change; /* of the mapcount from one ref to the next */
};

/* Lets a step have what it can of a ref. */
static void match(const struct call *c, struct ft_rmap_step *step, const struct act *a)
{
	int32_t part = may_take(c->refs, a, step->left);

	if (!part)
		return;
	step->left -= part;
	a->ref->maps += part;
	note_change(c->refs, a->ref, step, part, c->change);
}

/* Mappings that were only replaced: __split_huge_pmd() adds one a page and removes one. */
static void replace(struct ft_rmap_step *added, struct ft_rmap_step *removed)
{
	int32_t n = added->left < -removed->left ? added->left : -removed->left;

	added->left -= n;
	removed->left += n;
}

/* Those taken before it, the last ones first, back to the step before; or only the last get. */
static void match_before(const struct call *c, size_t at, bool last_only)
{
	struct ft_rmap_step *step = c->acts[at].step;
	size_t i;

	for (i = at; i && !c->acts[i - 1].step && step->left;) {
		bool get = may_take(c->refs, &c->acts[--i], step->left);

		match(c, step, &c->acts[i]);
		if (get && last_only)
			return;
	}
}

/*
 * The references of added mappings: the last that were taken before. What is missing may come
 * from mappings that are removed at once, or be taken afterwards (finish_fault() and
 * filemap_map_pages() map the pages of a large folio first).
 */
static void match_added(const struct call *c, size_t at)
{
	struct ft_rmap_step *step = c->acts[at].step;
	size_t i;

	match_before(c, at, true);
	for (i = at + 1; i < c->nr && step->left; i++) {
		const struct act *a = &c->acts[i];

		if (a->step && a->step->left < 0)
			replace(step, a->step);
		else if (a->step ? !step->large : may_take(c->refs, a, -1))
			break;
		else if (a->ref && step->large)
			match(c, step, a);
	}
	match_before(c, at, false);
}

static void match_call(const struct call *c)
{
	size_t i, j;

	for (i = 0; i < c->nr; i++)
		/* what is mapped before the first ref has its reference from before, too */
		if (c->acts[i].step && c->acts[i].step->n > 0 && c->acts[i].step->until)
			match_added(c, i);
	for (i = 0; i < c->nr; i++)
		for (j = i + 1; c->acts[i].step && j < c->nr && c->acts[i].step->left < 0; j++)
			match(c, c->acts[i].step, &c->acts[j]);
}

static size_t fill_acts(struct ft_refs *refs, struct act *acts)
{
	size_t i, nr = 0;

	for (i = 0; i < refs->nr; i++) {
		struct ft_ref *r = &refs->list[i];

		acts[nr++] =
			(struct act){ r->task, r->entry_seq, (uint32_t)(2 * i + 1), r->interrupt,
				      r,       NULL };
	}
	for (i = 0; i < refs->nr_steps; i++) {
		struct ft_rmap_step *s = &refs->steps[i];

		acts[nr++] =
			(struct act){ s->task, s->entry_seq, 2 * s->until, s->interrupt, NULL, s };
	}
	return nr;
}

/*
 * What a reading may show of steps that the refs of their calls do not explain; where one
 * began before a ref and ended behind it, it may be on either side.
 */
static void note_unmatched(struct ft_refs *refs)
{
	size_t i;
	uint32_t at;

	for (i = 0; i < refs->nr_steps; i++) {
		const struct ft_rmap_step *s = &refs->steps[i];
		int32_t n = s->from == s->until ? s->left : s->n;

		refs->list[0].became_mapped += s->left > 0 && s->until ? s->left : 0;
		for (at = s->from ? s->from : 1; at <= s->until; at++) {
			refs->list[at - 1].raised += n > 0 ? n : 0;
			refs->list[at - 1].lowered -= n < 0 ? n : 0;
		}
	}
}

int ft_refs__match_steps(struct ft_refs *refs)
{
	struct act *acts;
	int32_t *change, shift = 0;
	size_t i, j, nr;

	if (!refs->nr_steps || !refs->nr)
		return 0;
	acts = calloc(refs->nr + refs->nr_steps, sizeof(*acts));
	change = calloc(refs->nr + 2, sizeof(*change));
	if (!acts || !change) {
		free(acts);
		free(change);
		return -ENOMEM;
	}
	nr = fill_acts(refs, acts);
	qsort(acts, nr, sizeof(*acts), by_call);
	for (i = 0; i < nr; i = j) {
		for (j = i + 1; j < nr && is_same_call(&acts[i], &acts[j]); j++)
			;
		match_call(&(struct call){ refs, acts + i, j - i, change });
	}
	note_unmatched(refs);
	for (i = 0; i < refs->nr; i++) {
		shift += change[i];
		refs->list[i].mapped += shift;
	}
	free(acts);
	free(change);
	return 0;
}
