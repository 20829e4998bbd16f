/* SPDX-License-Identifier: GPL-2.0 */
/* A set of addresses: the frames of all stacks, whose symbols are looked up at the end. */
#ifndef FT_CAPTURE_RECORD_ADDRESS_SET_H
#define FT_CAPTURE_RECORD_ADDRESS_SET_H

#include "hash.h"

struct address_set {
	uint64_t *list; /* in the order they were met */
	size_t room;
	struct ft_hash index; /* of list, index.nr of them */
};

/* 0 or -ENOMEM. Address 0 is ignored. */
int address_set__add(struct address_set *s, uint64_t address);
void address_set__free(struct address_set *s);

#endif /* FT_CAPTURE_RECORD_ADDRESS_SET_H */
