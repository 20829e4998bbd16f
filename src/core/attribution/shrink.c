// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>

#include "core/attribution/shrink.h"
#include "core/util/grow.h"

/* A mapping's, a cache's, a batch's reference is the holder's, whichever task takes or puts it. */
static bool is_holders(const struct ft_token *get, const struct ft_token *put)
{
	return get->hold == put->hold && get->hold != FT_HOLD_NONE && get->hold != FT_HOLD_PIN;
}

static void cancel(struct ft_tokens *t, struct ft_token *get, struct ft_token *put, uint32_t most)
{
	uint32_t n = get->n < put->n ? get->n : put->n;

	if (n > most)
		n = most;
	t->mixed |= n && get->task != put->task && !is_holders(get, put);
	get->n -= n;
	put->n -= n;
}

static bool hold_matches(const struct ft_token *a, const struct ft_token *b)
{
	return a->hold == b->hold;
}

/* How well a token answers a block, the best first. */
enum fit { FIT_EQUAL, FIT_SAME, FIT_BLOCK, FIT_ANY, FIT_COUNT };

static bool fits(const struct ft_token *block, const struct ft_token *other, enum fit fit)
{
	bool same = hold_matches(block, other) && block->hold != FT_HOLD_NONE;

	switch (fit) {
	case FIT_EQUAL:
		return block->n == other->n && hold_matches(block, other);
	case FIT_SAME:
		return same;
	case FIT_BLOCK:
		return other->n > FT_BLOCK;
	default:
		return true;
	}
}

/* Cancels a block against its nearest partners until it is no block any more, or
 * altogether if one of them is as large. */
static void shrink_block(struct ft_tokens *t, size_t at)
{
	struct ft_token *block = &t->list[at];
	enum fit fit;
	size_t i;

	for (fit = FIT_EQUAL; fit < FIT_COUNT; fit++) {
		for (i = 1; i < t->nr && block->n > FT_BLOCK; i++) {
			size_t j = block->put ? at - i : at + i;
			struct ft_token *other;

			if (j >= t->nr) /* past either end */
				break;
			other = &t->list[j];
			if (other->put == block->put || !other->n || !fits(block, other, fit))
				continue;
			cancel(t, block->put ? other : block, block->put ? block : other,
			       fit == FIT_EQUAL ? UINT32_MAX : block->n - FT_BLOCK);
		}
	}
}

static size_t units(const struct ft_tokens *t, bool put)
{
	size_t i, nr = 0;

	for (i = 0; i < t->nr; i++)
		nr += t->list[i].put == put ? t->list[i].n : 0;
	return nr;
}

static bool is_long(const struct ft_tokens *t)
{
	return units(t, false) > FT_UNITS_MAX || units(t, true) > FT_UNITS_MAX;
}

/* Which get and next put are cancelled, the least doubtful pairs first. */
enum shrink {
	SHRINK_USUAL,	/* of one call, and of classes that mostly follow each other here */
	SHRINK_CALL,	/* of one call and holder */
	SHRINK_HOLD,	/* of one holder that the folio shows */
	SHRINK_CLEARED, /* both cleared by the watermark */
	SHRINK_ANY,	/* any, the oldest first: what is left is coarse */
	SHRINK_COUNT,
};

/* How often a put of one class comes next after a get of another, in one call. */
#define PAIRS 64 /* classes that are counted; others are never usual */

struct pairs {
	struct {
		uint32_t get, put, nr;
	} pair[PAIRS];
	size_t nr;
};

static bool is_pair_of_call(const struct ft_token *get, const struct ft_token *put)
{
	return hold_matches(get, put) && ft_token__is_same_call(get, put) &&
	       !ft_token__is_pseudo(get) && !ft_token__is_pseudo(put);
}

static void count_pair(struct pairs *p, const struct ft_token *get, const struct ft_token *put)
{
	size_t i;

	for (i = 0; i < p->nr; i++)
		if (p->pair[i].get == get->class && p->pair[i].put == put->class)
			break;
	if (i == PAIRS)
		return;
	if (i == p->nr) {
		p->pair[i].get = get->class;
		p->pair[i].put = put->class;
		p->pair[i].nr = 0;
		p->nr++;
	}
	p->pair[i].nr++;
}

