/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names the lost references of a run once its folios are judged. Freed lifetimes are
 * forgotten while a capture is read, but they are the examples to learn from: they are
 * read in a second pass over the file, and only if there is something to name.
 */
#ifndef FT_CORE_ATTRIBUTION_PASS_H
#define FT_CORE_ATTRIBUTION_PASS_H

#include "core/folio/lifetime.h"

struct ft_pass {
	struct ft_run *run;
	struct ft_arena *arena; /* of the run */
	struct ft_builder *builder;
	struct ft_ledger *ledger;	       /* of the first pass */
	const struct ft_analyse_options *opts; /* what to know and to learn; or NULL */
	int fd;
	bool again; /* fd can be read from its start again */
};

/* Does nothing without exact events, or without a leaked or over-put folio, unless the run is
 * to teach others. 0 or -errno. */
int ft_pass__name_lost(const struct ft_pass *pass);

#endif /* FT_CORE_ATTRIBUTION_PASS_H */
