// SPDX-License-Identifier: GPL-2.0
#include "capture/record/address_set.h"

static bool is_same(const void *list, uint32_t number, const void *address)
{
	return ((const uint64_t *)list)[number] == *(const uint64_t *)address;
}

static int grow(struct address_set *s)
{
	size_t room = s->room ? 2 * s->room : 4096;
	uint64_t *list = realloc(s->list, room * sizeof(*list));

	if (!list)
		return -ENOMEM;
	s->list = list;
	s->room = room;
	return 0;
}

int address_set__add(struct address_set *s, uint64_t address)
{
	uint32_t hash = ft_hash__of(address), nr = s->index.nr;

	if (!address || ft_hash__find(&s->index, hash, is_same, s->list, &address) != FT_HASH_NONE)
		return 0;
	if ((nr == s->room && grow(s)) || ft_hash__add(&s->index, hash, nr))
		return -ENOMEM;
	s->list[nr] = address;
	return 0;
}

void address_set__free(struct address_set *s)
{
	free(s->list);
	ft_hash__free(&s->index);
	*s = (struct address_set){};
}
