// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/attribution/shares.h"
#include "core/attribution/learn.h"
#include "core/util/grow.h"

#define ROUNDS 6 /* the first by structure alone, each other by the pairs of the one before */
#define SHARE_MIN 0.02
#define WEIGHT_MAX 50 /* of one kind of lifetime, so that the commonest does not decide alone */

/* The first token of the same call stands for the call: task ids and entry sequence
 * numbers differ from folio to folio. */
static uint32_t call_of(const struct ft_token *tokens, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++)
		if (ft_token__is_same_call(&tokens[i], &tokens[at]))
			return (uint32_t)i;
	return (uint32_t)at;
}

static uint32_t hash(const struct ft_tokens *t)
{
	uint64_t h = t->nr;
	size_t i;

	for (i = 0; i < t->nr; i++) {
		const struct ft_token *x = &t->list[i];

		h = ft_hash__mix(h, (uint64_t)x->class << 32 | x->n);
		h = ft_hash__mix(h, (uint64_t)call_of(t->list, i) << 32 | (uint64_t)x->hold << 1 |
					    x->put);
	}
	return ft_hash__of(h);
}

static bool is_alike(const void *list, uint32_t number, const void *key)
{
	const struct ft_signature *s = (const struct ft_signature *)list + number;
	const struct ft_tokens *t = key;
	size_t i;

	if (s->nr != t->nr)
		return false;
	for (i = 0; i < t->nr; i++) {
		const struct ft_token *a = &s->tokens[i], *b = &t->list[i];

		if (a->class != b->class || a->n != b->n || a->put != b->put ||
		    a->hold != b->hold || call_of(s->tokens, i) != call_of(t->list, i))
			return false;
	}
	return true;
}

static bool is_short(const struct ft_tokens *t)
{
	uint64_t units = 0;
	size_t i;

	for (i = 0; i < t->nr; i++)
		units += t->list[i].n;
	return units <= FT_LEARN_UNITS;
}

int ft_learner__add(struct ft_learner *l, const struct ft_tokens *t, uint64_t folios)
{
	struct ft_signature *s;
	uint32_t h, number;

	if (!t->nr || t->coarse || t->breaks || !is_short(t))
		return 0;
	h = hash(t);
	number = ft_hash__find(&l->index, h, is_alike, l->list, t);
	if (number != FT_HASH_NONE) {
		l->list[number].folios += folios;
		l->folios += folios;
		return 0;
	}
	if (l->nr >= FT_LEARN_SIGNATURES) {
		l->left += folios;
		return 0;
	}
	if (FT_GROW(l->list, l->room, l->nr + 1))
		return -ENOMEM;
	s = &l->list[l->nr];
	*s = (struct ft_signature){ .nr = t->nr, .folios = folios };
	s->tokens = malloc(t->nr * sizeof(*s->tokens));
	if (!s->tokens)
		return -ENOMEM;
	memcpy(s->tokens, t->list, t->nr * sizeof(*s->tokens));
	l->folios += folios;
	return ft_hash__add(&l->index, h, (uint32_t)l->nr++);
}

void ft_learner__free(struct ft_learner *l)
{
	size_t i;

	for (i = 0; i < l->nr; i++)
		free(l->list[i].tokens);
	free(l->list);
	ft_hash__free(&l->index);
	*l = (struct ft_learner){ 0 };
}

/* Pairs by expected shares; what hardly ever is together is left out. */
static int learn_folio(const struct ft_signature *s, const struct ft_model *before,
		       struct ft_shares *x, struct ft_model *model)
{
	const struct ft_tokens tokens = { .list = s->tokens, .nr = s->nr };
	double weight = s->folios < WEIGHT_MAX ? (double)s->folios : WEIGHT_MAX;
	size_t i, j;
	int code = ft_shares__of(x, &tokens, before);

	for (i = 0; !code && i < x->nr_gets; i++)
		for (j = 0; !code && j < x->nr_puts; j++) {
			double share = ft_shares__of_pair(x, i, j);

			if (share > SHARE_MIN)
				code = ft_model__add(model, x->gets[i], x->puts[j], weight * share,
						     share > 0.5 ? s->folios : 0);
		}
	return code;
}

static int learn_round(const struct ft_learner *l, const struct ft_model *before,
		       struct ft_model *model)
{
	struct ft_shares x = { 0 };
	size_t i;
	int code = 0;

	for (i = 0; !code && i < l->nr; i++)
		code = learn_folio(&l->list[i], before, &x, model);
	ft_shares__free(&x);
	return code;
}

int ft_learner__learn(const struct ft_learner *l, struct ft_model *model)
{
	struct ft_model before = { 0 };
	int code = 0, round;

	*model = (struct ft_model){ 0 };
	for (round = 0; !code && round < ROUNDS; round++) {
		ft_model__free(&before);
		before = *model;
		*model = (struct ft_model){ 0 };
		code = learn_round(l, round ? &before : NULL, model);
	}
	ft_model__free(&before);
	if (code)
		ft_model__free(model);
	return code;
}
