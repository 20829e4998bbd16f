// SPDX-License-Identifier: GPL-2.0
/* Two runs compared: the timelines that only one of them has, and what is most like each. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/diff/parts.h"

static int learn(struct ft_side *side, struct ft_arena *arena)
{
	size_t i;
	int code = 0;

	ft_attributor__init(&side->attributor, side->run, arena);
	for (i = 0; !code && side->run->exact && i < side->run->nr_folios; i++) {
		const struct ft_folio *folio = side->run->folios[i];

		if (folio->events && folio->nr_events &&
		    (folio->verdict == FT_VERDICT_BALANCED || folio->verdict == FT_VERDICT_FREED))
			code = ft_attributor__learn_folio(&side->attributor, folio, folio->events,
							  folio->nr_events);
	}
	return code ? code : ft_attributor__learn(&side->attributor);
}

static void drop_common(struct ft_differ *d)
{
	size_t i, j;

	for (i = 0; i < d->a.timelines.nr; i++)
		for (j = 0; j < d->b.timelines.nr; j++) {
			struct ft_timeline *a = &d->a.timelines.list[i],
					   *b = &d->b.timelines.list[j];

			if (b->done || !ft_timeline__is_same(d, a, b))
				continue;
			a->done = b->done = true;
			d->diff->same++;
			break;
		}
}

/* The most alike of the other run; NULL if less than a third of the steps are common. */
static int find_partner(struct ft_differ *d, const struct ft_timeline *a, struct ft_timeline **out)
{
	int64_t best = INT64_MAX, distance;
	size_t i;

	*out = NULL;
	for (i = 0; i < d->b.timelines.nr; i++) {
		struct ft_timeline *b = &d->b.timelines.list[i];

		if (b->done || b->folio->kind != a->folio->kind ||
		    b->folio->order != a->folio->order)
			continue;
		distance = ft_diff__distance(d, a, b);
		if (distance < 0)
			return -ENOMEM;
		if (distance < best && 3 * distance <= 2 * (int64_t)(a->nr + b->nr)) {
			best = distance;
			*out = b;
		}
	}
	return 0;
}

static void set_time(const struct ft_differ *d, struct ft_diff_timeline *s)
{
	const struct ft_diff_line *line = s->first < s->nr ? &s->line[s->first] : NULL;

	s->t_ns = !line	  ? UINT64_MAX :
		  line->a ? line->a->t_ns - d->a.run->started_ns :
			    line->b->t_ns - d->b.run->started_ns;
}

static int add(struct ft_differ *d, struct ft_timeline *a, struct ft_timeline *b)
{
	struct ft_diff_timeline *s = &d->diff->timelines[d->diff->nr_timelines++];
	int code;

	s->a = a;
	s->b = b;
	if (a)
		a->done = true;
	if (b)
		b->done = true;
	code = ft_diff__align(d, s);
	if (code)
		return code;
	set_time(d, s);
	ft_diff__explain(d, s);
	return 0;
}

/* Folios that end wrong choose their partner first. */
static int pair_up(struct ft_differ *d, bool wrong)
{
	struct ft_timeline *partner;
	size_t i;
	int code = 0;

	for (i = 0; !code && i < d->a.timelines.nr; i++) {
		struct ft_timeline *a = &d->a.timelines.list[i];

		if (a->done || (a->folio->verdict >= FT_VERDICT_INCONCLUSIVE) != wrong)
			continue;
		code = find_partner(d, a, &partner);
		if (!code)
			code = add(d, a, partner);
	}
	return code;
}

static int add_rest(struct ft_differ *d)
{
	size_t i;
	int code = 0;

	for (i = 0; !code && i < d->b.timelines.nr; i++)
		if (!d->b.timelines.list[i].done)
			code = add(d, NULL, &d->b.timelines.list[i]);
	return code;
}

static bool ends_other(const struct ft_diff_timeline *s)
{
	if (s->a && s->b)
		return !ft_timeline__ends_same(s->a, s->b);
	return (s->a ? s->a : s->b)->folio->verdict >= FT_VERDICT_INCONCLUSIVE;
}

static int by_weight(const void *pa, const void *pb)
{
	const struct ft_diff_timeline *a = pa, *b = pb;

	if (ends_other(a) != ends_other(b))
		return ends_other(a) ? -1 : 1;
	return a->t_ns < b->t_ns ? -1 : a->t_ns > b->t_ns;
}

static int compare(struct ft_differ *d)
{
	struct ft_diff *diff = d->diff;
	int code = learn(&d->a, d->arena);

	if (!code)
		code = learn(&d->b, d->arena);
	if (!code)
		code = ft_timelines__of(d, &d->a);
	if (!code)
		code = ft_timelines__of(d, &d->b);
	if (code)
		return code;
	diff->timelines = ft_arena__alloc(d->arena, d->a.timelines.nr + d->b.timelines.nr + 1,
					  sizeof(*diff->timelines));
	if (!diff->timelines)
		return -ENOMEM;
	drop_common(d);
	code = pair_up(d, true);
	if (!code)
		code = pair_up(d, false);
	if (!code)
		code = add_rest(d);
	if (!code && diff->nr_timelines)
		qsort(diff->timelines, diff->nr_timelines, sizeof(*diff->timelines), by_weight);
	if (!code)
		code = ft_diff__pairs(d);
	return code ? code : ft_diff__calls(d);
}

static bool is_one_kernel(const struct ft_run *a, const struct ft_run *b)
{
	return a->release && b->release && !strcmp(a->release, b->release);
}

int ft_diff__of(const struct ft_run *a, const struct ft_run *b, struct ft_diff **out)
{
	struct ft_differ d = {
		.a = { .run = a },
		.b = { .run = b },
		.operations = a->exact && b->exact,
		.callers = is_one_kernel(a, b),
	};
	int code = -ENOMEM;

	*out = NULL;
	d.arena = ft_arena__new();
	d.diff = d.arena ? ft_arena__alloc(d.arena, 1, sizeof(*d.diff)) : NULL;
	if (d.diff) {
		d.diff->a = a;
		d.diff->b = b;
		d.diff->operations = d.operations;
		d.diff->arena = d.arena;
		code = compare(&d);
		ft_attributor__free(&d.a.attributor);
		ft_attributor__free(&d.b.attributor);
		/* what the result points to is the lists' */
		if (d.a.timelines.nr && !ft_arena__adopt(d.arena, d.a.timelines.list))
			code = -ENOMEM;
		if (d.b.timelines.nr && !ft_arena__adopt(d.arena, d.b.timelines.list))
			code = -ENOMEM;
	}
	if (!code) {
		d.diff->differ = d.diff->nr_timelines || d.diff->nr_pairs || d.diff->nr_calls ||
				 a->verdict != b->verdict;
		*out = d.diff;
	} else if (d.arena) {
		ft_arena__free(d.arena);
	}
	return code;
}

void ft_diff__free(struct ft_diff *d)
{
	if (d)
		ft_arena__free(d->arena);
}
