/* SPDX-License-Identifier: GPL-2.0 */
/* Objects of one size, by the hundred thousand, from huge pages where the kernel has them. */
#ifndef FT_CORE_UTIL_POOL_H
#define FT_CORE_UTIL_POOL_H

#include <stddef.h>

struct ft_pool {
	size_t size;		 /* of an object: at least a pointer */
	size_t bytes;		 /* of the slab being filled */
	unsigned char *at, *end; /* what is left of it */
	void *free;		 /* objects put back, each with a pointer to the next */
	void *slabs;
};

void ft_pool__init(struct ft_pool *pool, size_t size);
void ft_pool__free(struct ft_pool *pool); /* and all objects */
/* Not zeroed; NULL: no memory. */
void *ft_pool__get(struct ft_pool *pool);
/* Puts back a list of objects, each with a pointer to the next as its first word. */
static inline void ft_pool__put(struct ft_pool *pool, void *first, void *last)
{
	*(void **)last = pool->free;
	pool->free = first;
}

#endif /* FT_CORE_UTIL_POOL_H */
