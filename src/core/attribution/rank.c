// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/attribution/cost.h"
#include "core/attribution/rank.h"

/* Measured by tests/attribution/measure.sh. */
#define ALIKE 3.0	 /* regret that distinguishes two tokens of one class */
#define SURE 0.7	 /* p from which structure alone is certain */
#define SURE_OF_ALL 0.95 /* ... of several lost references, or of a long lifetime */
#define LONG 100	 /* tokens of a long lifetime */
#define TIE 0.15	 /* difference of p below which neither is the answer */
#define NEAR 0.5	 /* ft_cost__of_frames() of stacks that are half the same */
#define CONTESTED 0.25	 /* regret of a get that fits as well as the unmatched one */
#define BATCH_SHARE 0.25 /* p from which a reference is taken to be in a batch */

/* Keeps the best token of each class, best first. */
static void keep(struct ft_ranking *r, const struct ft_token *token, double regret)
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

static bool is_unmatched(const struct ft_ranking *r, uint32_t class)
{
	size_t i;

	for (i = 0; i < r->nr_unmatched; i++)
		if (r->unmatched[i]->class == class)
			return true;
	return false;
}

/* A class counts once, by its best token; of equal ones by the first. */
static bool is_best(const struct ft_sides *s, const double *regret, size_t at)
{
	size_t i;

	for (i = 0; i < s->nr_supplies; i++)
		if (s->supplies[i]->class == s->supplies[at]->class && i != at &&
		    (regret[i] < regret[at] || (regret[i] == regret[at] && i < at)))
			return false;
	return true;
}

/*
 * p of a class is its likelihood against all classes that could be unmatched in place of
 * those that are: these count as one.
 */
static void weigh(struct ft_ranking *r, const struct ft_sides *s, const double *regret)
{
	double others = 0, batch = 0;
	size_t i, j;

	for (i = 0; i < s->nr_supplies; i++) {
		const struct ft_token *t = s->supplies[i];

		if (!is_best(s, regret, i))
			continue;
		r->nr_classes += !ft_token__is_pseudo(t);
		if (!is_unmatched(r, t->class))
			others += exp(-regret[i]);
		if (t->hold == FT_HOLD_OPEN_BATCH)
			batch += exp(-regret[i]);
	}
	r->open_batch = batch / (1 + others);
	for (i = 0; i < r->nr; i++) {
		struct ft_suspect *x = &r->suspect[i];

		x->p = exp(-x->regret) / (1 + others);
		for (j = 0; j < s->nr_supplies; j++)
			x->alike += s->supplies[j]->class == x->token->class &&
				    !s->supplies[j]->cleared && regret[j] < x->regret + ALIKE;
		if (!x->alike)
			x->alike = 1;
	}
}

/*
 * Whether @get, a reference of a holder, may be lost instead of @unmatched: if the call
 * that took the unmatched reference did a put when the holder went away, that put may
 * have been the call's own, and the holder's is missing.
 */
static bool may_replace(const struct ft_sides *s, const struct ft_token *unmatched,
			const struct ft_token *get)
{
	size_t i;

	if (!ft_token__is_shown(get) || get->cleared || ft_token__is_shown(unmatched))
		return false;
	for (i = 0; i < s->nr_demands; i++) {
		const struct ft_token *put = s->demands[i];

		if (put->hold == get->hold && ft_token__is_same_call(put, unmatched) &&
		    put->at > unmatched->at &&
		    ft_cost__of_frames(unmatched->stack, put->stack) < NEAR)
			return true;
	}
	return false;
}

/* Such gets look in order only because their holder is shown: lowers their regret. */
static void contest(const struct ft_sides *s, const struct ft_assignment *a, double *regret)
{
	size_t i, j;

	for (i = 0; i < s->nr_supplies && !s->over_put; i++) {
		if (a->row_of[i] >= 0)
			continue;
		for (j = 0; j < s->nr_supplies; j++)
			if (regret[j] > CONTESTED && may_replace(s, s->supplies[i], s->supplies[j]))
				regret[j] = CONTESTED;
	}
}

static void rank(struct ft_ranking *r, const struct ft_sides *s, struct ft_assignment *a,
		 double *regret)
{
	size_t i;

	for (i = 0; i < s->nr_supplies; i++) {
		const struct ft_token *t = s->supplies[i];
		bool same = i && s->supplies[i - 1] == t && regret[i - 1] > 0 && a->row_of[i] >= 0;

		/* The references of one event have the same regret. */
		regret[i] = same ? regret[i - 1] : ft_assignment__without(a, i);
	}
	contest(s, a, regret);
	for (i = 0; i < s->nr_supplies; i++) {
		const struct ft_token *t = s->supplies[i];

		if (ft_token__is_pseudo(t)) {
			r->was_there |= a->row_of[i] < 0;
			continue;
		}
		keep(r, t, regret[i]);
		if (a->row_of[i] < 0 && r->nr_unmatched < FT_UNMATCHED_MAX)
			r->unmatched[r->nr_unmatched++] = t;
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
	regret = calloc(sides.nr_supplies + 1, sizeof(*regret));
	if (!code && !regret)
		code = -ENOMEM;
	if (!code)
		rank(r, &sides, &a, regret);
	free(regret);
	ft_assignment__free(&a);
	ft_sides__free(&sides);
	return code;
}

/* The best class that is not unmatched. */
static const struct ft_suspect *rival(const struct ft_ranking *r)
{
	size_t i;

	for (i = 1; i < r->nr; i++)
		if (!is_unmatched(r, r->suspect[i].token->class))
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
 * A folio that went into a per-CPU LRU batch and was not seen to come out is still in it,
 * with a reference that is not lost, unless another get explains the surplus far better.
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
	return r->nr &&
	       r->suspect[0].p >= (r->nr_unmatched > 1 || t->nr > LONG ? SURE_OF_ALL : SURE);
}

/* What the other folios say is the same, and as surely. */
static bool is_agreed(const struct ft_attribution *a, const struct ft_tokens *t)
{
	return a->lead == &a->structure ||
	       (is_sure(a->lead, t) &&
		a->lead->suspect[0].token->class == a->structure.suspect[0].token->class);
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
	a->lead = a->learned.nr ? &a->learned : s;
	if (!a->lead->nr)
		return 0;
	a->in_batch = tokens->surplus > 0 && is_in_batch(a);
	a->has_example = has_example(a->lead, model);
	if ((is_sure(s, tokens) && is_agreed(a, tokens)) || (s->nr_classes == 1 && !s->was_there))
		a->confidence = FT_CERTAIN;
	else if (is_tie(a->lead) && !a->has_example)
		a->confidence = FT_AMBIGUOUS;
	if (a->confidence == FT_CERTAIN && (tokens->coarse || tokens->breaks))
		a->confidence = FT_LIKELY;
	return 0;
}
