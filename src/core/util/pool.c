// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <sys/mman.h>

#include "core/util/pool.h"

#define LINE 64U
#define SLAB_MIN (64U << 10)
#define SLAB_MAX (2U << 20) /* a huge page of x86-64 */

struct slab {
	struct slab *next;
};

void ft_pool__init(struct ft_pool *p, size_t size)
{
	*p = (struct ft_pool){ .size = (size + LINE - 1) & ~(size_t)(LINE - 1) };
}

void ft_pool__free(struct ft_pool *p)
{
	struct slab *s;

	while ((s = p->slabs)) {
		p->slabs = s->next;
		free(s);
	}
	ft_pool__init(p, p->size);
}

static int grow(struct ft_pool *p)
{
	size_t bytes = p->bytes ? 2 * p->bytes : SLAB_MIN;
	struct slab *s;

	if (bytes > SLAB_MAX)
		bytes = SLAB_MAX;
	s = aligned_alloc(bytes, bytes);
	if (!s)
		return -1;
	/* Accesses are random: with small pages each would miss the TLB. */
	if (bytes == SLAB_MAX)
		madvise(s, bytes, MADV_HUGEPAGE);
	s->next = p->slabs;
	p->slabs = s;
	p->bytes = bytes;
	p->at = (unsigned char *)s + LINE;
	p->end = (unsigned char *)s + bytes;
	return 0;
}

void *ft_pool__get(struct ft_pool *p)
{
	void *object = p->free;

	if (object) {
		p->free = *(void **)object;
		__builtin_prefetch(p->free);
		return object;
	}
	if ((size_t)(p->end - p->at) < p->size && grow(p))
		return NULL;
	object = p->at;
	p->at += p->size;
	return object;
}
