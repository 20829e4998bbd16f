// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "core/util/grow.h"
#include "core/util/strings.h"

void ft_strings__init(struct ft_strings *strings, struct ft_arena *arena)
{
	*strings = (struct ft_strings){ .arena = arena };
}

void ft_strings__free(struct ft_strings *strings)
{
	ft_hash__free(&strings->index);
	free(strings->list);
	*strings = (struct ft_strings){ 0 };
}

static bool is_same(const void *list, uint32_t number, const void *s)
{
	return !strcmp(((const char *const *)list)[number], s);
}

const char *ft_strings__intern(struct ft_strings *strings, const char *s)
{
	uint32_t hash = ft_hash__string(s);
	uint32_t number = ft_hash__find(&strings->index, hash, is_same, strings->list, s);

	if (number != FT_HASH_NONE)
		return strings->list[number];
	s = ft_arena__strdup(strings->arena, s);
	number = strings->index.nr;
	if (!s || FT_GROW(strings->list, strings->room, number + 1) ||
	    ft_hash__add(&strings->index, hash, number))
		return NULL;
	strings->list[number] = s;
	return s;
}
