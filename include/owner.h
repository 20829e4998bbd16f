/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Owners: who has the units of a folio's three counts. A unit of the refcount is a
 * reference, one of _pincount (or FT_PIN_BIAS of the refcount of a single page) a pin, one
 * of the mapcount a mapping. A pass says that each unit that is left at rest has an owner
 * that can still exist.
 *
 * Classes are numbers of the capture (struct ft_wire_owner): append only.
 */
#ifndef FT_OWNER_H
#define FT_OWNER_H

#include <stddef.h>
#include <stdint.h>

struct ft_event;

enum ft_owner_class {
	FT_OWNER_OTHER = 0,	 /* taken at a place that no table knows */
	FT_OWNER_MAPPING = 1,	 /* an entry of a page table: 1 reference and 1 mapping */
	FT_OWNER_PAGE_CACHE = 2, /* filemap_add_folio(): a reference a page */
	FT_OWNER_SWAP_CACHE = 3,
	FT_OWNER_PRIVATE = 4,	  /* folio_attach_private() */
	FT_OWNER_PRIVATE_2 = 5,	  /* PG_private_2 of netfs */
	FT_OWNER_FILE_SYSTEM = 6, /* what a file system keeps beside it, by its a_ops */
	FT_OWNER_IDLE = 7,	  /* what an idle device page of this type holds */
	FT_OWNER_ALLOCATION = 8,  /* of a kernel or driver page: whoever allocated it */
	FT_OWNER_BEFORE = 9,	  /* was there before the folio was followed */
	FT_OWNER_PIN = 10,	  /* pin_user_pages(): 1 pin, and its references */
	FT_OWNER_ISOLATION = 11,  /* folio_isolate_lru() */
	FT_OWNER_LRU_BATCH = 12,  /* a per-CPU batch of mm/swap.c or mm/mlock.c */
	FT_OWNER_PIPE = 13,
	FT_OWNER_BIO = 14,
	FT_OWNER_SOCKET = 15,
	FT_OWNER_IO_URING = 16,
	FT_OWNER_LOOKUP = 17,	 /* a look-up in the page cache */
	FT_OWNER_MIGRATION = 18, /* migrate_vma_collect() and the like */
	FT_OWNER_FAULT = 19,
	FT_OWNER_GUP = 20, /* get_user_pages() */
	FT_OWNER_MEMORY_FAILURE = 21,
	FT_OWNER_FILE = 22, /* a file that pins memory: a dma-buf, a vfio container, ... */
	FT_OWNER_COUNT
};

enum ft_owner_state {
	FT_OWNER_SHOWN = 0, /* the folio itself shows it */
	FT_OWNER_PROVED,    /* a living owner was found */
	FT_OWNER_POSSIBLE,  /* one may exist, which is not proved: inconclusive */
	FT_OWNER_GONE,	    /* it cannot exist any more: a finding */
};

/* Numbers may be negative: taken away from an owner that is there. */
struct ft_units {
	int64_t references, pins, mappings;
};

struct ft_owner {
	enum ft_owner_class class;
	enum ft_owner_state state;
	struct ft_units units;
	uint32_t pid, tgid;	      /* 0: not known, or no task's */
	const char *comm;	      /* NULL: the same */
	const struct ft_event *since; /* the operation that took it; NULL: not seen or not kept */
};

/* "mapping", "page_cache", ...; "shown", ...; "unknown" for a value that has none. Part of
 * the format, they never change. */
const char *ft_owner_class__name(enum ft_owner_class class);
const char *ft_owner_state__name(enum ft_owner_state state);

#endif /* FT_OWNER_H */
