/* SPDX-License-Identifier: GPL-2.0 */
/* From the records of a lifetime to a folio of the model: events, readings, checkpoints. */
#ifndef FT_CORE_FOLIO_LIFETIME_H
#define FT_CORE_FOLIO_LIFETIME_H

#include "core/folio/analysis.h"
#include "core/index/sites.h"
#include "core/index/stacks.h"
#include "core/index/tasks.h"
#include "core/ledger/account.h"
#include "core/ledger/conservation.h"
#include "model.h"

/* Makes analyses of accounts, one at a time. */
struct ft_builder {
	struct ft_run *run;
	struct ft_arena *arena;
	const struct ft_sites *sites;
	const struct ft_stacks *stacks;
	struct ft_tasks *tasks;
	struct ft_conservation_checker *checker;
	struct ft_records records; /* scratch, and the same as events */
	struct ft_event *events;
	size_t room;
};

void ft_builder__free(struct ft_builder *builder);
/* Fills c and allocates c->folio, unless the account has one: then only c->events are
 * filled, which are valid until the next call. 0 or -ENOMEM. */
int ft_builder__build(struct ft_builder *builder, struct ft_account *account,
		      struct ft_analysis *c);
/* Copies c->events to the folio, so that they stay. 0 or -ENOMEM. */
int ft_analysis__keep_events(struct ft_analysis *c);

#endif /* FT_CORE_FOLIO_LIFETIME_H */
