// SPDX-License-Identifier: GPL-2.0
/*
 * The references that a folio had when a split or migration failed: the gets before it to
 * which no put before it is assigned, by the assignment that names a lost get.
 */
#include <errno.h>
#include <stdlib.h>

#include "core/query/why_holders.h"

#include "core/folio/holders.h"

/* Pins are not expected here: they are what is asked about. One of a single page
 * is one reference, in one step (+1024) or in two (+1, +1023). */
static void unpin(struct ft_attributor *n, bool large)
{
	int64_t count;
	size_t i;

	if (!n->refs.nr)
		return;
	count = (int64_t)n->refs.list[0].count - n->refs.list[0].delta;
	if (!large)
		count = count / FT_PIN_BIAS + count % FT_PIN_BIAS;
	for (i = 0; i < n->refs.nr; i++) {
		struct ft_ref *r = &n->refs.list[i];

		r->pinned = 0;
		if (large)
			continue;
		if (r->delta >= FT_PIN_BIAS - 1 || r->delta <= 1 - FT_PIN_BIAS)
			r->delta /= FT_PIN_BIAS;
		r->count = (int32_t)(count += r->delta);
	}
}

static bool is_pin(const struct ft_event *e, const struct ft_event *end)
{
	const struct ft_event *next = e + 1;

	if (e->delta >= FT_PIN_BIAS)
		return true;
	/* the pincount goes up beside the refcount, a moment later */
	if (e->flags & FT_PF_LARGE)
		return next <= end && e->pincount != FT_UNKNOWN && next->pincount > e->pincount;
	while (next <= end && next->pid != e->pid)
		next++;
	return next <= end && next->delta > 0 && next->delta % FT_PIN_BIAS == FT_PIN_BIAS - 1;
}

static enum ft_holder_kind what_for(const struct ft_attributor *n, const struct ft_token *t,
				    const struct ft_event *e, const struct ft_failure *f)
{
	if (is_pin(e, f->failed))
		return FT_FOR_PIN;
	if (t->hold == FT_HOLD_BATCH || t->hold == FT_HOLD_OPEN_BATCH)
		return FT_FOR_BATCH;
	/* PG_lru is cleared only after the get: the events so far do not show it */
	if (t->hold == FT_HOLD_ISOLATION || n->classes.list[t->class].role == FT_PLACE_ISOLATES)
		return FT_FOR_ISOLATION;
	return FT_FOR_UNKNOWN;
}

static int add(struct ft_attributor *n, struct ft_failure *f, const struct ft_token *t)
{
	const struct ft_event *e = n->refs.events[t->number];
	struct ft_transient *h = f->nr_transients ? &f->transients[f->nr_transients - 1] : NULL;
	struct ft_caller at;
	size_t i;
	int code;

	if (h && h->event == e) {
		h->references++;
		return 0;
	}
	code = ft_callers__find(&n->callers, e, &at);
	h = &f->transients[f->nr_transients++];
	*h = (struct ft_transient){
		.event = e,
		.site = at.site,
		.stack = at.stack,
		.references = 1,
		.what = what_for(n, t, e, f),
		.class = ft_holders__class(at.site, at.stack),
	};
	for (i = 0; i < f->folio->nr_lost; i++)
		h->never_put |= !f->folio->lost[i].put && f->folio->lost[i].event == e;
	return code;
}

/* How likely it is the reference of the caller of the failed function; 0: it is not. */
static int fits_caller(const struct ft_transient *h, const struct ft_failure *f)
{
	if (h->what == FT_FOR_PIN || h->what == FT_FOR_BATCH || h->references != 1)
		return 0;
	if (f->migration && h->what == FT_FOR_ISOLATION)
		return 3;
	if (h->event->pid != f->failed->pid)
		return 0;
	return h->event->entry_seq == f->failed->entry_seq ? 2 : 1;
}

/* The latest of those that fit best. */
static void find_caller(struct ft_failure *f)
{
	struct ft_transient *best = NULL;
	size_t i;

	for (i = 0; i < f->nr_transients; i++) {
		struct ft_transient *h = &f->transients[i];

		if (fits_caller(h, f) && (!best || fits_caller(h, f) >= fits_caller(best, f)))
			best = h;
	}
	if (best)
		best->what = FT_FOR_CALLER;
}

static int by_time(const void *a, const void *b)
{
	const struct ft_transient *x = a, *y = b;

	return x->event->t_ns < y->event->t_ns ? -1 : x->event->t_ns > y->event->t_ns;
}

static int fill(struct ft_attributor *n, struct ft_failure *f, const struct ft_ranking *r)
{
	size_t i;
	int code = 0;

	f->transients = ft_arena__alloc(n->arena, r->nr_unmatched + 1, sizeof(*f->transients));
	if (!f->transients)
		return -ENOMEM;
	for (i = 0; !code && i < r->nr_unmatched; i++)
		code = add(n, f, r->unmatched[i]);
	if (f->nr_transients)
		qsort(f->transients, f->nr_transients, sizeof(*f->transients), by_time);
	find_caller(f);
	for (i = 0; i < f->nr_transients; i++)
		if (f->transients[i].what != FT_FOR_CALLER)
			f->unseen -= f->transients[i].references;
	if (f->unseen < 0) /* the caller's own is among them, but which one is not known */
		f->unseen = 0;
	if (f->unseen)
		f->unknown.code = r->nr_unmatched == FT_UNMATCHED_MAX ? FT_REASON_TOO_MANY_HOLDERS :
				  r->was_there ? FT_REASON_BEFORE_FIRST_OPERATION :
						 FT_REASON_NO_GET_LEFT;
	return code;
}

int ft_why__transients(struct ft_attributor *n, struct ft_failure *f)
{
	const struct ft_folio *folio = f->folio;
	struct ft_attribution a;
	struct ft_ref_end end;
	int code;

	if (!n->run->exact)
		return 0;
	code = ft_attributor__read(n, folio->kind, folio->events,
				   (size_t)(f->failed - folio->events));
	if (code)
		return code;
	unpin(n, f->failed->flags & FT_PF_LARGE);
	end = (struct ft_ref_end){
		.mapped = f->expected.term[FT_TERM_MAPPINGS],
		.cached = f->expected.total - f->expected.term[FT_TERM_MAPPINGS] - 1,
		.surplus = f->extra + 1,
	};
	if (!n->refs.nr ||
	    n->refs.list[n->refs.nr - 1].count != end.mapped + end.cached + end.surplus) {
		f->unknown.code = FT_REASON_OPERATIONS_DO_NOT_ADD_UP;
		return 0;
	}
	code = ft_tokens__of(&n->tokens, &n->classes, n->refs.list, n->refs.nr, &end);
	if (!code)
		code = ft_attribution__of(&n->tokens, &n->model, &a);
	if (code)
		return code;
	f->confidence = a.confidence;
	return a.lead ? fill(n, f, a.lead) : 0;
}
