// SPDX-License-Identifier: GPL-2.0
/* In one line: what the other run does about the reference that leaks in this one. */
#include <errno.h>

#include "core/diff/parts.h"

static const char *name(const char *function)
{
	return function ? function : "?";
}

/* The put that answers such a get where nothing leaks, as this run has learned it. */
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
		bool same_caller = ft_name__is_same(c->list[i].caller[0], caller);

		if (!c->list[i].site ||
		    !ft_name__is_same(c->list[i].site->function, lost->site->function) ||
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

static int say_answer(struct ft_differ *d, struct ft_diff_timeline *s, const struct ft_lost *lost,
		      const struct ft_class *put, const char *here, const char *there)
{
	s->words = ft_arena__printf(
		d->arena, "in %s %s%s%s%s%s%s%s puts what %s takes; in %s nothing does", there,
		name(put->site->function), put->site->module ? " [" : "",
		put->site->module ? put->site->module : "", put->site->module ? "]" : "",
		put->caller[0] ? " (called by " : "", put->caller[0] ? put->caller[0] : "",
		put->caller[0] ? ")" : "", name(lost->site->function), here);
	return s->words ? 0 : -ENOMEM;
}

static const char *step_name(const struct ft_step *s)
{
	return s->what == FT_STEP_CHECKPOINT ? s->mark : name(s->function);
}

/* Of boundaries: the first step with another surplus, and the last one before. */
static int say_between(struct ft_differ *d, struct ft_diff_timeline *s,
		       const struct ft_folio *folio, const char *here, const char *there)
{
	const struct ft_site *in = folio->nr_lost ? folio->lost[0].in : NULL;
	const struct ft_step *before = NULL;
	size_t i;

	for (i = 0; i < s->nr && !s->line[i].differs; i++)
		if (s->line[i].a && s->line[i].b && s->line[i].a->has_surplus)
			before = s->line[i].a;
	if (i == s->nr)
		return 0;
	s->words = ft_arena__printf(
		d->arena, "%s puts, or never takes, a reference %s%s%s%s that %s keeps%s%s", there,
		before ? "between " : "before ", before ? step_name(before) : "",
		before ? " and " : "", step_name(s->line[i].a), here, in ? "; taken in " : "",
		in ? name(in->function) : "");
	return s->words ? 0 : -ENOMEM;
}

int ft_diff__words(struct ft_differ *d, struct ft_diff_timeline *s)
{
	bool a_leaks = s->a && s->a->folio->verdict == FT_VERDICT_LEAK,
	     b_leaks = s->b && s->b->folio->verdict == FT_VERDICT_LEAK;
	const struct ft_folio *folio = a_leaks ? s->a->folio : b_leaks ? s->b->folio : NULL;
	const struct ft_side *other = a_leaks ? &d->b : &d->a;
	const struct ft_class *put;
	size_t i;

	if (!folio || a_leaks == b_leaks)
		return 0;
	for (i = 0; d->operations && i < folio->nr_lost; i++) {
		if (folio->lost[i].put || !folio->lost[i].site)
			continue;
		put = answer_in(other, &folio->lost[i]);
		if (put)
			return say_answer(d, s, &folio->lost[i], put, a_leaks ? "A" : "B",
					  a_leaks ? "B" : "A");
	}
	return s->a && s->b ? say_between(d, s, folio, a_leaks ? "A" : "B", a_leaks ? "B" : "A") :
			      0;
}
