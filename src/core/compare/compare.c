// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/compare/compare.h"
#include "core/util/grow.h"
#include "function.h"

#define NEXT 4	      /* events between the two of one operation, if no other CPU is quick */
#define WINDOW 4096   /* events apart: overlapping operations are close */
#define LEFT_MAX 4096 /* operations of one folio that are looked for farther away */

/* Where the event of the other source is looked for, in turn. */
enum where {
	CLOSE, /* in the same function */
	FAR,
	ANYWHERE, /* a tail call of an out-of-line copy leaves only the caller in the stack */
};

void ft_compare__free(struct ft_compare *cmp)
{
	free(cmp->rows);
	free(cmp->matched);
	*cmp = (struct ft_compare){ 0 };
}

/* The tracepoint fires for an addition of 0, too, which is no change. */
static bool is_of(const struct ft_event *e, enum ft_source source)
{
	return ft_event__is_operation(e) && e->source == source && e->delta;
}

/* A plain store: which function it is of is known to the tracepoint only. */
static bool is_store(const struct ft_event *e)
{
	return e->op == FT_OP_SET || e->op == FT_OP_UNFREEZE;
}

/*
 * Both are of the thread that did it. The function of a tracepoint is known by its stack only;
 * without one any function fits.
 */
static bool same(const struct ft_run *run, const struct ft_event *ref, const struct ft_event *in,
		 enum where where)
{
	const struct ft_stack *s = ft_run__stack(run, ref);
	uint32_t i, first = ft_run__operator(run, ref);

	if (ref->pid != in->pid || ref->context != in->context)
		return false;
	if (ref->delta != in->delta || (ref->op != in->op && !(is_store(ref) && is_store(in))))
		return false;
	if (where == ANYWHERE || first >= s->depth)
		return true;
	for (i = first; i < s->depth && i < first + FT_COMPARE_FRAMES; i++)
		if (ft_function__is_same(s->frames[i]->function, in->site->function))
			return true;
	return false;
}

static const char *function_of(const struct ft_run *run, const struct ft_event *e)
{
	const struct ft_stack *s = ft_run__stack(run, e);
	uint32_t first = ft_run__operator(run, e);

	if (e->source == FT_SRC_INLINE)
		return e->site->function;
	return first < s->depth ? s->frames[first]->function : e->site->function;
}

static struct ft_difference *row_of(struct ft_compare *cmp, const struct ft_difference *like)
{
	struct ft_difference *d;
	size_t i;

	for (i = 0; i < cmp->nr; i++) {
		d = &cmp->rows[i];
		if (d->delta == like->delta && d->op == like->op && d->why == like->why &&
		    !strcmp(d->function, like->function))
			return d;
	}
	if (FT_GROW(cmp->rows, cmp->room, cmp->nr + 1))
		return NULL;
	d = &cmp->rows[cmp->nr++];
	*d = *like;
	return d;
}

static int differ(struct ft_compare *cmp, const struct ft_run *run, const struct ft_event *e,
		  enum ft_alone why)
{
	const struct ft_difference like = {
		.function = function_of(run, e),
		.op = e->op,
		.delta = e->delta,
		.why = why,
	};
	struct ft_difference *d = row_of(cmp, &like);

	if (!d)
		return -ENOMEM;
	cmp->total.alone[why]++;
	if (e->source == FT_SRC_INLINE)
		d->only_inline++;
	else
		d->only_page_ref++;
	return 0;
}

static bool pair(struct ft_compare *cmp, const struct ft_analysis *c, size_t i, size_t k,
		 enum where where)
{
	if (cmp->matched[k] || !is_of(&c->events[k], FT_SRC_INLINE) ||
	    !same(c->run, &c->events[i], &c->events[k], where))
		return false;
	cmp->matched[k] = cmp->matched[i] = true;
	return true;
}

/*
 * Finds the inline event that saw the same operation as the tracepoint at i: just before it,
 * as the probe mostly fires first.
 */
static bool match_next(struct ft_compare *cmp, const struct ft_analysis *c, size_t i)
{
	size_t apart;

	for (apart = 1; apart <= NEXT && apart <= i; apart++)
		if (pair(cmp, c, i, i - apart, CLOSE))
			return true;
	return false;
}

