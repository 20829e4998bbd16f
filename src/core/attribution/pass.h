/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names the lost references of a run, once its lives are judged. Freed lives are
 * forgotten while a capture is read, so what they teach is read in a second pass
 * over the file; that happens only if something is to be named.
 */
#ifndef FT_CORE_ATTRIBUTION_PASS_H
#define FT_CORE_ATTRIBUTION_PASS_H

#include "core/folio/lifetime.h"

struct ft_pass {
	struct ft_run *run;
	struct ft_arena *arena;
	struct ft_builder *builder;
	struct ft_ledger *ledger; /* of the first pass */
	int fd;
	bool again; /* fd can be read from its start again */
};

/* Nothing to do without exact events, or if no life leaks or is over-put. */
int ft_pass__name_lost(const struct ft_pass *pass);

#endif /* FT_CORE_ATTRIBUTION_PASS_H */
