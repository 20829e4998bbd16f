// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/attribution/class.h"
#include "core/util/grow.h"

void ft_classes__free(struct ft_classes *c)
{
	free(c->list);
	ft_hash__free(&c->index);
	free(c->places);
	*c = (struct ft_classes){ 0 };
}

static uint32_t hash(const struct ft_class *c)
{
	uint64_t h = ft_hash__mix(0, (uintptr_t)c->site);
	size_t i;

	for (i = 0; i < FT_CLASS_CALLERS; i++)
		h = ft_hash__mix(h, (uintptr_t)c->caller[i]);
	return ft_hash__of(h);
}

static bool is_same(const void *list, uint32_t number, const void *key)
{
	const struct ft_class *a = (const struct ft_class *)list + number, *b = key;

	return a->site == b->site && !memcmp(a->caller, b->caller, sizeof(a->caller));
}

/* FNV-1a in 64 bits: no two of the kernel's names are the same by chance. */
static uint64_t hash_name(uint64_t h, const char *name)
{
	uint64_t fnv = 0xcbf29ce484222325ULL;

	for (; name && *name && *name != '.'; name++)
		fnv = (fnv ^ (unsigned char)*name) * 0x100000001b3ULL;
	return ft_hash__mix(h, fnv);
}

void ft_class__hash_names(const char *function, const char *const *caller,
			  uint64_t name[FT_LEVEL_COUNT])
{
	uint64_t h = hash_name(0, function);
	size_t i;

	name[FT_LEVEL_FUNCTION] = h;
	for (i = 0; i < FT_CLASS_CALLERS; i++) {
		h = hash_name(h, caller[i]);
		if (!i)
			name[FT_LEVEL_CALLER] = h;
	}
	name[FT_LEVEL_CALLERS] = h;
}

const char *ft_class__function(const struct ft_class *class, char *buf, size_t size)
{
	if (class->site)
		return class->site->function;
	snprintf(buf, size, "(%s)", class->caller[0]);
	return buf;
}

static void name_class(struct ft_class *class)
{
	static const char *const none[FT_CLASS_CALLERS];
	char holder[FT_HOLDER_NAME];

	ft_class__hash_names(ft_class__function(class, holder, sizeof(holder)),
			     class->site ? class->caller : none, class->name);
}

/* A linear search will do: it runs once for each new class, and there are few. */
static int place_of(struct ft_classes *c, const void *site, uint32_t *place)
{
	size_t i;

	for (i = 0; i < c->nr_places; i++)
		if (c->places[i] == site)
			break;
	*place = (uint32_t)i;
	if (i < c->nr_places)
		return 0;
	if (FT_GROW(c->places, c->room_places, c->nr_places + 1))
		return -ENOMEM;
	c->places[c->nr_places++] = site;
	return 0;
}

static int intern(struct ft_classes *c, struct ft_class *key, uint32_t *id)
{
	int code;

	*id = ft_hash__find(&c->index, hash(key), is_same, c->list, key);
	if (*id != FT_HASH_NONE)
		return 0;
	code = place_of(c, key->site ? (const void *)key->site : key->caller[0], &key->place);
	if (code)
		return code;
	key->role = key->site ? ft_holders__role_of(key->site, key->caller) : FT_PLACE_PLAIN;
	name_class(key);
	if (FT_GROW(c->list, c->room, c->nr + 1) ||
	    ft_hash__add(&c->index, hash(key), (uint32_t)c->nr))
		return -ENOMEM;
	*id = (uint32_t)c->nr;
	c->list[c->nr++] = *key;
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

#define SEEN_ENOUGH 3

bool ft_class__mostly(uint32_t number, uint32_t seen)
{
	return seen >= SEEN_ENOUGH && 3 * (uint64_t)number > 2 * (uint64_t)seen;
}

bool ft_class__hardly(uint32_t number, uint32_t seen)
{
	return seen >= SEEN_ENOUGH && 3 * (uint64_t)number < seen;
}

bool ft_classes__passes_on(const struct ft_classes *classes, uint32_t id,
			   const struct ft_stack *stack)
{
	const struct ft_class *class = &classes->list[id];

	switch (ft_holders__class(class->site, stack)) {
	case FT_OWNER_PIPE:
	case FT_OWNER_SOCKET:
	case FT_OWNER_BIO:
	case FT_OWNER_IO_URING:
	case FT_OWNER_LRU_BATCH:
		return true;
	default:
		return class->role == FT_PLACE_BATCH_PUT || class->role == FT_PLACE_BATCH_GET;
	}
}
