/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that is freed at once, with the run. Every function returns NULL when there is
 * no memory left.
 */
#ifndef FT_CORE_UTIL_ARENA_H
#define FT_CORE_UTIL_ARENA_H

#include <stddef.h>

struct ft_arena;

struct ft_arena *ft_arena__new(void);
void ft_arena__free(struct ft_arena *arena);
/* Zeroed and aligned for any object. */
void *ft_arena__alloc(struct ft_arena *arena, size_t nr, size_t size);
char *ft_arena__strdup(struct ft_arena *arena, const char *s);
char *ft_arena__strndup(struct ft_arena *arena, const char *s, size_t max);
char *ft_arena__printf(struct ft_arena *arena, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* A grown array from malloc becomes the arena's; p is freed if that fails. */
void *ft_arena__adopt(struct ft_arena *arena, void *p);

/* How much it has taken so far, without what it adopted. */
size_t ft_arena__bytes(const struct ft_arena *arena);

#endif /* FT_CORE_UTIL_ARENA_H */
