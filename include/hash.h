/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One hash table: an index from keys to numbers. The entries are an array of the
 * caller's, a number is a place in it; the table keeps the hash beside the number, so
 * it grows without looking at an entry. Open addressing, at most half full. Entries are
 * never removed. Header only, so that every stage can use it.
 */
#ifndef FT_HASH_H
#define FT_HASH_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define FT_HASH_NONE UINT32_MAX /* no entry has this key */
#define FT_HASH_SIZE 256	/* slots of the first table */

struct ft_hash_slot {
	uint32_t hash;
	uint32_t number; /* + 1; 0: free */
};

/* Zeroed: empty. */
struct ft_hash {
	struct ft_hash_slot *slots;
	uint32_t nr, size; /* size: a power of two, or 0 */
};

/* Adds value to what is hashed so far; h is 0 at first. ft_hash__of() ends it. */
static inline uint64_t ft_hash__mix(uint64_t h, uint64_t value)
{
	h = (h ^ value) * 0x9e3779b97f4a7c15ULL; /* 2^64 / golden ratio: Knuth, 6.4 */
	return h ^ h >> 29;
}

/* The hash of one number or pointer. The high half of the product depends on all of
 * it, and addresses that are multiples of 64 are as good as any. */
static inline uint32_t ft_hash__of(uint64_t key)
{
	return (uint32_t)(key * 0x9e3779b97f4a7c15ULL >> 32);
}

/* FNV-1a, its halves folded. */
static inline uint32_t ft_hash__string(const char *s)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3ULL;
	return (uint32_t)(h ^ h >> 32);
}

/*
 * The number of the entry for which same() holds, or FT_HASH_NONE. same() gets the
 * arguments of this call and is asked only about entries of the same hash. Inlined with
 * it, as a call for each comparison costs more than the comparison.
 */
static inline __attribute__((always_inline)) uint32_t
ft_hash__find(const struct ft_hash *h, uint32_t hash,
	      bool (*same)(const void *entries, uint32_t number, const void *key),
	      const void *entries, const void *key)
{
	const struct ft_hash_slot *slot;
	uint32_t i;

	if (!h->size)
		return FT_HASH_NONE;
	for (i = hash;; i++) {
		slot = &h->slots[i & (h->size - 1)];
		if (!slot->number)
			return FT_HASH_NONE;
		if (slot->hash == hash && same(entries, slot->number - 1, key))
			return slot->number - 1;
	}
}

static inline void ft_hash__put(struct ft_hash *h, uint32_t hash, uint32_t number)
{
	uint32_t i = hash;

	while (h->slots[i & (h->size - 1)].number)
		i++;
	h->slots[i & (h->size - 1)] = (struct ft_hash_slot){ hash, number + 1 };
}

/* An entry whose key is not in the table yet. 0 or -ENOMEM. */
static inline int ft_hash__add(struct ft_hash *h, uint32_t hash, uint32_t number)
{
	struct ft_hash bigger = { .nr = h->nr, .size = h->size ? 2 * h->size : FT_HASH_SIZE };
	uint32_t i;

	if (2 * (uint64_t)h->nr >= h->size) {
		bigger.slots = calloc(bigger.size, sizeof(*bigger.slots));
		if (!bigger.slots)
			return -ENOMEM;
		for (i = 0; i < h->size; i++)
			if (h->slots[i].number)
				ft_hash__put(&bigger, h->slots[i].hash, h->slots[i].number - 1);
		free(h->slots);
		*h = bigger;
	}
	ft_hash__put(h, hash, number);
	h->nr++;
	return 0;
}

static inline void ft_hash__free(struct ft_hash *h)
{
	free(h->slots);
	*h = (struct ft_hash){ 0 };
}

#endif /* FT_HASH_H */
