// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/ledger/ledger.h"

void ft_ledger__init(struct ft_ledger *ledger, bool keep_all)
{
	*ledger = (struct ft_ledger){ .keep_all = keep_all };
	ft_pool__init(&ledger->chunks, sizeof(struct ft_chunk));
	ft_pool__init(&ledger->accounts, sizeof(struct ft_account));
}

void ft_ledger__free(struct ft_ledger *ledger)
{
	size_t i;

	for (i = 0; i < ledger->nr_pages; i++)
		free(ledger->pages[i]);
	free(ledger->pages);
	ft_pool__free(&ledger->chunks);
	ft_pool__free(&ledger->accounts);
	*ledger = (struct ft_ledger){ 0 };
}

static struct ft_account *account_get(struct ft_ledger *ledger, uint32_t id)
{
	struct ft_account *a = ft_pool__get(&ledger->accounts);

	if (!a)
		return NULL;
	*a = (struct ft_account){ .id = id };
	ledger->nr++;
	return a;
}

static struct ft_slot *slot_find(const struct ft_ledger *ledger, uint32_t id)
{
	size_t page = id >> FT_SLOT_BITS;

	if (page >= ledger->nr_pages || !ledger->pages[page])
		return NULL;
	return &ledger->pages[page][id & (FT_SLOTS - 1)];
}

/* Ids are dense from 1. Two levels, so that one wrong large id costs a page only. */
static struct ft_slot *slot_get(struct ft_ledger *ledger, uint32_t id)
{
	size_t page = id >> FT_SLOT_BITS;

	if (page >= ledger->nr_pages) {
		size_t nr = ledger->nr_pages ? ledger->nr_pages : 16;
		struct ft_slot **p;

		while (nr <= page)
			nr *= 2;
		p = realloc(ledger->pages, nr * sizeof(*p));
		if (!p)
			return NULL;
		memset(p + ledger->nr_pages, 0, (nr - ledger->nr_pages) * sizeof(*p));
		ledger->pages = p;
		ledger->nr_pages = nr;
	}
	if (!ledger->pages[page]) {
		ledger->pages[page] = calloc(FT_SLOTS, sizeof(struct ft_slot));
		if (!ledger->pages[page])
			return NULL;
	}
	return &ledger->pages[page][id & (FT_SLOTS - 1)];
}

struct ft_account *ft_ledger__find(const struct ft_ledger *ledger, uint32_t id)
{
	struct ft_slot *slot = slot_find(ledger, id);

	return slot ? ft_slot__account(slot) : NULL;
}

void ft_ledger__prefetch(const struct ft_ledger *ledger, uint32_t id, int stage)
{
	const struct ft_slot *slot = slot_find(ledger, id);
	const struct ft_account *a = slot && stage ? ft_slot__account(slot) : NULL;

	if (!stage && slot) {
		__builtin_prefetch(slot);
	} else if (stage == 1 && a) {
		__builtin_prefetch(a);
	} else if (a && a->last) {
		const char *at = (const char *)&a->last->event[a->nr % FT_CHUNK_EVENTS];

		__builtin_prefetch(at, 1);
		__builtin_prefetch(at + 64, 1);
		__builtin_prefetch(at + sizeof(struct ft_wire_event) - 1, 1);
	}
}

const struct ft_slot *ft_ledger__next(const struct ft_ledger *ledger, uint64_t *id)
{
	for (; *id >> FT_SLOT_BITS < ledger->nr_pages; ++*id) {
		struct ft_slot *slot = slot_find(ledger, (uint32_t)*id);

		if (slot && slot->word)
			return slot;
		if (!slot)
			*id |= FT_SLOTS - 1;
	}
	return NULL;
}

static void drop_events(struct ft_ledger *ledger, struct ft_account *a)
{
	if (!a->first)
		return;
	ft_pool__put(&ledger->chunks, a->first, a->last);
	a->first = a->last = NULL;
}

static bool may_forget(const struct ft_ledger *ledger, const struct ft_account *a)
{
	return a->closed && !a->kept && a->kids <= 0 && !ledger->keep_all;
}

/* A parent is kept for its living children: if one is bad, its timeline starts there. */
static void forget(struct ft_ledger *ledger, struct ft_account *a)
{
	while (a && may_forget(ledger, a)) {
		struct ft_account *parent = NULL;

		if (a->parent < a->id) /* a parent is older, whatever a record says */
			parent = ft_ledger__find(ledger, a->parent);
		slot_find(ledger, a->id)->word = a->address | 1;
		drop_events(ledger, a);
		ft_pool__put(&ledger->accounts, a, a);
		ledger->freed++;
		ledger->nr--;
		if (parent)
			parent->kids--;
		a = parent;
	}
}

static int append(struct ft_ledger *ledger, struct ft_account *a, const struct ft_wire_event *e)
{
	struct ft_chunk *c = a->last;
	uint32_t at = a->nr % FT_CHUNK_EVENTS;

	if (!at) {
		c = ft_pool__get(&ledger->chunks);
		if (!c)
			return -ENOMEM;
		c->next = NULL;
		if (a->last)
			a->last->next = c;
		else
			a->first = c;
		a->last = c;
	}
	c->event[at] = *e;
	a->nr++;
	if (e->seq > a->max_seq)
		a->max_seq = e->seq;
	return 0;
}

/* Its end is known, and no number is missing up to it. */
static int close(struct ft_ledger *ledger, struct ft_account *a)
{
	int code = ledger->on_close ? ledger->on_close(ledger->arg, a) : 0;

	if (code)
		return code < 0 ? code : 0;
	a->closed = true;
	forget(ledger, a);
	return 0;
}

int ft_ledger__add(struct ft_ledger *ledger, const struct ft_wire_event *e)
{
	struct ft_slot *slot;
	struct ft_account *a;
	int code;

	if (!e->id || !e->seq)
		return -EINVAL;
	slot = slot_get(ledger, e->id);
	if (!slot)
		return -ENOMEM;
	a = ft_slot__account(slot);
	if (!a) {
		if (slot->word) {
			ledger->late++;
			return 0;
		}
		a = account_get(ledger, e->id);
		if (!a)
			return -ENOMEM;
		slot->word = (uintptr_t)a;
		a->address = e->folio;
	}
	if (ledger->on_record)
		ledger->on_record(ledger->arg, a, e);
	code = append(ledger, a, e);
	if (code)
		return code;
	switch (e->head.op) {
	case FT_OP_BORN:
		a->parent = (uint32_t)e->value;
		break;
	case FT_OP_ADOPTED:
		/* what took a reference then took one of a free folio; device pages are idle at 0 */
		a->kept |= !e->refcount && !(e->flags & FT_PF_ZONE_DEVICE);
		break;
	case FT_OP_CHECKPOINT:
		a->kept = true;
		break;
	case FT_OP_DIED:
		a->ended = true;
		a->kept |= e->mapcount > 0 || ft_mapcount__is_below_zero(e->mapcount, e->flags) ||
			   ft_ledger__dies_held(e->value, e->refcount, e->pincount, e->flags);
		break;
	case FT_OP_SPLIT:
		a->ended = true;
		a->kids += e->value > 0 && e->value <= UINT32_MAX ? e->value : 0;
		break;
	}
	return a->ended && a->nr == a->max_seq ? close(ledger, a) : 0;
}
