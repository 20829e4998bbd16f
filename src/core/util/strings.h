/* SPDX-License-Identifier: GPL-2.0 */
/* Interned strings: equal ones are equal pointers, for as long as the arena lives. */
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
/* NULL: no memory left. */
const char *ft_strings__intern(struct ft_strings *strings, const char *s);

#endif /* FT_CORE_UTIL_STRINGS_H */
