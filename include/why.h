/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why splits and migrations failed: who held the folio just then. A split needs
 * folio_ref_count() - 1 == expected, a migration likewise: the one is the caller's
 * own reference, what is there beyond it made the kernel give up with -EAGAIN.
 */
#ifndef FT_WHY_H
#define FT_WHY_H

#include "model.h"
#include "reason.h"

/* What a reference was taken for, as far as the folio or the holder tables show. */
enum ft_holder_kind {
	FT_FOR_UNKNOWN = 0,
	FT_FOR_CALLER,
	FT_FOR_BATCH,
	FT_FOR_ISOLATION,
	FT_FOR_PIN
};

/* References that one operation took and that were not put yet. */
struct ft_transient {
	const struct ft_event *event; /* the get */
	const struct ft_site *site;
	const struct ft_stack *stack; /* frame 0 is the site's; or NULL */
	uint32_t references;	      /* a pin of one page, which counts 1024, is 1 */
	enum ft_holder_kind what;
	enum ft_owner_class class; /* whose it is, by the place it was taken at */
	bool never_put;		   /* the reference that leaks in the end */
};

struct ft_failure {
	const struct ft_folio *folio;
	const struct ft_event *failed; /* the return; its site is the function */
	int64_t value;		       /* -EAGAIN or -EBUSY */
	bool migration;		       /* else a split */
	uint32_t times;		       /* in a row, for the same reason */
	uint64_t last_ns;
	struct ft_expected expected;	 /* with the caller's own reference, without pins */
	int64_t extra;			 /* seen beyond it; pins of one page count once */
	int64_t pins;			 /* of which the kernel counts so many as pins */
	struct ft_transient *transients; /* oldest first; the caller's own among them */
	size_t nr_transients;
	int64_t unseen; /* of extra: not among the transients */
	enum ft_confidence confidence;
	/* without exact events: it came between these readings; or NULL */
	const struct ft_event *after, *before;
	struct ft_reason unknown; /* why not every holder is named */
};

struct ft_why {
	struct ft_failure *failures; /* by time */
	size_t nr;
	uint64_t nr_times; /* with those in a row */
	uint64_t others;   /* that failed so with no reference too many: a lock, writeback, ... */
	uint64_t unread;   /* that failed so, and whose counts could not be read */
	bool splits, migrations; /* whether they were watched */
	void *arena;
};

/* run must have been loaded with keep_all_events, and outlive it. 0 or -ENOMEM. */
int ft_why__of(const struct ft_run *run, struct ft_why **out);
void ft_why__free(struct ft_why *why);

const char *ft_holder_kind__name(enum ft_holder_kind what); /* "caller", "lru_batch", ... */

#endif /* FT_WHY_H */
