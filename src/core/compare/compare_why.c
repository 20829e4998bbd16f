// SPDX-License-Identifier: GPL-2.0
#include "core/compare/compare_why.h"

#include <string.h>

#include "function.h"

static bool same_module(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool has_refused(const struct ft_run *run, const struct ft_frame_name *f)
{
	size_t i;

	for (i = 0; i < run->nr_sites; i++) {
		const struct ft_site *s = run->sites[i];

		if (s->inlined && !s->attached && same_module(s->module, f->module) &&
		    ft_function__is_same(s->function, f->function))
			return true;
	}
	return false;
}

bool ft_compare__is_refused(const struct ft_run *run, const struct ft_event *e)
{
	const struct ft_stack *s = ft_run__stack(run, e);
	uint32_t i, first = ft_run__operator(run, e);

	for (i = first; i < s->depth && i < first + FT_COMPARE_FRAMES; i++)
		if (has_refused(run, s->frames[i]))
			return true;
	return false;
}

static bool same_thread(const struct ft_event *a, const struct ft_event *b)
{
	return a->pid == b->pid && a->context == b->context && a->cpu == b->cpu;
}

/*
 * The tracepoint fires after the operation and the probe mostly before it. If another CPU
 * made or removed the folio's tracked entry between the two, only one of them has a
 * record: the first or the last that this thread has of the lifetime.
 */
static bool is_at_edge(const struct ft_analysis *c, const struct ft_event *e)
{
	bool first = e->source == FT_SRC_PAGE_REF;
	const struct ft_event *at = e, *end = first ? c->events : c->events + c->nr - 1;

	if (first ? end->seq != 1 : !c->folio->died)
		return false;
	while (at != end) {
		at += first ? -1 : 1;
		if (same_thread(at, e))
			return false;
	}
	return true;
}

static bool is_alone(const struct ft_alone_folio *a, size_t i)
{
	const struct ft_event *e = &a->c->events[i];

	return ft_event__is_operation(e) && e->delta && !a->matched[i];
}

/* An operation that page_ref missed is missing in its sum of deltas, too. */
static bool sum_lacks(const struct ft_alone_folio *a, bool edges)
{
	const struct ft_analysis *c = a->c;
	const struct ft_conservation *conservation = &c->folio->conservation;
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < c->nr; i++)
		if (is_alone(a, i) && c->events[i].source == FT_SRC_INLINE &&
		    (edges || !is_at_edge(c, &c->events[i])))
			sum += c->events[i].delta;
	return conservation->state != FT_CONSERVATION_UNCHECKED && conservation->off == sum;
}

struct ft_alone_folio ft_compare__alone(struct ft_explained *explained, const bool *matched,
					const struct ft_analysis *c)
{
	struct ft_alone_folio a = { .explained = explained, .matched = matched, .c = c };

	if (c->run->loss.missed_refs) {
		a.all_lack = sum_lacks(&a, true);
		a.inner_lack = sum_lacks(&a, false);
	}
	return a;
}

/* Uses up one of the counted misses, if one is left. */
static bool take(uint64_t *taken, uint64_t of)
{
	bool left = *taken < of;

	*taken += left;
	return left;
}

enum ft_alone ft_compare__why(struct ft_alone_folio *a, const struct ft_event *e)
{
	const struct ft_loss *loss = &a->c->run->loss;
	bool page_ref = e->source == FT_SRC_PAGE_REF;

	if (page_ref && ft_compare__is_refused(a->c->run, e))
		return FT_ALONE_REFUSED;
	if (!page_ref && a->all_lack && take(&a->explained->refs, loss->missed_refs))
		return FT_ALONE_MISSED;
	if (is_at_edge(a->c, e))
		return FT_ALONE_EDGE;
	if (take(&a->gaps_used, a->c->folio->lost_events))
		return FT_ALONE_MISSED;
	if (page_ref ? take(&a->explained->probes, loss->missed_probes) :
		       a->inner_lack && take(&a->explained->refs, loss->missed_refs))
		return FT_ALONE_MISSED;
	return FT_ALONE_UNEXPLAINED;
}
