// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/attribution/rank.h"
#include "core/attribution/cost.h"

#define ALIKE 3.0	 /* regret by which two of one class can be told apart */
#define SURE 0.7	 /* measured by tests/attribution/measure.sh */
#define SURE_OF_ALL 0.95 /* where more may be wrong: of several at once, of a long life */
#define LONG 100	 /* tokens */
#define TIE 0.15	 /* closer than this is no answer */
#define NEAR 0.5	 /* two stacks that have more than half in common */
#define CONTESTED 0.25	 /* regret of what is as likely, but for the order of things */
#define BATCH_SHARE 0.25

/* The best of each class, best first. */
static void note(struct ft_ranking *r, const struct ft_token *token, double regret)
{
	size_t i, room = sizeof(r->suspect) / sizeof(*r->suspect);

	for (i = 0; i < r->nr; i++)
		if (r->suspect[i].token->class == token->class)
			break;
	if (i == r->nr) {
		if (r->nr == room && r->suspect[--i].regret <= regret)
			return;
		r->nr = i + 1;
	} else if (r->suspect[i].regret <= regret) {
		return;
	}
	for (; i && r->suspect[i - 1].regret > regret; i--)
		r->suspect[i] = r->suspect[i - 1];
	r->suspect[i] = (struct ft_suspect){ .token = token, .regret = regret };
}

static bool is_over(const struct ft_ranking *r, uint32_t class)
{
	size_t i;

	for (i = 0; i < r->nr_over; i++)
		if (r->over[i]->class == class)
			return true;
	return false;
}

/* Whether no other of its class is better: each class counts once, by its best. */
static bool is_best(const struct ft_sides *s, const double *regret, size_t at)
{
	size_t i;

	for (i = 0; i < s->nr_may; i++)
		if (s->may[i]->class == s->may[at]->class && i != at &&
		    (regret[i] < regret[at] || (regret[i] == regret[at] && i < at)))
			return false;
	return true;
}

/* A class that is left over against all those that could be instead of it. */
static void weigh(struct ft_ranking *r, const struct ft_sides *s, const double *regret)
{
	double others = 0, batch = 0;
	size_t i, j;

	for (i = 0; i < s->nr_may; i++) {
		const struct ft_token *t = s->may[i];

		if (!is_best(s, regret, i))
			continue;
		r->nr_classes += !ft_token__is_pseudo(t);
		if (!is_over(r, t->class))
			others += exp(-regret[i]);
		if (t->hold == FT_HOLD_OPEN_BATCH)
			batch += exp(-regret[i]);
	}
	r->open_batch = batch / (1 + others);
	for (i = 0; i < r->nr; i++) {
		struct ft_suspect *x = &r->suspect[i];

		x->p = exp(-x->regret) / (1 + others);
		for (j = 0; j < s->nr_may; j++)
			x->alike += s->may[j]->class == x->token->class && !s->may[j]->cleared &&
				    regret[j] < x->regret + ALIKE;
		if (!x->alike)
			x->alike = 1;
	}
}

/*
 * A call that takes a reference and puts one while a holder goes: the put may be of
 * either, and what is left over is then the holder's or the call's.
 */
static bool may_be_holders(const struct ft_sides *s, const struct ft_token *over,
			   const struct ft_token *get)
{
	size_t i;

	if (!ft_token__is_shown(get) || get->cleared || ft_token__is_shown(over))
		return false;
	for (i = 0; i < s->nr_must; i++) {
		const struct ft_token *put = s->must[i];

		if (put->hold == get->hold && put->task == over->task &&
		    put->entry_seq == over->entry_seq && put->at > over->at &&
		    ft_cost__of_frames(over->stack, put->stack) < NEAR)
			return true;
	}
	return false;
}

static void contest(const struct ft_sides *s, const struct ft_assignment *a, double *regret)
{
	size_t i, j;

	for (i = 0; i < s->nr_may && !s->over_put; i++) {
		if (a->row_of[i] >= 0)
			continue;
		for (j = 0; j < s->nr_may; j++)
			if (regret[j] > CONTESTED && may_be_holders(s, s->may[i], s->may[j]))
				regret[j] = CONTESTED;
	}
}

