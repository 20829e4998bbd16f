/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The first and the last readings of each folio: whether it stands still, what it has more than it
 * is expected to have, and what it has more than when it was first seen.
 */
#ifndef FT_CAPTURE_RUN_READINGS_H
#define FT_CAPTURE_RUN_READINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

struct surplus {
	int64_t units; /* references beyond what is expected; pins are such */
	bool judged;   /* it is known what is to be expected */
	bool journal;  /* the journal of a file system may hold them */
};

/*
 * Of one reading. known: its lifetime began while it was followed, or it was of a kind that is
 * judged when it was first seen. A folio that left the page cache is of no kind any more.
 */
typedef struct surplus (*surplus_fn)(void *arg, const struct ft_wire_event *e, bool known);

/*
 * A folio that is mapped or has a surplus. A search is made if there is a suspect; then the owners
 * of all of these are looked for, so that what is not found is not there.
 */
struct resting {
	uint64_t folio; /* address of the head page */
	uint32_t id, flags;
	int32_t mapcount, entire_mapcount;
	uint8_t order;
	bool suspect; /* mapped more often than when it was first seen, or with a surplus */
};

struct readings {
	surplus_fn of;
	void *arg;
	struct reading *by_id;
	uint32_t size, round;
	uint32_t not_quiescent, locked, surplus, journal; /* in this round */
	int64_t mapped; /* mappings of those that are mapped more often than at first */
	uint32_t suspects;
	struct resting *resting; /* of this round */
	size_t nr_resting, room;
	bool out_of_memory;
};

/* A recorder_watch; arg is the readings. */
void readings__take(void *arg, const struct ft_wire_event *e);
void readings__next_round(struct readings *r);
void readings__free(struct readings *r);

#endif /* FT_CAPTURE_RUN_READINGS_H */
