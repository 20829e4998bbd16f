/* SPDX-License-Identifier: GPL-2.0 */
/* Wire records to ledger, tasks, calls, stacks and modules. */
#ifndef FT_CORE_LEDGER_DECODE_H
#define FT_CORE_LEDGER_DECODE_H

#include "core/format/frame.h"
#include "core/format/modules.h"
#include "core/index/calls.h"
#include "core/index/owners.h"
#include "core/index/sites.h"
#include "core/index/stacks.h"
#include "core/index/tasks.h"
#include "core/ledger/ledger.h"

struct ft_decoder {
	struct ft_run *run;
	struct ft_ledger *ledger;
	struct ft_tasks *tasks;
	struct ft_calls *calls;
	const struct ft_sites *sites;
	struct ft_stacks *stacks;
	struct ft_modules *modules;
	struct ft_owners_found *owners;
};

/* 0 or -ENOMEM. Malformed records are counted in the run and left out. */
int ft_decode__events(struct ft_decoder *d, const struct ft_frame *frame);

#endif /* FT_CORE_LEDGER_DECODE_H */
