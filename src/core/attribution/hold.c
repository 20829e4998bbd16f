// SPDX-License-Identifier: GPL-2.0
#include "core/attribution/hold.h"

/*
 * A get is a holder's if the holder's count rises between it and the next ref; a put is
 * if the count fell between the ref before and this one.
 */
static bool is_step(int32_t before, int32_t after, uint32_t n, bool at_least)
{
	int64_t step = (int64_t)after - before;

	return before >= 0 && step > 0 && (at_least ? step >= n : step == n);
}

static int32_t higher(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

static enum ft_hold hold_of_get(const struct ft_token *t, enum ft_place_role role,
				const struct ft_ref *r, const struct ft_ref *before,
				const struct ft_ref *after)
{
	if (role == FT_PLACE_BATCH_GET)
		return FT_HOLD_BATCH;
	if (r->pins)
		return FT_HOLD_PIN;
	if (!r->no_mapping &&
	    is_step(r->mapped + r->maps + r->raised, higher(after->mapped, r->peak), t->n, true))
		return FT_HOLD_MAP;
	if (is_step(r->cached, after->cached, t->n, false))
		return FT_HOLD_CACHE;
	if (is_step(r->pinned, after->pinned, t->n, false))
		return FT_HOLD_PIN;
	/* folio_isolate_lru() clears PG_lru and takes a reference for the isolation. */
	if (before && before->lru && !r->lru)
		return FT_HOLD_ISOLATION;
	if (role == FT_PLACE_ISOLATES && (r->lru ? !after->lru : !before))
		return FT_HOLD_ISOLATION;
	return FT_HOLD_NONE;
}

static enum ft_hold hold_of_put(const struct ft_token *t, enum ft_place_role role,
				const struct ft_ref *r, const struct ft_ref *before)
{
	if (role == FT_PLACE_BATCH_PUT)
		return FT_HOLD_BATCH;
	if (r->pins)
		return FT_HOLD_PIN;
	if (!before)
		return FT_HOLD_NONE;
	if (!r->no_mapping && is_step(r->mapped - r->maps + before->lowered,
				      higher(before->mapped, before->peak), t->n, true))
		return FT_HOLD_MAP;
	if (is_step(r->cached, before->cached, t->n, true))
		return FT_HOLD_CACHE;
	if (is_step(r->pinned, before->pinned, t->n, false))
		return FT_HOLD_PIN;
	return FT_HOLD_NONE;
}

/* Whether more was put than taken in the call of a token, of what no other holder shows. */
static bool call_put_more(const struct ft_tokens *t, const struct ft_token *of)
{
	int64_t net = 0;
	size_t i;

	for (i = 0; i < t->nr; i++)
		if (ft_token__is_same_call(&t->list[i], of) && t->list[i].hold == FT_HOLD_NONE)
			net += ft_token__units(&t->list[i]);
	return net < 0;
}

/* By a function that puts nothing but isolations. */
static bool puts_back(const struct ft_classes *classes, const struct ft_token *t)
{
	return t->put && classes->list[t->class].role == FT_PLACE_PUTS_BACK;
}

/* How surely a put ends an isolation. */
enum isolation_end { END_SAME_CALL, END_PUT_BACK, END_SAME_TASK, END_COUNT };

static bool may_end(const struct ft_tokens *t, const struct ft_classes *classes,
		    const struct ft_token *get, const struct ft_token *put, enum isolation_end how)
{
	switch (how) {
	case END_SAME_CALL:
		return ft_token__is_same_call(get, put);
	case END_SAME_TASK:
		return get->task == put->task && call_put_more(t, put);
	default:
		return puts_back(classes, put);
	}
}

/*
 * The put that ends an isolation: the first without another holder, once the folio has gone
 * back to its LRU list (PG_lru is set) or into a batch that will put it there. nr: there is
 * none.
 */
static size_t end_of_isolation(const struct ft_tokens *t, const struct ft_classes *classes,
			       size_t i, enum isolation_end how)
{
	const struct ft_token *get = &t->list[i];
	bool back = false;

	for (i++; i < t->nr; i++) {
		const struct ft_token *next = &t->list[i];

		back |= next->lru || (!next->put && next->hold == FT_HOLD_BATCH);
		if (!next->put && next->hold == FT_HOLD_ISOLATION)
			return t->nr; /* another isolation: this one never closed */
		if (next->put && next->hold == FT_HOLD_NONE && back &&
		    !ft_classes__passes_on(classes, next->class, next->stack) &&
		    may_end(t, classes, get, next, how))
			break;
	}
	return i;
}

/* Whether no later operation saw the folio on an LRU list, or saw it put there. */
static bool stays_off(const struct ft_tokens *t, size_t i)
{
	for (i++; i < t->nr; i++)
		if (!ft_token__is_pseudo(&t->list[i]) &&
		    (t->list[i].lru || t->list[i].hold == FT_HOLD_BATCH))
			return false;
	return true;
}

/* An isolation that no put ends is no evidence: the mark is taken back. */
static void close_isolations(struct ft_tokens *t, const struct ft_classes *classes)
{
	enum isolation_end how;
	size_t i, j;

	for (i = 0; i < t->nr; i++) {
		struct ft_token *get = &t->list[i];

		if (get->put || get->hold != FT_HOLD_ISOLATION)
			continue;
		for (j = t->nr, how = END_SAME_CALL; j == t->nr && how < END_COUNT; how++)
			j = end_of_isolation(t, classes, i, how);
		if (j < t->nr) {
			t->list[j].hold = FT_HOLD_ISOLATION;
			continue;
		}
		get->hold = FT_HOLD_NONE;
		get->isolated = stays_off(t, i);
	}
}

/* A put by a per-CPU batch (folio_batch_move_lru()) ends the last get for one. */
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

/*
 * Others may change a count between two readings, and _pincount of a large folio follows the
 * reference. The place says what the readings do not: get_user_pages() takes pins or takes
 * none, and what the driver's own function takes is no mapping's.
 */
static enum ft_hold correct(enum ft_hold hold, const struct ft_class *class, const struct ft_ref *r)
{
	bool pin = r->unpin || ft_class__mostly(class->pinned, class->seen_large);

	if (r->single && r->pins)
		return hold;
	switch (hold) {
	case FT_HOLD_NONE:
		return pin && !r->single ? FT_HOLD_PIN : hold;
	case FT_HOLD_PIN:
		return pin || !ft_class__hardly(class->pinned, class->seen_large) ? hold :
										    FT_HOLD_NONE;
	case FT_HOLD_MAP:
		return ft_class__hardly(class->mapped, class->seen) ? FT_HOLD_NONE : hold;
	case FT_HOLD_CACHE:
		return ft_class__hardly(class->cached, class->seen) ? FT_HOLD_NONE : hold;
	default:
		return hold;
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

		if (ft_token__is_pseudo(token) || token->hold != FT_HOLD_NONE)
			continue;
		r = &refs[token->at];
		before = token->at ? r - 1 : NULL;
		after = (size_t)token->at + 1 < nr ? r + 1 : rest;
		token->hold = token->put ? hold_of_put(token, role, r, before) :
					   hold_of_get(token, role, r, before, after);
		token->shown = token->hold;
		token->hold = (uint8_t)correct((enum ft_hold)token->hold,
					       &classes->list[token->class], r);
	}
	close_isolations(t, classes);
	close_batches(t);
}
