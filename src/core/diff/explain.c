// SPDX-License-Identifier: GPL-2.0
/* What the other run does about the reference that leaks in this one. */
#include "core/diff/parts.h"

/* The put that answers such a get on balanced folios of this run. */
static const struct ft_class *answer_in(const struct ft_side *side, const struct ft_lost *lost)
{
	const struct ft_classes *c = &side->attributor.classes;
	const char *caller =
		lost->stack && lost->stack->depth > 1 ? lost->stack->frames[1]->function : NULL;
	struct ft_answer best = { 0 }, answer = { 0 };
	bool exact = false;
	size_t i;

	for (i = 0; i < c->nr; i++) {
		struct ft_token get = { .class = (uint32_t)i, .place = c->list[i].place };
		bool same_caller = ft_function__is_same(c->list[i].caller[0], caller);

		if (!c->list[i].site ||
		    !ft_function__is_same(c->list[i].site->function, lost->site->function) ||
		    !ft_model__answer(&side->attributor.model, c, &get, &answer))
			continue;
		/* a place of the same callers says more than one that is only seen more */
		if ((same_caller && !exact) || (same_caller == exact && answer.seen > best.seen)) {
			best = answer;
			exact = same_caller;
		}
	}
	return best.seen ? &c->list[best.class] : NULL;
}

/* By the boundaries: the first step with another surplus, and the last one before. */
static void find_surplus(struct ft_diff_timeline *s, bool b_leaks)
{
	const struct ft_folio *folio = b_leaks ? s->b->folio : s->a->folio;
	const struct ft_step *before = NULL;
	size_t i;

	for (i = 0; i < s->nr && !s->line[i].differs; i++)
		if (s->line[i].a && s->line[i].b && s->line[i].a->has_surplus)
			before = s->line[i].a;
	if (i == s->nr)
		return;
	s->before = before;
	s->differs = s->line[i].a;
	s->reason = (struct ft_reason){
		.code = FT_REASON_SURPLUS_IN_ONE_RUN,
		.n = { b_leaks },
		.site = folio->nr_lost ? folio->lost[0].in : NULL,
	};
}

/* A get that is lost in one run, and that something puts in the other. */
static bool find_put(struct ft_differ *d, struct ft_diff_timeline *s, bool b_leaks)
{
	const struct ft_folio *folio = b_leaks ? s->b->folio : s->a->folio;
	const struct ft_class *put;
	size_t i;

	for (i = 0; i < folio->nr_lost; i++) {
		const struct ft_lost *lost = &folio->lost[i];

		if (lost->put || !lost->site)
			continue;
		put = answer_in(b_leaks ? &d->a : &d->b, lost);
		if (!put)
			continue;
		s->put = put->site;
		s->put_caller = put->caller[0];
		s->reason = (struct ft_reason){
			.code = FT_REASON_PUT_IN_OTHER_RUN,
			.n = { b_leaks },
			.site = lost->site,
		};
		return true;
	}
	return false;
}

void ft_diff__explain(struct ft_differ *d, struct ft_diff_timeline *s)
{
	bool a_leaks = s->a && s->a->folio->verdict == FT_VERDICT_LEAK,
	     b_leaks = s->b && s->b->folio->verdict == FT_VERDICT_LEAK;

	if (a_leaks == b_leaks)
		return;
	if (d->operations && find_put(d, s, b_leaks))
		return;
	if (s->a && s->b)
		find_surplus(s, b_leaks);
}
