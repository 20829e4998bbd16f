/* SPDX-License-Identifier: GPL-2.0 */
/* The inline source from inside: what its two files, finding and probing, share. */
#ifndef FT_CAPTURE_SITES_INLINE_SOURCE_H
#define FT_CAPTURE_SITES_INLINE_SOURCE_H

#include "capture/sites/probe_accounting.h"
#include "capture/sites/watchdog.h"
#include "capture/sites/arm.h"
#include "capture/sites/probes.h"
#include "capture/sites/text.h"

struct inline_source {
	const struct kernel *kernel;
	struct inline_options opts;
	struct symbols symbols;
	struct probes probes;
	struct watchdog watchdog;
	struct inline_site *sites;
	size_t nr_sites;
	char **events; /* of the group */
	size_t nr_events;
	struct inline_window *windows;
	size_t nr_windows;
	struct probe_counts start; /* right after arming */
	struct inline_startup startup;
};

typedef int (*scan_fn)(struct inline_source *src, struct text *t, struct ft_error *err);

/* Adds the sites of a text. */
int inline_source__scan(struct inline_source *src, struct text *t, struct ft_error *err);
int inline_source__scan_kernel(struct inline_source *src, struct ft_error *err);
/* What is seen elsewhere of the sites in a text that the kernel has refused: adds the calls of
 * helpers, and moves what stood in front of a static key, its error -EAGAIN, behind it. */
int inline_source__scan_refused(struct inline_source *src, struct text *t, struct ft_error *err);
int inline_source__each_module(struct inline_source *src, scan_fn scan, struct ft_error *err);
/* False: there is no such module. */
bool inline_source__module(const struct inline_source *src, const char *name, struct text *t);

#endif /* FT_CAPTURE_SITES_INLINE_SOURCE_H */
