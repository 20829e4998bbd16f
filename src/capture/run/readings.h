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

/* A folio that needs an owner to be looked for. */
struct suspect {
	uint64_t folio; /* address of the head page */
	uint32_t id, flags;
	int32_t mapcount, entire_mapcount;
	uint8_t order;
	bool mapped;  /* more often than when it was first seen */
	bool surplus; /* has references that nothing shows the owner of */
};

struct readings {
	surplus_fn of;
	void *arg;
	struct reading *by_id;
	uint32_t size, round;
	uint32_t not_quiescent, locked, surplus, journal; /* in this round */
	int64_t mapped;					  /* mappings of the suspects */
	struct suspect *suspects;			  /* of this round */
	size_t nr_suspects, room;
	bool out_of_memory;
};

/* A recorder_watch; arg is the readings. */
void readings__take(void *arg, const struct ft_wire_event *e);
void readings__next_round(struct readings *r);
void readings__free(struct readings *r);

#endif /* FT_CAPTURE_RUN_READINGS_H */
