/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Probe accounting: the counts of the probes and the counts of the BPF program. A probe counts its
 * hits from its definition on, before the program is attached to it, so only the difference of two
 * readings means something.
 */
#ifndef FT_CAPTURE_SITES_PROBE_ACCOUNTING_H
#define FT_CAPTURE_SITES_PROBE_ACCOUNTING_H

#include <stddef.h>
#include <stdint.h>

#include "capture/attach/session.h"
#include "capture/sites/probes.h"

struct probe_counts {
	uint64_t hits, missed, entered;
	uint64_t recorded, lost, filtered, false_sites, stack_missed; /* of what entered */
	uint64_t slack; /* entries while the hits were read: the error of the reading */
};

/* A reading without slack, or the one with the least after some tries. */
struct probe_counts probe_counts__quiet(struct probes *p, char *const *events, size_t nr_events,
					const struct session *s);

#endif /* FT_CAPTURE_SITES_PROBE_ACCOUNTING_H */
