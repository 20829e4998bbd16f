/* SPDX-License-Identifier: GPL-2.0 */
/*
 * After the command: wait until the live folios are quiescent, then look for the living owners of
 * what they still have.
 *
 * A folio is quiescent if two readings agree and there was no event on it between them. Work items,
 * the teardown of io_uring and RCU callbacks put references late. So folios with a surplus, locked
 * ones, and those with a mapping that no process has, are read for longer, after further drains of the per-CPU
 * LRU batches, and those of files after a commit of the journals. There is an upper bound; the
 * verdict takes into account what was not quiescent by then. After a search there is one more
 * reading: what was found holds for folios that have not changed meanwhile.
 */
#ifndef FT_CAPTURE_RUN_QUIESCE_H
#define FT_CAPTURE_RUN_QUIESCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/attach/session.h"
#include "capture/record/recorder.h"
#include "capture/run/readings.h"
#include "capture/run/search.h"

struct quiesce_options {
	int64_t settle_ns; /* the bound */
	struct search_options search;
};

struct quiesce_result {
	int rounds;
	bool bound_reached; /* some folio was not quiescent */
	const char *drain;  /* how the LRU batches were drained; NULL: they could not be */
	bool flushed;	    /* no journal had to be committed, or all were */
	uint32_t live;	    /* folios in the last round */
	uint32_t tasks_left;
	struct recorder_search search; /* all 0: none was necessary */
	bool suspects;		       /* folios were left that the verdict may be about */
};

/* readings: those that took part since the session started. */
int quiesce__run(struct session *s, struct recorder *r, struct readings *readings,
		 const struct quiesce_options *opts, struct quiesce_result *out,
		 struct ft_error *err);

#endif /* FT_CAPTURE_RUN_QUIESCE_H */
