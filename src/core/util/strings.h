/* SPDX-License-Identifier: GPL-2.0 */
/* Interned strings: equal strings are equal pointers, valid until the arena is freed. */
#ifndef FT_CORE_UTIL_STRINGS_H
#define FT_CORE_UTIL_STRINGS_H

#include "core/util/arena.h"
#include "hash.h"

struct ft_strings {
	struct ft_arena *arena;
	const char **list; /* index.nr of them */
	size_t room;
	struct ft_hash index;
};

void ft_strings__init(struct ft_strings *strings, struct ft_arena *arena);
void ft_strings__free(struct ft_strings *strings);
/* A copy in the arena. NULL: no memory left. */
const char *ft_strings__intern(struct ft_strings *strings, const char *s);

#endif /* FT_CORE_UTIL_STRINGS_H */
