/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Restores the system-wide settings that tracing changes, even if we are killed.
 *
 * Exact capture needs debug.kprobes-optimization=0, and removing a thousand probes is fast only
 * with rcu_expedited=1. The watchdog is a child process that reads from a pipe until it is closed,
 * which happens if we die, too. Then it removes our probes and restores both settings. If another
 * tracer is running the last one restores them: all share a lock on a file below /run that has the
 * original values.
 */
#ifndef FT_CAPTURE_SITES_WATCHDOG_H
#define FT_CAPTURE_SITES_WATCHDOG_H

#include <stdbool.h>
#include <sys/types.h>

#include "capture/sites/probes.h"
#include "error.h"

struct watchdog {
	pid_t pid; /* -1: not running */
	int pipe;
};

/* Changes the settings; exact: also switches the optimisation of kprobes off. */
int watchdog__start(struct watchdog *g, const struct probes *p, bool exact, struct ft_error *err);
/* Waits until everything is restored. */
void watchdog__stop(struct watchdog *g);

/*
 * Restores the settings after a tracer that was killed together with its watchdog. True if there was
 * something to restore.
 */
bool watchdog__clean(void);

#endif /* FT_CAPTURE_SITES_WATCHDOG_H */
