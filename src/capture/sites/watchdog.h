/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Puts back what tracing changes for the whole machine, however we end.
 *
 * Exact capture needs debug.kprobes-optimization=0, and removing a thousand
 * probes is fast only with rcu_expedited=1. A small process of its own waits for
 * the end of a pipe, which comes with our death too, and then removes our probes
 * and restores both; where another tracer still runs, that one does (a lock file
 * under /run counts them and keeps the values found first).
 */
#ifndef FT_CAPTURE_SITES_WATCHDOG_H
#define FT_CAPTURE_SITES_WATCHDOG_H

#include <stdbool.h>
#include <sys/types.h>

#include "capture/sites/probes.h"
#include "error.h"

struct watchdog {
	pid_t pid;
	int pipe;
};

/* exact: switch the optimisation of kprobes off. */
int watchdog__start(struct watchdog *g, const struct probes *p, bool exact, struct ft_error *err);
/* Waits until everything is back. */
void watchdog__stop(struct watchdog *g);

/* Puts back what a tracer left whose guardian died with it. True if there was
 * something. */
bool watchdog__clean(void);

#endif /* FT_CAPTURE_SITES_WATCHDOG_H */
