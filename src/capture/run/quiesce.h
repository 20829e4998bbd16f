/* SPDX-License-Identifier: GPL-2.0 */
/*
 * After the command: wait until the live folios are quiescent.
 *
 * A folio is quiescent if two readings agree and there was no event on it between them. Work items,
 * the teardown of io_uring and RCU callbacks put references late. So folios with a surplus are read
 * for longer, after further drains of the per-CPU LRU batches, and those of files after a commit of
 * the journals. There is an upper bound; the verdict takes into account what was not quiescent by
 * then.
 */
#ifndef FT_CAPTURE_RUN_QUIESCE_H
#define FT_CAPTURE_RUN_QUIESCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/attach/session.h"
#include "capture/record/recorder.h"

struct quiesce_result {
	int rounds;
	bool bound_reached; /* some folio was not quiescent */
	bool drained;	    /* the LRU batches could be drained */
	bool flushed;	    /* no journal had to be committed, or all were */
	uint32_t live;	    /* folios in the last round */
};

/* Does a reading show more references than the folio is expected to have? */
enum quiesce_surplus {
	QUIESCE_CLEAN,
	QUIESCE_SURPLUS,
	QUIESCE_JOURNAL, /* and the journal of a file system may hold them */
};

typedef enum quiesce_surplus (*quiesce_judge)(const struct ft_wire_event *e);

/* Takes over r->watch while it runs. */
int quiesce__run(struct session *s, struct recorder *r, quiesce_judge judge,
		 struct quiesce_result *out, struct ft_error *err);

#endif /* FT_CAPTURE_RUN_QUIESCE_H */
