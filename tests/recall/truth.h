/* SPDX-License-Identifier: GPL-2.0 */
/* What DWARF says of the inlined refcount primitives, and of the layout. */
#ifndef RECALL_TRUTH_H
#define RECALL_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image.h"

/* One place where the compiler put the code of a page_ref function. */
struct instance {
	const char *primitive;
	bool store; /* a plain store does it, no lock op */
	uint32_t first_range, nr_ranges;
};

struct truth {
	void *dwarf; /* Dwarf * */
	struct instance *instances;
	size_t nr, room;
	struct area *ranges;
	size_t nr_ranges, ranges_room;
	/* Of struct page and struct folio; -1: not there. */
	int64_t sizeof_page, refcount, lru, deferred_list;
};

int truth__read(struct truth *truth, struct image *image);
void truth__free(struct truth *truth);

#endif /* RECALL_TRUTH_H */
