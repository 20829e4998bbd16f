// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>

#include "core/attribution/closed.h"

static bool is_open(const struct ft_token *t)
{
	return !ft_token__is_pseudo(t) && !t->closed &&
	       (t->hold == FT_HOLD_NONE || t->hold == FT_HOLD_OPEN_BATCH || t->hold == FT_HOLD_PIN);
}

/*
 * The references of a holder are interchangeable. Not where pins are left that nobody has:
 * they are shown, and lost all the same.
 */
static void close_holders(struct ft_tokens *t)
{
	int64_t left[FT_HOLD_COUNT] = { 0 };
	size_t i;

	for (i = 0; i < t->nr; i++)
		left[t->list[i].hold] += ft_token__units(&t->list[i]);
	left[FT_HOLD_PIN] |= t->unowned_pins;
	for (i = 0; i < t->nr; i++)
		t->list[i].closed = ft_token__is_shown(&t->list[i]) && !left[t->list[i].hold];
}

/* By kinds of what goes from task to task: all that pipes were given came out of them, ... */
static void close_kinds(struct ft_tokens *t)
{
	int64_t left[FT_OWNER_COUNT] = { 0 };
	size_t i;

	for (i = 0; i < t->nr; i++)
		if (is_open(&t->list[i]))
			left[ft_token__passed_by(&t->list[i])] += ft_token__units(&t->list[i]);
	for (i = 0; i < t->nr; i++) {
		enum ft_owner_class kind = ft_token__passed_by(&t->list[i]);

		if (is_open(&t->list[i]) && kind != FT_OWNER_OTHER && !left[kind])
			t->list[i].closed = true;
	}
}

/* What a call has of pins, of pipes, ... is closed by itself. */
static int compare_lists(const struct ft_token *a, const struct ft_token *b)
{
	int order = ft_token__compare_calls(a, b);

	if (!order)
		order = (a->hold == FT_HOLD_PIN) - (b->hold == FT_HOLD_PIN);
	return order ? order : (int)ft_token__passed_by(a) - (int)ft_token__passed_by(b);
}

/* Then as they are in the list. */
static int by_call(const void *a, const void *b)
{
	const struct ft_token *x = *(struct ft_token *const *)a, *y = *(struct ft_token *const *)b;
	int order = compare_lists(x, y);

	return order ? order : x < y ? -1 : x > y;
}

/*
 * In the order of the call: each time that all it took is put, what lies behind is closed. A
 * put of more than it took so far is of another call's reference. A pipe's reference that a
 * call puts does not make up for what it takes itself: list is of one kind. Where a put too
 * many is looked for, a call that put more than it took stays open: any of its puts may be it.
 */
static void close_call(struct ft_token **list, size_t nr, bool leak)
{
	int64_t taken = 0;
	size_t i, from = 0;

	for (i = 0; i < nr; i++)
		taken += ft_token__units(list[i]);
	if (taken < 0 && !leak)
		return;
	for (i = 0, taken = 0; i < nr; i++) {
		taken += ft_token__units(list[i]);
		if (taken < 0) {
			taken = 0;
			from = i + 1;
		}
		while (!taken && from <= i)
			list[from++]->closed = true;
	}
}

int ft_tokens__close(struct ft_tokens *t)
{
	struct ft_token **open = malloc((t->nr + 1) * sizeof(*open));
	size_t i, j, nr = 0;

	if (!open)
		return -ENOMEM;
	close_holders(t);
	close_kinds(t);
	for (i = 0; i < t->nr; i++)
		if (is_open(&t->list[i]))
			open[nr++] = &t->list[i];
	qsort(open, nr, sizeof(*open), by_call);
	for (i = 0; i < nr; i = j) {
		for (j = i + 1; j < nr && !compare_lists(open[i], open[j]); j++)
			;
		close_call(open + i, j - i, t->surplus > 0);
	}
	free(open);
	for (i = nr = 0; i < t->nr; i++)
		t->list[i].rank = (uint32_t)(t->list[i].closed ? nr : nr++);
	return 0;
}
