// SPDX-License-Identifier: GPL-2.0
#include "capture/sites/probe_accounting.h"

#define QUIET_TRIES 20

static struct probe_counts read_counts(struct probes *p, char *const *events, size_t nr_events,
				       const struct session *s)
{
	struct probe_counts b = {
		.entered = session__counter(s, FT_CNT_ENTERED),
		.recorded = session__counter(s, FT_CNT_SITE_EVENTS),
		.lost = session__counter(s, FT_CNT_SITE_LOST),
		.filtered = session__counter(s, FT_CNT_FILTERED),
		.false_sites = session__counter(s, FT_CNT_FALSE_SITE),
		.stack_missed = session__counter(s, FT_CNT_STACK_MISS),
	};

	probes__read_profile(p);
	b.slack = session__counter(s, FT_CNT_ENTERED) - b.entered;
	for (size_t i = 0; i < nr_events; i++) {
		uint64_t hits, missed;

		probes__hits(p, events[i], &hits, &missed);
		b.hits += hits;
		b.missed += missed;
	}
	return b;
}

/* Reading the hits of a thousand probes takes a while, in which more may come. */
struct probe_counts probe_counts__quiet(struct probes *p, char *const *events, size_t nr_events,
					const struct session *s)
{
	struct probe_counts best = read_counts(p, events, nr_events, s);

	for (int i = 0; i < QUIET_TRIES && best.slack; i++) {
		struct probe_counts b = read_counts(p, events, nr_events, s);

		if (b.slack < best.slack)
			best = b;
	}
	return best;
}
