/* SPDX-License-Identifier: GPL-2.0 */
/* The memory operations in an address range, read without the finder's rules. */
#ifndef RECALL_OPS_H
#define RECALL_OPS_H

#include "truth.h"

/* One instruction that changes a refcount, whatever its displacement. */
struct op {
	uint64_t address, end;
	const char *primitive;
	bool store;
};

struct ops {
	struct op *all; /* ascending, each address once */
	size_t nr, room;
	struct op *none; /* instances without one: end is that of their first range */
	size_t nr_none, none_room;
};

void ops__read(struct ops *ops, const struct truth *truth, const struct image *image);
void ops__free(struct ops *ops);

#endif /* RECALL_OPS_H */
