// SPDX-License-Identifier: GPL-2.0
/*
 * Holder evidence: what the folio shows between two neighbours says what a
 * reference is for. It counts only where it closes: a mark without its partner
 * is taken back.
 */
#include "core/attribution/token.h"

/* References of one holder that appeared with a get or vanished before a put. */
static bool came(int32_t before, int32_t after, uint32_t n, bool at_least)
{
	int64_t step = (int64_t)after - before;

	return before >= 0 && step > 0 && (at_least ? step >= n : step == n);
}

static enum ft_hold hold_of_get(const struct ft_token *t, enum ft_place_role role,
				const struct ft_ref *r, const struct ft_ref *before,
				const struct ft_ref *after)
{
	if (role == FT_PLACE_BATCH_GET)
		return FT_HOLD_BATCH;
	if (came(r->mapped, after->mapped, t->n, true))
		return FT_HOLD_MAP;
	if (came(r->cached, after->cached, t->n, false))
		return FT_HOLD_CACHE;
	if (came(r->pinned, after->pinned, t->n, false))
		return FT_HOLD_PIN;
	/* Whoever clears PG_lru takes the folio off the list, with a reference. */
	if (before && before->lru && !r->lru)
		return FT_HOLD_ISOLATION;
	if (role == FT_PLACE_ISOLATES && r->lru && !after->lru)
		return FT_HOLD_ISOLATION;
	return FT_HOLD_NONE;
}

static enum ft_hold hold_of_put(const struct ft_token *t, enum ft_place_role role,
				const struct ft_ref *r, const struct ft_ref *before)
{
	if (role == FT_PLACE_BATCH_PUT)
		return FT_HOLD_BATCH;
	if (!before)
		return FT_HOLD_NONE;
	if (came(r->mapped, before->mapped, t->n, true))
		return FT_HOLD_MAP;
	if (came(r->cached, before->cached, t->n, true))
		return FT_HOLD_CACHE;
	if (came(r->pinned, before->pinned, t->n, false))
		return FT_HOLD_PIN;
	return FT_HOLD_NONE;
}

static bool is_call(const struct ft_token *a, const struct ft_token *b)
{
	return a->task == b->task && a->entry_seq == b->entry_seq;
}

/*
 * The put of an isolation: the first without a holder that its call does after the folio
 * was given back, by a batch that will put it on its list, or when PG_lru shows it there.
 */
static void close_isolations(struct ft_tokens *t)
{
	size_t i, j;
	bool back;

	for (i = 0; i < t->nr; i++) {
		struct ft_token *get = &t->list[i];

		if (get->put || get->hold != FT_HOLD_ISOLATION)
			continue;
		back = false;
		for (j = i + 1; j < t->nr; j++) {
			struct ft_token *next = &t->list[j];

			back |= next->lru || (!next->put && next->hold == FT_HOLD_BATCH);
			if (!next->put && next->hold == FT_HOLD_ISOLATION)
				j = t->nr - 1; /* another isolation: this one never closed */
			else if (next->put && next->hold == FT_HOLD_NONE && back &&
				 is_call(get, next))
				break;
		}
		if (j < t->nr)
			t->list[j].hold = FT_HOLD_ISOLATION;
		else
			get->hold = FT_HOLD_NONE;
	}
}

/* A batch's put closes the last batch get before it. */
static void close_batches(struct ft_tokens *t)
{
	size_t i, j;

	for (i = 0; i < t->nr; i++)
		if (!t->list[i].put && t->list[i].hold == FT_HOLD_BATCH)
			t->list[i].hold = FT_HOLD_OPEN_BATCH;
	for (i = 0; i < t->nr; i++) {
		if (!t->list[i].put || t->list[i].hold != FT_HOLD_BATCH)
			continue;
		for (j = i; j--;)
			if (t->list[j].hold == FT_HOLD_OPEN_BATCH)
				break;
		if (j < i)
			t->list[j].hold = FT_HOLD_BATCH;
		else
			t->list[i].hold = FT_HOLD_NONE;
	}
}

void ft_tokens__mark_holders(struct ft_tokens *t, const struct ft_classes *classes,
			     const struct ft_ref *refs, size_t nr, const struct ft_ref *rest)
{
	size_t i;

	for (i = 0; i < t->nr; i++) {
		struct ft_token *token = &t->list[i];
		const struct ft_ref *r, *before, *after;
		enum ft_place_role role = classes->list[token->class].role;

		if (ft_token__is_pseudo(token))
			continue;
		r = &refs[token->at];
		before = token->at ? r - 1 : NULL;
		after = (size_t)token->at + 1 < nr ? r + 1 : rest;
		token->hold = token->put ? hold_of_put(token, role, r, before) :
					   hold_of_get(token, role, r, before, after);
	}
	close_isolations(t);
	close_batches(t);
}
