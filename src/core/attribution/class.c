// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/attribution/class.h"

void ft_classes__free(struct ft_classes *c)
{
	free(c->list);
	free(c->table);
	free(c->places);
	*c = (struct ft_classes){ 0 };
}

static size_t hash(const struct ft_class *c)
{
	uint64_t h = (uintptr_t)c->site;
	size_t i;

	for (i = 0; i < FT_CLASS_CALLERS; i++)
		h = (h ^ (h >> 29)) * 0x9e3779b97f4a7c15ULL + (uintptr_t)c->caller[i];
	h *= 0x9e3779b97f4a7c15ULL;
	return (size_t)(h >> 20);
}

static bool is_same(const struct ft_class *a, const struct ft_class *b)
{
	return a->site == b->site && !memcmp(a->caller, b->caller, sizeof(a->caller));
}

static uint32_t *slot_of(const struct ft_classes *c, const struct ft_class *key)
{
	size_t i = hash(key) & (c->size - 1);

	while (c->table[i] && !is_same(&c->list[c->table[i] - 1], key))
		i = (i + 1) & (c->size - 1);
	return &c->table[i];
}

static int grow(struct ft_classes *c)
{
	size_t i, room = c->room ? 2 * c->room : 128;
	void *list = realloc(c->list, room * sizeof(*c->list));
	uint32_t *table;

	if (!list)
		return -ENOMEM;
	c->list = list;
	table = calloc(2 * room, sizeof(*table));
	if (!table)
		return -ENOMEM;
	free(c->table);
	c->table = table;
	c->size = 2 * room;
	c->room = room;
	for (i = 0; i < c->nr; i++)
		*slot_of(c, &c->list[i]) = (uint32_t)i + 1;
	return 0;
}

/* A linear search will do: it runs once for each new class, and there are few. */
static int place_of(struct ft_classes *c, const void *site, uint32_t *place)
{
	size_t i, room;
	void *p;

	for (i = 0; i < c->nr_places; i++)
		if (c->places[i] == site)
			break;
	*place = (uint32_t)i;
	if (i < c->nr_places)
		return 0;
	if (c->nr_places == c->room_places) {
		room = c->room_places ? 2 * c->room_places : 64;
		p = realloc(c->places, room * sizeof(*c->places));
		if (!p)
			return -ENOMEM;
		c->places = p;
		c->room_places = room;
	}
	c->places[c->nr_places++] = site;
	return 0;
}

static int intern(struct ft_classes *c, struct ft_class *key, uint32_t *id)
{
	uint32_t *slot;
	int code;

	if (c->nr == c->room) {
		code = grow(c);
		if (code)
			return code;
	}
	slot = slot_of(c, key);
	if (!*slot) {
		code = place_of(c, key->site ? (const void *)key->site : key->caller[0],
				&key->place);
		if (code)
			return code;
		key->role = key->site ? ft_holders__role_of(key->site, key->caller) :
					FT_PLACE_PLAIN;
		c->list[c->nr++] = *key;
		*slot = (uint32_t)c->nr;
	}
	*id = *slot - 1;
	return 0;
}

int ft_classes__intern(struct ft_classes *c, const struct ft_site *site,
		       const struct ft_stack *stack, uint32_t *id)
{
	struct ft_class key = { .site = site };
	size_t i;

	for (i = 0; stack && i < FT_CLASS_CALLERS && i + 1 < stack->depth; i++)
		key.caller[i] = stack->frames[i + 1]->function;
	return intern(c, &key, id);
}

int ft_classes__intern_holder(struct ft_classes *c, const char *holder, uint32_t *id)
{
	struct ft_class key = { .caller = { holder } };

	return intern(c, &key, id);
}
