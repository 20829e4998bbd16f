/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counts the entries of page tables that map some folios, process by process, in the units of
 * folio_mapcount(): an entry of one page is 1, and so is an entry of a whole PMD (or a larger one
 * of hugetlb). /proc/PID/pagemap shows both as pages. So a range of pages that covers a folio in
 * order, at an address that is a multiple of its size, is one entry as long as the folio's own
 * count of such entries (entire_mapcount) has room for it; else it is an entry a page.
 *
 * Pure: it is told what a page table has, and asks nobody.
 */
#ifndef FT_CAPTURE_RUN_ENTRIES_H
#define FT_CAPTURE_RUN_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A folio whose mappings are looked for. */
struct mapped_folio {
	uint64_t pfn; /* of its first page */
	uint32_t id;
	uint8_t order;
	bool anon, device; /* device: as an entry that is not present, too */
	bool hugetlb;	   /* is only mapped as a whole */
	bool suspect;	   /* ... which the caller wants to know */
	int32_t mapcount, entire;

	/* from here on ours */
	uint64_t next, in_order; /* of the range that is being read: its next address, pages */
	uint64_t pages;		 /* of this process */
	uint32_t whole;		 /* ranges of this process that cover all of it */
	int64_t left;		 /* of mapcount, that was not found yet */
	int32_t entire_left;
};

/* What one process has of one folio. */
struct mapped_by {
	uint32_t folio; /* index */
	uint32_t process;
	uint64_t units;
};

#define ENTRIES_FILTER_BITS (1U << 20)

struct entries {
	struct mapped_folio *folio; /* the caller's, by pfn */
	size_t nr, last;
	size_t left; /* folios of which mappings are missing */
	bool any_anon, any_other, any_device;
	uint64_t *filter; /* a bit for each page, by its last bits */
	uint32_t *touched, nr_touched;
	struct mapped_by *found;
	size_t nr_found, room_found;
	bool out_of_memory;
};

/* Sorts the folios. 0 or -ENOMEM. */
int entries__open(struct entries *e, struct mapped_folio *folios, size_t nr);
/* One word of /proc/PID/pagemap, of the page at this address. In order of address. */
void entries__add(struct entries *e, uint64_t address, uint64_t word);
/* The process has been read: its entries become units. How many there were. */
uint64_t entries__end(struct entries *e, uint32_t process);
/* Forgets what was added since the last process ended. */
void entries__forget(struct entries *e);
void entries__close(struct entries *e);

#endif /* FT_CAPTURE_RUN_ENTRIES_H */
