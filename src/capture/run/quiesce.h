/* SPDX-License-Identifier: GPL-2.0 */
/*
 * After the command: wait until the folios that still live are at rest.
 *
 * A count is final when two readings agree and nothing happened to the folio
 * between them. Work items, io_uring's teardown and RCU come late, so a folio
 * that still has a surplus is read again, after further drains of the per-CPU
 * LRU batches, for a while longer, and after a commit of the journals if it is a
 * file's. All within a bound; the judge says what was not at rest by then.
 */
#ifndef FT_CAPTURE_RUN_QUIESCE_H
#define FT_CAPTURE_RUN_QUIESCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/record/recorder.h"
#include "capture/attach/session.h"

struct quiesce_result {
	int rounds;
	bool bound_reached; /* some folio was not at rest */
	bool drained;	    /* the LRU batches could be drained */
	bool flushed;	    /* no journal had to be committed, or all were */
	uint32_t live;	    /* folios in the last round */
};

/* Does a reading show more references than its terms explain? */
enum quiesce_surplus {
	QUIESCE_CLEAN,
	QUIESCE_SURPLUS,
	QUIESCE_JOURNAL, /* it does, and a file system's journal may have them */
};

typedef enum quiesce_surplus (*quiesce_judge)(const struct ft_wire_event *e);

/* Takes over r->watch while it runs. */
int quiesce__run(struct session *s, struct recorder *r, quiesce_judge judge,
		 struct quiesce_result *out, struct ft_error *err);

#endif /* FT_CAPTURE_RUN_QUIESCE_H */
