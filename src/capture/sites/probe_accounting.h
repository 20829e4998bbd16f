/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The books of the probes: what they counted, beside what the program counted. A
 * probe counts its hits from before the program is attached to it, so only the
 * difference of two balances says anything.
 */
#ifndef FT_CAPTURE_SITES_PROBE_ACCOUNTING_H
#define FT_CAPTURE_SITES_PROBE_ACCOUNTING_H

#include <stddef.h>
#include <stdint.h>

#include "capture/sites/probes.h"
#include "capture/attach/session.h"

struct probe_counts {
	uint64_t hits, missed, entered;
	uint64_t recorded, lost, filtered, false_sites, stack_missed; /* of what entered */
	uint64_t slack; /* entries while the hits were read: how unsure it is */
};

/* Read when nothing happens, or as near to it as can be had. */
struct probe_counts probe_counts__quiet(struct probes *p, char *const *events, size_t nr_events,
					const struct session *s);

#endif /* FT_CAPTURE_SITES_PROBE_ACCOUNTING_H */
