// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "core/attribution/cost.h"

/*
 * Nats, set by hand on real captures. Half or double of any of them left every lost get
 * of tests/attribution in the first place.
 */
#define OTHER_TASK 2.0
#define OTHER_CALL 1.0
#define NOT_NEXT 0.3 /* where examples are paired: most calls put first what they took last */
#define PER_TOKEN 0.35
#define DISTANT 4.0
#define PER_TOKEN_ALONE 0.06
#define DISTANT_ALONE 1.0
#define PSEUDO 1.5 /* any pair of a pseudo-token */
#define OTHER_HOLD 4.0
#define OTHER_BATCH 6.0
#define HOLD_SHOWN 2.0	/* the least that a mapcount or cache entry weighs */
#define HOLD_FADES 20.0 /* examples that halve OTHER_HOLD */
#define LEAVE 6.0	/* to leave a token unmatched */
#define LEAVE_LEARNED 3.0
#define LEAVE_PSEUDO 9.0
#define LEAVE_HELD 3.0
#define LEAVE_CLEARED 3.0
#define LEAVE_UNOWNED 0.5 /* of a pin that nobody has, of the isolation of a folio off its list */
#define NOT_SEEN 2.0	  /* of a class that no balanced lifetime has */
#define AT_ONCE 1.0	  /* the most that examples add to a pair of neighbours in one call */
#define OTHER_CLOSED 5.0  /* a pair of which one side is closed without the other */
#define LEAVE_CLOSED 5.0
#define OTHER_KIND 2.0	/* taken by a pipe, a bio, ... and put by something else */
#define UNANSWERED 25.0 /* a demand without a partner */

/* Frames that two stacks have in common, from the outermost on; without frame 0, which is
 * the site. */
static uint32_t common_frames(const struct ft_stack *a, const struct ft_stack *b)
{
	uint32_t na = a->depth, nb = b->depth, n = 0;

	while (na > 1 && nb > 1 && a->frames[na - 1]->address == b->frames[nb - 1]->address) {
		na--;
		nb--;
		n++;
	}
	return n;
}

double ft_cost__of_frames(const struct ft_stack *a, const struct ft_stack *b)
{
	uint32_t shorter, n;

	if (!a || !b || a->depth < 2 || b->depth < 2)
		return 1;
	n = common_frames(a, b);
	shorter = (a->depth < b->depth ? a->depth : b->depth) - 1;
	return 1.0 - (double)n / shorter;
}

/*
 * By what is not closed in between. Most are put before the next is taken; that is a habit and
 * proves nothing, so it counts little where structure alone shall be certain.
 */
static double cost_of_distance(double tokens, const struct ft_model *model)
{
	return model ? fmin(DISTANT, PER_TOKEN * tokens) :
		       fmin(DISTANT_ALONE, PER_TOKEN_ALONE * tokens);
}

static double cost_of_structure(const struct ft_token *get, const struct ft_token *put,
				const struct ft_model *model)
{
	bool same_call = ft_token__is_same_call(get, put);
	double cost;

	if (ft_token__is_pseudo(get) || ft_token__is_pseudo(put))
		return PSEUDO;
	cost = same_call ? ft_cost__of_frames(get->stack, put->stack) : 0;
	if (model)
		cost += ft_model__cost_of_relation(model, get, put);
	else if (!same_call)
		cost += ft_token__is_same_task(get, put) ? OTHER_CALL : OTHER_TASK;
	return cost + cost_of_distance((double)(put->rank - get->rank), model);
}

/* A get for a batch without a put by one says nothing about other puts. */
static enum ft_hold evident(const struct ft_token *t)
{
	return t->hold == FT_HOLD_OPEN_BATCH ? FT_HOLD_NONE : (enum ft_hold)t->hold;
}

static double cost_of_hold(const struct ft_token *get, const struct ft_token *put,
			   const struct ft_model *model)
{
	enum ft_hold a = evident(get), b = evident(put);
	double cost;

	if (a == b)
		return 0;
	cost = a == FT_HOLD_BATCH || b == FT_HOLD_BATCH ? OTHER_BATCH : OTHER_HOLD;
	if (!model || ft_token__is_pseudo(get))
		return cost;
	/* The more examples the model has, the less the evidence of this one folio weighs. */
	cost *= HOLD_FADES / (HOLD_FADES + ft_model__weight_of_place(model, get->place));
	return ft_token__is_shown(get) || ft_token__is_shown(put) ? fmax(cost, HOLD_SHOWN) : cost;
}

/* What is closed by number pairs with the others of its call or of its holder. */
static double cost_of_closed(const struct ft_token *get, const struct ft_token *put)
{
	enum ft_owner_class kind = ft_token__passed_by(get);
	bool together = get->hold == put->hold && kind == ft_token__passed_by(put) &&
			(ft_token__is_shown(get) || kind != FT_OWNER_OTHER ||
			 ft_token__is_same_call(get, put));

	if (!get->closed && !put->closed)
		return 0;
	return get->closed && put->closed && together ? 0 : OTHER_CLOSED;
}

