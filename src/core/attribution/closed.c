// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>

#include "core/attribution/closed.h"

static int64_t signed_units(const struct ft_token *t)
{
	return t->put ? -(int64_t)t->n : (int64_t)t->n;
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
		left[t->list[i].hold] += signed_units(&t->list[i]);
	left[FT_HOLD_PIN] |= t->unowned_pins;
	for (i = 0; i < t->nr; i++)
		t->list[i].closed = ft_token__is_shown(&t->list[i]) && !left[t->list[i].hold];
}

/*
 * What goes from task to task is of one kind, and of no other: a pipe's reference that a call
 * puts does not make up for what it takes itself.
 */
static enum ft_owner_class kind_of(const struct ft_token *t)
{
	switch ((enum ft_owner_class)t->owner) {
	case FT_OWNER_PIPE:
	case FT_OWNER_BIO:
	case FT_OWNER_SOCKET:
	case FT_OWNER_IO_URING:
	case FT_OWNER_FILE:
		return (enum ft_owner_class)t->owner;
	default:
		return FT_OWNER_OTHER;
	}
}

static bool is_open(const struct ft_token *t)
{
	return !ft_token__is_pseudo(t) && !t->closed &&
	       (t->hold == FT_HOLD_NONE || t->hold == FT_HOLD_OPEN_BATCH);
}

static int by_number(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_call(const void *a, const void *b)
{
	const struct ft_token *x = *(struct ft_token *const *)a, *y = *(struct ft_token *const *)b;
	int order = by_number(x->task, y->task);

	if (!order)
		order = by_number(x->entry_seq, y->entry_seq);
	if (!order)
		order = by_number(x->interrupt, y->interrupt);
	return order ? order : by_number(kind_of(x), kind_of(y));
}

static void close_call(struct ft_token **list, size_t nr)
{
	int64_t left = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		left += signed_units(list[i]);
	for (i = 0; i < nr; i++)
		list[i]->closed = !left;
}

int ft_tokens__close(struct ft_tokens *t)
{
	struct ft_token **open = malloc((t->nr + 1) * sizeof(*open));
	size_t i, j, nr = 0;

	if (!open)
		return -ENOMEM;
	close_holders(t);
	for (i = 0; i < t->nr; i++)
		if (is_open(&t->list[i]))
			open[nr++] = &t->list[i];
	qsort(open, nr, sizeof(*open), by_call);
	for (i = 0; i < nr; i = j) {
		for (j = i + 1; j < nr && !by_call(&open[i], &open[j]); j++)
			;
		close_call(open + i, j - i);
	}
	free(open);
	return 0;
}
