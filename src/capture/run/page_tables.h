/* SPDX-License-Identifier: GPL-2.0 */
/* Reads the page tables of the living processes, for the entries that map some folios. */
#ifndef FT_CAPTURE_RUN_PAGE_TABLES_H
#define FT_CAPTURE_RUN_PAGE_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/run/entries.h"

struct page_tables {
	struct entries entries;	   /* of what is looked for */
	int64_t until;		   /* when to give up */
	void (*meanwhile)(void *); /* called now and then */
	void *arg;
	uint32_t *pids, *threads; /* of those that map something; entries.found has the index */
	uint64_t *units;	  /* of all folios together */
	uint32_t nr, room;
	uint32_t processes; /* that were read */
	uint32_t unread;    /* that could not be read, but are there */
	bool late;	    /* it was given up */
	bool sparse;	    /* a large mapping was left out */
};

/* False: memory ran out. It ends early when every mapping has been found. */
bool page_tables__read(struct page_tables *t);
void page_tables__close(struct page_tables *t);

#endif /* FT_CAPTURE_RUN_PAGE_TABLES_H */