static void count_pairs(const struct ft_tokens *t, struct pairs *p)
{
	const struct ft_token *get = NULL;
	size_t i;

	p->nr = 0;
	for (i = 0; i < t->nr; i++) {
		const struct ft_token *x = &t->list[i];

		if (!x->n)
			continue;
		if (x->put && get && is_pair_of_call(get, x))
			count_pair(p, get, x);
		get = x->put ? NULL : x;
	}
}

/* Seen twice or more, and neither of the two has a commoner neighbour. */
static bool is_usual(const struct pairs *p, const struct ft_token *get, const struct ft_token *put)
{
	uint32_t nr = 0, best = 1;
	size_t i;

	for (i = 0; i < p->nr; i++) {
		bool same_get = p->pair[i].get == get->class,
		     same_put = p->pair[i].put == put->class;

		if (same_get && same_put)
			nr = p->pair[i].nr;
		if ((same_get || same_put) && p->pair[i].nr > best)
			best = p->pair[i].nr;
	}
	return nr > 1 && nr == best;
}

static bool may_cancel(const struct ft_token *get, const struct ft_token *put, enum shrink how,
		       const struct pairs *pairs)
{
	bool same = hold_matches(get, put);

	switch (how) {
	case SHRINK_USUAL:
		return is_pair_of_call(get, put) && is_usual(pairs, get, put);
	case SHRINK_CALL:
		return is_pair_of_call(get, put);
	case SHRINK_HOLD:
		return same && get->hold != FT_HOLD_NONE;
	case SHRINK_CLEARED:
		return get->cleared && put->cleared;
	default:
		return true;
	}
}

/* One pass over neighbours, the oldest first. What is taken out makes new neighbours, so
 * it is repeated. */
static bool shrink_pass(struct ft_tokens *t, enum shrink how, const struct pairs *pairs)
{
	struct ft_token *get = NULL;
	size_t nr_gets = units(t, false), nr_puts = units(t, true), i;
	bool any = false;

	for (i = 0; i < t->nr && (nr_gets > FT_UNITS_MAX || nr_puts > FT_UNITS_MAX); i++) {
		struct ft_token *next = &t->list[i];
		uint32_t was = next->n;

		if (!was)
			continue;
		if (!next->put) {
			get = next;
			continue;
		}
		if (!get || !may_cancel(get, next, how, pairs)) {
			get = NULL;
			continue;
		}
		cancel(t, get, next, UINT32_MAX);
		nr_gets -= was - next->n;
		nr_puts -= was - next->n;
		any = true;
		get = NULL;
	}
	return any;
}

static bool is_short(const struct ft_tokens *t)
{
	size_t i;

	for (i = 0; i < t->nr; i++)
		if (t->list[i].n > FT_BLOCK)
			return false;
	return !is_long(t);
}

static int keep_whole(struct ft_tokens *t)
{
	if (FT_GROW(t->whole, t->room_whole, t->nr))
		return -ENOMEM;
	memcpy(t->whole, t->list, t->nr * sizeof(*t->list));
	t->nr_whole = t->nr;
	return 0;
}

/* Each holder and each call that is closed has as many gets as puts; so have batches and
 * isolations, whose pairs are marked. */
static void take_out_closed(struct ft_tokens *t)
{
	size_t i;

	for (i = 0; i < t->nr; i++)
		if (t->list[i].closed || t->list[i].hold == FT_HOLD_BATCH ||
		    t->list[i].hold == FT_HOLD_ISOLATION)
			t->list[i].n = 0;
}

int ft_tokens__shrink(struct ft_tokens *t)
{
	enum shrink how;
	struct pairs pairs = { .nr = 0 };
	size_t i, nr = 0;

	if (is_short(t))
		return 0;
	if (keep_whole(t))
		return -ENOMEM;
	if (is_long(t))
		take_out_closed(t);
	for (i = 0; i < t->nr; i++)
		if (t->list[i].n > FT_BLOCK)
			shrink_block(t, i);
	if (is_long(t))
		count_pairs(t, &pairs);
	for (how = SHRINK_USUAL; how < SHRINK_COUNT && is_long(t); how++) {
		t->coarse = how == SHRINK_ANY;
		while (is_long(t) && shrink_pass(t, how, &pairs))
			;
	}
	for (i = 0; i < t->nr; i++)
		if (t->list[i].n)
			t->list[nr++] = t->list[i];
	t->nr = nr;
	return 0;
}
