/* SPDX-License-Identifier: GPL-2.0 */
/* From an account to a life: its records in order, its readings, its checkpoints. */
#ifndef FT_CORE_FOLIO_LIFETIME_H
#define FT_CORE_FOLIO_LIFETIME_H

#include "core/util/arena.h"
#include "core/ledger/ledger.h"
#include "core/ledger/conservation.h"
#include "core/index/sites.h"
#include "core/index/stacks.h"
#include "core/index/tasks.h"
#include "model.h"

/* What is known of a life while it is judged. */
struct ft_analysis {
	const struct ft_run *run;
	struct ft_arena *arena;
	struct ft_folio *folio;
	const struct ft_event *events;
	size_t nr;
	bool birth_lost;     /* neither its birth nor its adoption is there */
	bool reused;	     /* it became something else, and its death was not seen */
	bool baseline_known; /* there was a stable reading before the last ones */
	const struct ft_event *last, *before; /* the last two snapshots, or NULL */
	bool followed;			      /* something happened after the last snapshot */
};

/* Turns accounts into cases, one at a time. */
struct ft_builder {
	struct ft_run *run;
	struct ft_arena *arena;
	const struct ft_sites *sites;
	const struct ft_stacks *stacks;
	struct ft_tasks *tasks;
	struct ft_conservation_checker *checker;
	const struct ft_wire_event **order; /* scratch */
	struct ft_event *events;
	size_t room;
};

void ft_builder__free(struct ft_builder *builder);
/* Fills c and allocates its life; c->events are valid until the next call. */
int ft_builder__build(struct ft_builder *builder, struct ft_account *account,
		      struct ft_analysis *c);
/* Copies the events of the case to the life, so that they stay. */
int ft_analysis__keep_events(struct ft_analysis *c);

/* A record as an event, without what only the whole capture tells: whose it was,
 * and its stack. */
void ft_event__of(const struct ft_wire_event *w, const struct ft_site *site, struct ft_event *e);
/* Whether the counts of an event can be believed at all. */
bool ft_event__is_reading(const struct ft_event *e);
/* refcount - expected as the event alone shows it; 0 if it is no reading. */
int64_t ft_analysis__surplus(const struct ft_analysis *c, const struct ft_event *e);
/* References that known holders had just then, and -1 if nothing is known. e is
 * one of the case's events. */
int ft_analysis__transient_at(const struct ft_analysis *c, const struct ft_event *e);
/* The surplus less those. */
int64_t ft_analysis__own_surplus(const struct ft_analysis *c, const struct ft_event *e);
struct ft_expected ft_analysis__expected(const struct ft_analysis *c, const struct ft_event *e);

#endif /* FT_CORE_FOLIO_LIFETIME_H */
