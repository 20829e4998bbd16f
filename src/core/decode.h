/* SPDX-License-Identifier: GPL-2.0 */
/* Wire records to ledger, tasks and scopes. */
#ifndef FT_CORE_DECODE_H
#define FT_CORE_DECODE_H

#include "core/frame.h"
#include "core/ledger.h"
#include "core/modules.h"
#include "core/scopes.h"
#include "core/sites.h"
#include "core/stacks.h"
#include "core/tasks.h"

struct ft_decoder {
	struct ft_run *run;
	struct ft_ledger *ledger;
	struct ft_tasks *tasks;
	struct ft_scopes *scopes;
	const struct ft_sites *sites;
	struct ft_stacks *stacks;
	struct ft_modules *modules;
};

/* 0 or -ENOMEM; what is malformed is counted in the run. */
int ft_decode__events(struct ft_decoder *d, const struct ft_frame *frame);

#endif /* FT_CORE_DECODE_H */
