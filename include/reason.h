/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why something is said of a folio or a run: a code, up to three numbers, and
 * where it was. The core sets these values; render/reason.h has a sentence for
 * each code. Part of the model; what they point to is owned by the run.
 */
#ifndef FT_REASON_H
#define FT_REASON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ft_site;

/*
 * Append only: a value keeps its number and its word (ft_reason__name()), which
 * JSON has as reason_code. Behind each is what n[0], n[1], n[2] hold.
 */
enum ft_reason_code {
	FT_REASON_NONE = 0,

	/* Of a folio: a leak or an over-put. */
	FT_REASON_SURPLUS = 1,	      /* refcount at rest, expected, surplus */
	FT_REASON_DEFICIT = 2,	      /* refcount at rest, expected */
	FT_REASON_BELOW_MAPCOUNT = 3, /* refcount at rest, mapcount */
	FT_REASON_FREED_MAPPED = 4,   /* mapcount when it was freed */
	FT_REASON_FREED_HELD = 5,     /* refcount when it was freed */

	/* Of a folio: why it could not be judged. */
	FT_REASON_LOCKED = 6,
	FT_REASON_WRITEBACK = 7,
	FT_REASON_MAYBE_FROZEN = 8, /* a deficit; folio_ref_freeze() may be at work */
	FT_REASON_REFCOUNT_ZERO = 9,
	FT_REASON_JOURNAL_PENDING = 10,
	FT_REASON_LRU_NOT_DRAINED = 11,
	FT_REASON_NOT_ON_LRU = 12,
	FT_REASON_IN_LRU_BATCH = 13,
	FT_REASON_PROBABLY_PINNED = 14,		   /* pins, references that a pin counts */
	FT_REASON_TASKS_LEFT = 15,		   /* surplus, tasks of the command still alive */
	FT_REASON_ADOPTED_NO_READING = 16,	   /* a deficit */
	FT_REASON_ADOPTED_NO_STABLE_READING = 17,  /* a surplus */
	FT_REASON_ADOPTED_BOUNDARY_ONLY = 18,	   /* by how many its count grew */
	FT_REASON_ADOPTED_OPERATIONS_MISSING = 19, /* the same */
	FT_REASON_ADOPTED_OTHER_TASK = 20,	   /* the same, pid; comm, site */
	FT_REASON_BIRTH_LOST = 21,
	FT_REASON_NOT_READ = 22,
	FT_REASON_CUT_OFF_BEFORE_READ = 23,
	FT_REASON_CUT_OFF_BEFORE_PUT = 24,
	FT_REASON_MEMORY_REUSED = 25,
	FT_REASON_NOT_AT_REST = 26,

	/* Of a run: why it could not pass. */
	FT_REASON_CAPTURE_CUT_OFF = 27,
	FT_REASON_RECORDS_MALFORMED = 28,
	FT_REASON_RECORDS_LOST = 29,
	FT_REASON_LIFETIMES_MISSED = 30, /* births or deaths */
	FT_REASON_PROBE_HITS_MISSED = 31,
	FT_REASON_OPERATIONS_MISSED = 32,
	FT_REASON_FOLIOS_NOT_TRACKED = 33,
	FT_REASON_TASKS_NOT_FOLLOWED = 34,
	FT_REASON_MIGRATION_ENTRIES_LEFT = 35,
	FT_REASON_CHILDREN_NOT_TRACKED = 36,
	FT_REASON_LOSS_UNKNOWN = 37,
	FT_REASON_FOLIOS_INCONCLUSIVE = 38, /* so many folios */

	/*
	 * Of a lost reference: what its place is known by. Inferred from two readings,
	 * which are in struct ft_lost; else n[0]: so many are alike, 0: it is the only
	 * one; where another may be it, n[1]: its index in candidates; site: its own.
	 */
	FT_REASON_INFERRED_FIRST_READING = 39,
	FT_REASON_INFERRED_BETWEEN = 40,
	FT_REASON_OTHERS_PAIRED = 41,
	FT_REASON_OTHERS_PAIRED_AS_SEEN = 42,
	FT_REASON_CANDIDATES_UNDECIDED = 43,
	FT_REASON_BALANCED_FOLIOS_DECIDE = 44,
	FT_REASON_LIKELIEST = 45,
	FT_REASON_BEFORE_FIRST_OPERATION = 46, /* nobody was seen to take it */

