/* SPDX-License-Identifier: GPL-2.0 */
/* Questions to a run: who held a folio at a moment, and which folios to show. */
#ifndef FT_QUERY_H
#define FT_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run.h"

/*
 * Who holds a folio at a moment: refcount 3 = 1 mapping + 1 isolation + 1 taken at
 * X, never put. refs add up to the refcount of that moment.
 */
struct ft_holder {
	int64_t refs;	    /* below 0: put too often by then */
	const char *holder; /* "mapping", "LRU batch", "GUP", ...; NULL: no table knows it */
	/* Of a reference that was seen being taken; else NULL. */
	const struct ft_event *get, *put; /* put NULL: no put was seen */
	const struct ft_site *site;	  /* where it was taken, or who has it */
	const struct ft_stack *stack;	  /* frame 0 is the site's; or NULL */
};

/*
 * at: one of the folio's events; the count is the one after it. *nr is 0 where the count
 * is unknown or 0 (freed or frozen), and for a folio without events. What the report
 * names as lost is never put here either. The list is owned by the run. 0 or -ENOMEM.
 */
int ft_folio__holders_at(const struct ft_run *run, const struct ft_folio *folio,
			 const struct ft_event *at, struct ft_holder **list, size_t *nr);

/*
 * The owners of a judged folio that lives, at its last reading; none without one. Their
 * units add up to its counts; ownerless ones are owners of state FT_OWNER_GONE. The list
 * is owned by the run. 0 or -ENOMEM.
 */
int ft_folio__owners(const struct ft_run *run, const struct ft_folio *folio, struct ft_owner **list,
		     size_t *nr);

/* Which folios to show; 0 and NULL: all. */
#define FT_FILTER_PFNS 64
struct ft_filter {
	uint64_t orders; /* bit N: order N at birth */
	uint32_t kinds;	 /* bit of enum ft_kind */
	unsigned int nr_pfns;
	struct {
		uint64_t first, last;
	} pfn[FT_FILTER_PFNS];
	const char *comm; /* glob; needs keep_all_events */
};

/* Lists with commas; 0 or -EINVAL. */
int ft_filter__orders(struct ft_filter *f, const char *list);
int ft_filter__kinds(struct ft_filter *f, const char *list);
int ft_filter__pfns(struct ft_filter *f, const char *list);
bool ft_filter__is_empty(const struct ft_filter *f);
bool ft_filter__matches(const struct ft_filter *f, const struct ft_folio *folio);
/* Hides what does not match; verdict and counts stay those of all. How many are left. */
size_t ft_run__select(struct ft_run *run, const struct ft_filter *f);

#endif /* FT_QUERY_H */
