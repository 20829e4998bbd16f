// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/util/strings.h"

void ft_strings__init(struct ft_strings *strings, struct ft_arena *arena)
{
	*strings = (struct ft_strings){ .arena = arena };
}

void ft_strings__free(struct ft_strings *strings)
{
	free(strings->slots);
	*strings = (struct ft_strings){ 0 };
}

/* FNV-1a */
static size_t hash(const char *s)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3ULL;
	return (size_t)(h ^ h >> 32);
}

static const char **slot_of(const char **slots, size_t size, const char *s)
{
	size_t i = hash(s) & (size - 1);

	while (slots[i] && strcmp(slots[i], s))
		i = (i + 1) & (size - 1);
	return &slots[i];
}

static int grow(struct ft_strings *strings)
{
	size_t i, size = strings->size ? 2 * strings->size : 1024;
	const char **slots;

	if (2 * strings->nr < strings->size)
		return 0;
	slots = calloc(size, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	for (i = 0; i < strings->size; i++)
		if (strings->slots[i])
			*slot_of(slots, size, strings->slots[i]) = strings->slots[i];
	free(strings->slots);
	strings->slots = slots;
	strings->size = size;
	return 0;
}

const char *ft_strings__intern(struct ft_strings *strings, const char *s)
{
	const char **slot;

	if (grow(strings))
		return NULL;
	slot = slot_of(strings->slots, strings->size, s);
	if (!*slot) {
		*slot = ft_arena__strdup(strings->arena, s);
		strings->nr += *slot != NULL;
	}
	return *slot;
}