/* A pipe's, a bio's, ... is put by its own. Whoever gives it to them takes it in their name. */
static double cost_of_kind(const struct ft_token *get, const struct ft_token *put)
{
	enum ft_owner_class a = ft_token__passed_by(get), b = ft_token__passed_by(put);

	return a == b || ft_token__is_pseudo(get) || ft_token__is_pseudo(put) ? 0 : OTHER_KIND;
}

static double cost_of_pair(const struct ft_token *get, const struct ft_token *put,
			   const struct ft_model *model, bool over_put)
{
	double cost, learned;

	if (get->at >= put->at)
		return FT_COST_NEVER;
	cost = cost_of_structure(get, put, model) + cost_of_hold(get, put, model) +
	       cost_of_closed(get, put) + cost_of_kind(get, put);
	if (!model)
		return cost;
	learned = ft_model__cost(model, get, put);
	if (learned < 0)
		learned = NOT_SEEN;
	/* taken and put again at once says more than what others did with theirs; not where a
	 * put too many is looked for, which may follow at once as well */
	if (!over_put && put->at == get->at + 1 && put->n == get->n && put->hold == get->hold &&
	    ft_token__is_same_call(get, put))
		learned = fmin(learned, AT_ONCE);
	return cost + learned;
}

double ft_cost__of_pair(const struct ft_token *get, const struct ft_token *put,
			const struct ft_model *model)
{
	bool next = ft_token__is_same_call(get, put) && put->at == get->at + 1;

	return cost_of_pair(get, put, model, false) + (next ? 0 : NOT_NEXT);
}

static double cost_of_leaving(const struct ft_token *t, const struct ft_model *model)
{
	double cost = LEAVE, learned;

	if (ft_token__is_pseudo(t))
		return LEAVE_PSEUDO;
	if (t->unowned || t->isolated)
		return LEAVE_UNOWNED;
	if (model) {
		learned = ft_model__cost(model, t, NULL);
		cost = LEAVE_LEARNED + (learned < 0 ? 1.0 : learned);
	}
	if ((ft_token__is_shown(t) && !t->unput) || t->hold == FT_HOLD_BATCH)
		cost += LEAVE_HELD;
	if (t->closed)
		cost += LEAVE_CLOSED;
	return t->cleared ? cost + LEAVE_CLEARED : cost;
}

static void expand(const struct ft_tokens *tokens, bool put, const struct ft_token **list,
		   size_t *nr)
{
	size_t i;
	uint32_t n;

	*nr = 0;
	for (i = 0; i < tokens->nr; i++)
		for (n = 0; tokens->list[i].put == put && n < tokens->list[i].n; n++)
			list[(*nr)++] = &tokens->list[i];
}

int ft_sides__of(struct ft_sides *s, const struct ft_tokens *tokens)
{
	size_t i, all = 1;

	for (i = 0; i < tokens->nr; i++)
		all += tokens->list[i].n;
	*s = (struct ft_sides){ .over_put = tokens->surplus < 0 };
	s->demands = malloc(all * sizeof(struct ft_token *));
	s->supplies = malloc(all * sizeof(struct ft_token *));
	if (!s->demands || !s->supplies) {
		ft_sides__free(s);
		return -ENOMEM;
	}
	expand(tokens, !s->over_put, s->demands, &s->nr_demands);
	expand(tokens, s->over_put, s->supplies, &s->nr_supplies);
	return 0;
}

void ft_sides__free(struct ft_sides *s)
{
	free(s->demands);
	free(s->supplies);
	*s = (struct ft_sides){ 0 };
}

int ft_sides__price(const struct ft_sides *s, const struct ft_model *model, struct ft_assignment *a)
{
	size_t row, column;
	double pair;
	int code = ft_assignment__init(a, s->nr_demands, s->nr_supplies + s->nr_demands);

	if (code)
		return code;
	/* A supply that is matched saves the cost of leaving it unmatched. */
	for (column = 0; column < s->nr_supplies; column++) {
		double leave = cost_of_leaving(s->supplies[column], model);

		for (row = 0; row < s->nr_demands; row++) {
			pair = s->over_put ? cost_of_pair(s->demands[row], s->supplies[column],
							  model, true) :
					     cost_of_pair(s->supplies[column], s->demands[row],
							  model, false);
			*ft_assignment__at(a, row, column) = pair < FT_COST_NEVER ? pair - leave :
										    FT_COST_NEVER;
		}
	}
	for (; column < a->columns; column++)
		for (row = 0; row < s->nr_demands; row++)
			*ft_assignment__at(a, row, column) =
				column - s->nr_supplies == row ? UNANSWERED : FT_COST_NEVER;
	return 0;
}

int ft_sides__assign(const struct ft_sides *s, const struct ft_model *model,
		     struct ft_assignment *a)
{
	int code = ft_sides__price(s, model, a);

	if (!code)
		ft_assignment__solve(a);
	return code;
}
