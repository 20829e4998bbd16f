// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/util/arena.h"

#define BLOCK_SIZE (64U << 10)
#define ALIGN 16U

struct block {
	struct block *next;
	size_t size;
	unsigned char data[] __attribute__((aligned(ALIGN)));
};

struct adopted {
	struct adopted *next;
	void *p;
};

struct ft_arena {
	struct block *blocks; /* the first one is being filled */
	size_t used;
	size_t bytes; /* of all blocks */
	struct adopted *adopted;
};

struct ft_arena *ft_arena__new(void)
{
	return calloc(1, sizeof(struct ft_arena));
}

void ft_arena__free(struct ft_arena *arena)
{
	struct adopted *a;
	struct block *b;

	if (!arena)
		return;
	for (a = arena->adopted; a; a = a->next)
		free(a->p);
	while ((b = arena->blocks)) {
		arena->blocks = b->next;
		free(b);
	}
	free(arena);
}

static struct block *block_new(struct ft_arena *arena, size_t size)
{
	struct block *b = malloc(sizeof(*b) + size);

	if (!b)
		return NULL;
	arena->bytes += size;
	b->next = NULL;
	b->size = size;
	return b;
}

size_t ft_arena__bytes(const struct ft_arena *arena)
{
	return arena->bytes;
}

/* A large object gets a block of its own behind the one being filled. */
static void *alloc_large(struct ft_arena *arena, size_t size)
{
	struct block *b = block_new(arena, size);

	if (!b)
		return NULL;
	if (arena->blocks) {
		b->next = arena->blocks->next;
		arena->blocks->next = b;
	} else {
		arena->blocks = b;
		arena->used = size;
	}
	return memset(b->data, 0, size);
}

void *ft_arena__alloc(struct ft_arena *arena, size_t nr, size_t size)
{
	struct block *b = arena->blocks;
	void *p;

	if (__builtin_mul_overflow(nr, size, &size) || size > SIZE_MAX / 2)
		return NULL;
	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (size > BLOCK_SIZE / 4)
		return alloc_large(arena, size);
	if (!b || b->size - arena->used < size) {
		b = block_new(arena, BLOCK_SIZE);
		if (!b)
			return NULL;
		b->next = arena->blocks;
		arena->blocks = b;
		arena->used = 0;
	}
	p = b->data + arena->used;
	arena->used += size;
	return memset(p, 0, size);
}

char *ft_arena__strndup(struct ft_arena *arena, const char *s, size_t max)
{
	size_t len = strnlen(s, max);
	char *copy = ft_arena__alloc(arena, len + 1, 1);

	return copy ? memcpy(copy, s, len) : NULL;
}

char *ft_arena__strdup(struct ft_arena *arena, const char *s)
{
	return ft_arena__strndup(arena, s, strlen(s));
}

char *ft_arena__printf(struct ft_arena *arena, const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len >= 0)
		s = ft_arena__alloc(arena, (size_t)len + 1, 1);
	if (!s)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(s, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return s;
}

void *ft_arena__adopt(struct ft_arena *arena, void *p)
{
	struct adopted *a;

	if (!p)
		return NULL;
	a = ft_arena__alloc(arena, 1, sizeof(*a));
	if (!a) {
		free(p);
		return NULL;
	}
	a->p = p;
	a->next = arena->adopted;
	arena->adopted = a;
	return p;
}