static void rank(struct ft_ranking *r, const struct ft_sides *s, struct ft_assignment *a,
		 double *regret)
{
	size_t i;

	for (i = 0; i < s->nr_may; i++) {
		const struct ft_token *t = s->may[i];
		bool again = i && s->may[i - 1] == t && regret[i - 1] > 0 && a->row_of[i] >= 0;

		/* The references of one event are interchangeable. */
		regret[i] = again ? regret[i - 1] : ft_assignment__without(a, i);
	}
	contest(s, a, regret);
	for (i = 0; i < s->nr_may; i++) {
		const struct ft_token *t = s->may[i];

		if (ft_token__is_pseudo(t)) {
			r->was_there |= a->row_of[i] < 0;
			continue;
		}
		note(r, t, regret[i]);
		if (a->row_of[i] < 0 && r->nr_over < FT_OVER_MAX)
			r->over[r->nr_over++] = t;
	}
	weigh(r, s, regret);
}

int ft_ranking__of(const struct ft_tokens *tokens, const struct ft_model *model,
		   struct ft_ranking *r)
{
	struct ft_sides sides;
	struct ft_assignment a;
	double *regret;
	int code = ft_sides__of(&sides, tokens);

	*r = (struct ft_ranking){ 0 };
	if (code)
		return code;
	code = ft_sides__assign(&sides, model, &a);
	regret = calloc(sides.nr_may + 1, sizeof(*regret));
	if (!code && !regret)
		code = -ENOMEM;
	if (!code)
		rank(r, &sides, &a, regret);
	free(regret);
	ft_assignment__free(&a);
	ft_sides__free(&sides);
	return code;
}

/* The best class that is not one of those left over anyway. */
static const struct ft_suspect *rival(const struct ft_ranking *r)
{
	size_t i;

	for (i = 1; i < r->nr; i++)
		if (!is_over(r, r->suspect[i].token->class))
			return &r->suspect[i];
	return NULL;
}

static bool is_tie(const struct ft_ranking *r)
{
	const struct ft_suspect *other = rival(r);

	return other && r->suspect[0].p - other->p < TIE;
}

static bool has_example(const struct ft_ranking *r, const struct ft_model *model)
{
	const struct ft_suspect *other = rival(r);

	return model && (ft_model__knows(model, r->suspect[0].token) ||
			 (other && ft_model__knows(model, other->token)));
}

/*
 * What goes into a batch and is not seen to come out is still in it: that is
 * where the reference is, unless something else explains it clearly better.
 */
static bool is_in_batch(const struct ft_attribution *a)
{
	const struct ft_ranking *both[] = { &a->structure, &a->learned };
	size_t i;

	for (i = 0; i < 2; i++)
		if (both[i]->nr && (both[i]->suspect[0].token->hold == FT_HOLD_OPEN_BATCH ||
				    both[i]->open_batch >= BATCH_SHARE))
			return true;
	return false;
}

static bool is_sure(const struct ft_ranking *r, const struct ft_tokens *t)
{
	return r->nr && r->suspect[0].p >= (r->nr_over > 1 || t->nr > LONG ? SURE_OF_ALL : SURE);
}

int ft_attribution__of(const struct ft_tokens *tokens, const struct ft_model *model,
		       struct ft_attribution *a)
{
	const struct ft_ranking *s = &a->structure;
	int code;

	*a = (struct ft_attribution){ .confidence = FT_LIKELY };
	code = ft_ranking__of(tokens, NULL, &a->structure);
	if (!code && model && model->nr)
		code = ft_ranking__of(tokens, model, &a->learned);
	if (code)
		return code;
	a->lead = is_sure(s, tokens) ? s : a->learned.nr ? &a->learned : s;
	if (!a->lead->nr)
		return 0;
	a->in_batch = tokens->surplus > 0 && is_in_batch(a);
	a->has_example = has_example(a->lead, model);
	if (is_sure(s, tokens) || (s->nr_classes == 1 && !s->was_there))
		a->confidence = FT_CERTAIN;
	else if (is_tie(a->lead) && !a->has_example)
		a->confidence = FT_AMBIGUOUS;
	if (a->confidence == FT_CERTAIN && (tokens->coarse || tokens->breaks))
		a->confidence = FT_LIKELY;
	return 0;
}
