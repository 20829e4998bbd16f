// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/compare.h"

#define WINDOW 4096 /* events apart: overlapping operations are close */
#define FRAMES 3    /* an out-of-line helper, the function, what it is inlined into */

void ft_compare__free(struct ft_compare *cmp)
{
	free(cmp->rows);
	free(cmp->matched);
	*cmp = (struct ft_compare){ 0 };
}

/* The tracepoint fires for an addition of 0, too, which changes nothing. */
static bool is_of(const struct ft_event *e, enum ft_source source)
{
	return ft_event__is_operation(e) && e->source == source && e->delta;
}

/* "f.cold" and "f.isra.0" are f. */
static bool same_function(const char *a, const char *b)
{
	size_t na = strcspn(a, "."), nb = strcspn(b, ".");

	return a == b || (na == nb && !strncmp(a, b, na));
}

/*
 * A tracepoint knows its function by the stack only; without one any will do. So it will
 * anywhere: where a function ends in a jump to a helper, the stack shows who called it.
 */
static bool same(const struct ft_run *run, const struct ft_event *ref, const struct ft_event *in,
		 bool anywhere)
{
	const struct ft_stack *s = ft_run__stack(run, ref);
	uint32_t i, first = ft_run__operator(run, ref);

	if (ref->delta != in->delta || anywhere)
		return ref->delta == in->delta;
	for (i = first; i < s->depth && i < first + FRAMES; i++)
		if (same_function(s->frames[i]->function, in->site->function))
			return true;
	return first >= s->depth;
}

static const char *function_of(const struct ft_run *run, const struct ft_event *e)
{
	const struct ft_stack *s = ft_run__stack(run, e);
	uint32_t first = ft_run__operator(run, e);

	if (e->source == FT_SRC_INLINE)
		return e->site->function;
	return first < s->depth ? s->frames[first]->function : e->site->function;
}

static int differ(struct ft_compare *cmp, const struct ft_run *run, const struct ft_event *e)
{
	const char *function = function_of(run, e);
	struct ft_difference *d;
	size_t i;

	for (i = 0; i < cmp->nr; i++)
		if (cmp->rows[i].delta == e->delta && !strcmp(cmp->rows[i].function, function))
			break;
	if (i == cmp->nr && cmp->nr == cmp->room) {
		size_t room = cmp->room ? 2 * cmp->room : 16;
		void *p = realloc(cmp->rows, room * sizeof(*cmp->rows));

		if (!p)
			return -ENOMEM;
		cmp->rows = p;
		cmp->room = room;
	}
	d = &cmp->rows[i];
	if (i == cmp->nr) {
		cmp->nr++;
		*d = (struct ft_difference){ .function = function, .delta = e->delta };
	}
	if (e->source == FT_SRC_INLINE)
		d->only_inline++;
	else
		d->only_page_ref++;
	return 0;
}

/* The inline event that saw the same operation as the tracepoint at i. */
static bool match(struct ft_compare *cmp, const struct ft_case *c, size_t i, bool anywhere)
{
	size_t apart, k;
	int side;

	for (apart = 1; apart < WINDOW; apart++)
		for (side = 0; side < 2; side++) {
			if (side ? i + apart >= c->nr : apart > i)
				continue;
			k = side ? i + apart : i - apart;
			if (cmp->matched[k] || !is_of(&c->events[k], FT_SRC_INLINE) ||
			    !same(c->run, &c->events[i], &c->events[k], anywhere))
				continue;
			cmp->matched[k] = cmp->matched[i] = true;
			return true;
		}
	return false;
}

static int reserve(struct ft_compare *cmp, size_t nr)
{
	bool *p;

	if (nr > cmp->matched_room) {
		p = realloc(cmp->matched, 2 * nr * sizeof(*p));
		if (!p)
			return -ENOMEM;
		cmp->matched = p;
		cmp->matched_room = 2 * nr;
	}
	memset(cmp->matched, 0, nr * sizeof(*cmp->matched));
	return 0;
}

int ft_compare__case(struct ft_compare *cmp, const struct ft_case *c)
{
	struct ft_comparison *out = &cmp->total;
	bool differs = false;
	size_t i;

	if (!c->run->comparison.made || !c->nr)
		return 0;
	if (reserve(cmp, c->nr))
		return -ENOMEM;
	out->folios++;
	for (i = 0; i < c->nr; i++) {
		out->inlined += is_of(&c->events[i], FT_SRC_INLINE);
		if (!is_of(&c->events[i], FT_SRC_PAGE_REF))
			continue;
		out->page_ref++;
		out->matched += match(cmp, c, i, false);
	}
	for (i = 0; i < c->nr; i++)
		if (is_of(&c->events[i], FT_SRC_PAGE_REF) && !cmp->matched[i])
			out->elsewhere += match(cmp, c, i, true);
	for (i = 0; i < c->nr; i++) {
		if (!ft_event__is_operation(&c->events[i]) || !c->events[i].delta ||
		    cmp->matched[i])
			continue;
		differs = true;
		if (differ(cmp, c->run, &c->events[i]))
			return -ENOMEM;
	}
	out->differing += differs;
	return 0;
}

static int compare_rows(const void *pa, const void *pb)
{
	const struct ft_difference *a = pa, *b = pb;
	uint64_t na = a->only_page_ref + a->only_inline, nb = b->only_page_ref + b->only_inline;

	if (na != nb)
		return na > nb ? -1 : 1;
	if (a->delta != b->delta)
		return a->delta < b->delta ? -1 : 1;
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