	/* Of a lost get: the put that answers such a get on n[0] folios, with other callers if
	 * n[1]; site: of that put. */
	FT_REASON_ANSWER_UNKNOWN = 47,
	FT_REASON_ANSWERED_IN_SAME_CALL = 48,
	FT_REASON_ANSWERED_IN_LATER_CALL = 49,
	FT_REASON_ANSWERED_BY_OTHER_TASK = 50,

	/* Of a rule of an expectation: why it was skipped, or fails. */
	FT_REASON_OTHER_COMMAND = 51,
	FT_REASON_CHECKPOINT_NOT_WATCHED = 52,
	FT_REASON_FUNCTION_NOT_WATCHED = 53,
	FT_REASON_FOLIOS_TOO_FEW = 54,	    /* folios that match, least */
	FT_REASON_FOLIOS_OUT_OF_RANGE = 55, /* folios that match, least, most */

	/* Of a failed split or migration: why not every holder is named. */
	FT_REASON_BOUNDARY_ONLY = 56,
	FT_REASON_TOO_MANY_HOLDERS = 57,
	FT_REASON_NO_GET_LEFT = 58,
	FT_REASON_OPERATIONS_DO_NOT_ADD_UP = 59,

	/* Of a timeline that leaks in one of two runs: what the other run does. */
	FT_REASON_PUT_IN_OTHER_RUN = 60,   /* get and put are in struct ft_diff_timeline */
	FT_REASON_SURPLUS_IN_ONE_RUN = 61, /* the two steps are in struct ft_diff_timeline */

	/* Of a folio: units without an owner that can still exist. */
	FT_REASON_PINS_LOST = 62,	     /* pins, references */
	FT_REASON_PIN_PUT_AS_REFERENCE = 63, /* pins */
	FT_REASON_MAPPINGS_LOST = 64,	     /* mappings, processes searched (0: none lives) */
	FT_REASON_NEGATIVE_COUNT = 65,	     /* refcount, mapcount, pincount at rest */
	FT_REASON_ISOLATION_LOST = 66,	     /* refcount at rest, expected */
	FT_REASON_LOCKED_LOST = 67,	     /* refcount at rest, expected, ms it stood still */
	FT_REASON_GET_ON_FREED = 68,	     /* site: of the get */
	/* The command put n[0] references more than it took: n[1] of who had the folio before,
	 * n[2] of other tasks. */
	FT_REASON_ROBBED = 69,

	/* Of a folio: who may still have what it could be leaking. */
	FT_REASON_HELD_BY_OTHER_TASK = 70,     /* surplus, pid; comm, site */
	FT_REASON_MAY_HAVE_LIVING_HOLDER = 71, /* surplus, enum ft_owner_class */
	FT_REASON_BOUNDARY_CANNOT_TELL = 72,   /* surplus */
	FT_REASON_MAPPINGS_NOT_SEARCHED = 73,  /* mappings */
	FT_REASON_FILE_SYSTEM_UNKNOWN = 74,    /* surplus */

	/* Of a kernel or driver page: allocated while tracing, and never freed. */
	FT_REASON_STILL_ALLOCATED = 75, /* pages */

	/* Of a folio: who had it before has less now, and who put that is not known. */
	FT_REASON_BEFORE_WENT = 76, /* references, pins */

	/* Of a folio that was freed at refcount 0: who still had it. */
	FT_REASON_FREED_PINNED = 77, /* pins */
	FT_REASON_FREED_IN_SWAP_CACHE = 78,

	/* Of a folio: the command put more than it took, in a file system of no table. */
	FT_REASON_FILE_SYSTEM_MAY_PUT = 79, /* references */

	/* Of an adopted folio with a surplus: others put what was theirs or the command's. */
	FT_REASON_ADOPTED_OTHERS_PUT = 80, /* surplus, references that they put */

	/* Of a folio: the command put what threads of the kernel had taken, in calls of its own. */
	FT_REASON_MAY_BE_HANDED_OVER = 81, /* references */

	FT_REASON_COUNT
};

struct ft_reason {
	enum ft_reason_code code; /* FT_REASON_NONE: there is none, the rest is 0 */
	int64_t n[3];
	const struct ft_site *site;
	const char *comm;
};

/* "tasks_left", ...; NULL for FT_REASON_NONE and for what is no code. */
const char *ft_reason__name(enum ft_reason_code code);

#endif /* FT_REASON_H */
