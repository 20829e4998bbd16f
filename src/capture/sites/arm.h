/* SPDX-License-Identifier: GPL-2.0 */
/* From the site table to probes: asks the kernel for each, and tells the BPF program of it. */
#ifndef FT_CAPTURE_SITES_ARM_H
#define FT_CAPTURE_SITES_ARM_H

#include <stdbool.h>
#include <stddef.h>

#include "capture/attach/session.h"
#include "capture/sites/probes.h"
#include "capture/sites/site_table.h"

/*
 * Defines a probe of the event for every SITE_FOUND, and tells the session what those that are
 * SITE_DEFINED mean. Returns how many became SITE_PROBED. show: count on the terminal.
 */
int arm__sites(struct site_table *t, const struct probes *p, struct session *s, const char *event,
	       bool show);
/*
 * The sites from first on are those of a module that was unloaded and loaded again. The kernel has
 * defined its probes anew by itself (trace_kprobe_module_callback()); defined twice they would hit
 * twice. What became of each site the first time holds again: SITE_DEFINED or SITE_REFUSED.
 */
void arm__recall(struct site_table *t, size_t first);

#endif /* FT_CAPTURE_SITES_ARM_H */
