/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The holder table: kernel functions, and who has the references taken in them. All
 * that the core knows of them by name; a function without a row is judged and
 * attributed all the same. How to add a row: CONTRIBUTING.md.
 */
#ifndef FT_CORE_FOLIO_HOLDER_TABLE_H
#define FT_CORE_FOLIO_HOLDER_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "owner.h"

/* What a get or a put in a function does with the reference. */
enum ft_place_role {
	FT_PLACE_PLAIN = 0, /* no row says */
	FT_PLACE_BATCH_GET, /* takes one for a per-CPU batch; the get is in the function itself */
	FT_PLACE_BATCH_PUT, /* puts a batch's: in the function, or in one that it calls */
	FT_PLACE_ISOLATES,  /* takes an isolation's, itself, and clears PG_lru afterwards */
	FT_PLACE_PUTS_BACK, /* puts an isolation's, itself */
};

struct ft_holder_row {
	const char *function; /* NULL ends the table */
	/* Who has a reference taken in the course of it, as the report names it, or NULL.
	 * The first row that fits counts: what it is for stands before how it was taken. */
	const char *word;
	enum ft_place_role role;
	enum ft_owner_class class; /* FT_OWNER_OTHER without a word */
};

extern const struct ft_holder_row ft_holder_table[];

/*
 * References that the task in a call must hold for the call to make sense. One too few
 * makes a folio look worse, one too many would hide a leak: only what the kernel's own
 * checks imply is in it.
 */
struct ft_caller_row {
	const char *function; /* NULL ends the table */
	uint8_t op;	      /* FT_OP_ENTER or FT_OP_RETURN */
	const char *inside;   /* only where this function is open; NULL: anywhere */
	bool isolated;	      /* only if PG_lru was cleared since the task entered it */
	int refs;
};

extern const struct ft_caller_row ft_caller_table[];

/* Functions that move a folio's contents elsewhere; each list ends with NULL. */
extern const char *const ft_migration_table[];
/* Functions that put what somebody else may have taken; ends with NULL. */
extern const char *const ft_release_table[];
/* What runs in the course of a page fault is the fault's, whatever faulted. */
extern const char ft_fault_function[];
/* Functions that clear entries of page tables, of no folio by argument; ends with NULL. */
extern const char *const ft_clearing_table[];
/* Functions that take or put references for whoever calls them: to name one says little. Ends
 * with NULL. */
extern const char *const ft_helper_table[];
/* Functions that put pins (mm/gup.c); ends with NULL. */
extern const char *const ft_unpin_table[];
/* Functions in whose course they may also put references (gup_put_folio() by its flags). */
extern const char *const ft_either_table[];
/* Functions behind whose return the folio is in a per-CPU LRU batch. */
extern const char *const ft_batched_table[];

#endif /* FT_CORE_FOLIO_HOLDER_TABLE_H */
