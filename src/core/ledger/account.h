/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The account of one folio lifetime: its records as they came, and what is known of
 * them so far. Types only; ledger.h fills it.
 */
#ifndef FT_CORE_LEDGER_ACCOUNT_H
#define FT_CORE_LEDGER_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "folio.h"
#include "wire.h"

#define FT_CHUNK_EVENTS 6 /* the median lifetime has 4 */

/* All but an account's last are full: its nr says how many that one has. */
struct ft_chunk {
	struct ft_chunk *next;
	struct ft_wire_event event[FT_CHUNK_EVENTS];
};

/*
 * The conservation check record by record, for the common case: numbers in order and
 * without a gap, each count the one before plus the delta.
 */
struct ft_running_check {
	bool failed;	 /* the records have to be checked as a whole */
	int32_t count;	 /* the last one */
	uint32_t anchor; /* numbers (seq) of the first and last count; 0: none yet */
	uint32_t until;
};

struct ft_account {
	/* What every record needs, in one cache line. */
	struct ft_chunk *last, *first; /* first word: see ft_pool__put() */
	uint32_t id;
	uint32_t nr;	  /* records seen */
	uint32_t max_seq; /* the highest number among them */
	uint32_t parent;  /* id, or 0 */
	int64_t kids;	  /* split children not yet closed */
	bool ended;	  /* DIED or SPLIT was seen */
	bool kept;	  /* has a checkpoint, was free at first, or died mapped or held */
	bool closed;
	bool checked; /* for conservation */
	struct ft_running_check running;
	uint32_t migrated_to; /* id, or 0: known once built */
	uint64_t address;
	struct ft_folio *folio; /* once built */
	struct ft_conservation conservation;
};

_Static_assert(offsetof(struct ft_account, migrated_to) <= 64, "one cache line");

#endif /* FT_CORE_LEDGER_ACCOUNT_H */
