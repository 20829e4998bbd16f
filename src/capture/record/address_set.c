// SPDX-License-Identifier: GPL-2.0
#include "capture/record/address_set.h"

#include <errno.h>
#include <stdlib.h>

static void insert(struct address_set *s, uint64_t address)
{
	size_t at = (address * 0x9e3779b97f4a7c15ULL >> 32) & (s->size - 1);

	while (s->slots[at] && s->slots[at] != address)
		at = (at + 1) & (s->size - 1);
	s->used += !s->slots[at];
	s->slots[at] = address;
}

static int grow(struct address_set *s)
{
	struct address_set bigger = { .size = s->size ? s->size * 2 : 4096 };

	bigger.slots = calloc(bigger.size, sizeof(*bigger.slots));
	if (!bigger.slots)
		return -ENOMEM;
	for (size_t i = 0; i < s->size; i++)
		if (s->slots[i])
			insert(&bigger, s->slots[i]);
	free(s->slots);
	*s = bigger;
	return 0;
}

int address_set__add(struct address_set *s, uint64_t address)
{
	if (!address)
		return 0;
	if (s->used * 2 >= s->size && grow(s))
		return -ENOMEM;
	insert(s, address);
	return 0;
}

void address_set__free(struct address_set *s)
{
	free(s->slots);
	*s = (struct address_set){};
}