/* The same for what is left: the closest. */
static bool match_close(struct ft_compare *cmp, const struct ft_analysis *c, size_t i)
{
	size_t apart;

	for (apart = 1; apart < WINDOW; apart++)
		if ((apart <= i && pair(cmp, c, i, i - apart, CLOSE)) ||
		    (i + apart < c->nr && pair(cmp, c, i, i + apart, CLOSE)))
			return true;
	return false;
}

/* The same for what is left; how many. refused: also where a refused site is why. */
static uint64_t match_left(struct ft_compare *cmp, const struct ft_analysis *c, enum where where,
			   bool refused)
{
	size_t left[LEFT_MAX], nr = 0, i, k;
	uint64_t found = 0;

	for (i = 0; i < c->nr && nr < LEFT_MAX; i++)
		if (is_of(&c->events[i], FT_SRC_INLINE) && !cmp->matched[i])
			left[nr++] = i;
	for (i = 0; i < c->nr && found < nr; i++) {
		if (!is_of(&c->events[i], FT_SRC_PAGE_REF) || cmp->matched[i] ||
		    (!refused && ft_compare__is_refused(c->run, &c->events[i])))
			continue;
		for (k = 0; k < nr && !pair(cmp, c, i, left[k], where); k++)
			;
		found += k < nr;
	}
	return found;
}

static int reserve(struct ft_compare *cmp, size_t nr)
{
	if (FT_GROW(cmp->matched, cmp->matched_room, nr))
		return -ENOMEM;
	memset(cmp->matched, 0, nr * sizeof(*cmp->matched));
	return 0;
}

static void match(struct ft_compare *cmp, const struct ft_analysis *c)
{
	struct ft_comparison *out = &cmp->total;
	size_t i;

	for (i = 0; i < c->nr; i++) {
		out->inlined += is_of(&c->events[i], FT_SRC_INLINE);
		if (!is_of(&c->events[i], FT_SRC_PAGE_REF))
			continue;
		out->page_ref++;
		out->matched += match_next(cmp, c, i);
	}
	for (i = 0; i < c->nr; i++)
		if (is_of(&c->events[i], FT_SRC_PAGE_REF) && !cmp->matched[i])
			out->matched += match_close(cmp, c, i);
	out->matched += match_left(cmp, c, FAR, true);
	out->elsewhere += match_left(cmp, c, ANYWHERE, false);
	out->elsewhere += match_left(cmp, c, ANYWHERE, true);
}

int ft_compare__folio(struct ft_compare *cmp, const struct ft_analysis *c)
{
	struct ft_alone_folio alone;
	bool differs = false;
	size_t i;

	if (!c->run->comparison.made || !c->nr)
		return 0;
	if (reserve(cmp, c->nr))
		return -ENOMEM;
	cmp->total.folios++;
	match(cmp, c);
	alone = ft_compare__alone(&cmp->explained, cmp->matched, c);
	for (i = 0; i < c->nr; i++) {
		const struct ft_event *e = &c->events[i];

		if (!ft_event__is_operation(e) || !e->delta || cmp->matched[i])
			continue;
		differs = true;
		if (differ(cmp, c->run, e, ft_compare__why(&alone, e)))
			return -ENOMEM;
	}
	cmp->total.differing += differs;
	return 0;
}

static int compare_rows(const void *pa, const void *pb)
{
	const struct ft_difference *a = pa, *b = pb;
	uint64_t na = a->only_page_ref + a->only_inline, nb = b->only_page_ref + b->only_inline;

	if (!a->why != !b->why)
		return a->why ? 1 : -1;
	if (na != nb)
		return na > nb ? -1 : 1;
	if (a->delta != b->delta)
		return a->delta < b->delta ? -1 : 1;
	if (a->op != b->op)
		return a->op < b->op ? -1 : 1;
	if (a->why != b->why)
		return a->why < b->why ? -1 : 1;
	return strcmp(a->function, b->function);
}

int ft_compare__complete(struct ft_compare *cmp, struct ft_run *run, struct ft_arena *arena)
{
	struct ft_comparison *out = &run->comparison;

	cmp->total.made = out->made;
	*out = cmp->total;
	if (!cmp->nr)
		return 0;
	qsort(cmp->rows, cmp->nr, sizeof(*cmp->rows), compare_rows);
	out->differences = ft_arena__alloc(arena, cmp->nr, sizeof(*cmp->rows));
	if (!out->differences)
		return -ENOMEM;
	memcpy(out->differences, cmp->rows, cmp->nr * sizeof(*cmp->rows));
	out->nr_differences = cmp->nr;
	return 0;
}
