/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inline source: finds the sites of the running kernel and its modules, probes them, and counts
 * what was missed.
 */
#ifndef FT_CAPTURE_SITES_INLINE_SOURCE_H
#define FT_CAPTURE_SITES_INLINE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/attach/session.h"
#include "capture/kernel/kernel.h"
#include "capture/sites/site_table.h"
#include "error.h"

struct inline_options {
	const char *glob; /* only sites in functions that match; NULL: all */
	bool exact;	  /* no optimised kprobes while tracing */
};

/* Probe accounting: what the probes counted, and what became of it in the BPF program. */
struct probe_accounting {
	uint64_t hits;	 /* of the probes, since the program was attached */
	uint64_t missed; /* hits for which the kernel did not run the program */
	uint64_t entered, recorded, lost, filtered, false_sites, stack_missed;
	bool exact; /* nothing happened during the readings; else missed is an upper bound */
};

/* How long each step took until all was armed. */
struct inline_startup {
	uint64_t kallsyms_ns, scan_ns, define_ns, arm_ns;
};

/* A module that was loaded while tracing. */
struct inline_window {
	char module[64];
	uint32_t sites;
	uint64_t loaded_ns, armed_ns;
};

struct inline_source;

int inline__open(struct inline_source **out, const struct kernel *k,
		 const struct inline_options *opts, struct ft_error *err);
/* Defines and arms every probe; counts them on the terminal if show is set. */
int inline__arm(struct inline_source *src, struct session *s, bool show, struct ft_error *err);
/* A module has been loaded while tracing, at loaded_ns (CLOCK_MONOTONIC): scans and probes it. */
int inline__module(struct inline_source *src, struct session *s, const char *name,
		   uint64_t loaded_ns, struct ft_error *err);
/* While still armed, when the command is over and the system has quiesced. */
void inline__account(struct inline_source *src, const struct session *s,
		     struct probe_accounting *probe_accounting);
/* Removes the probes and restores the settings. After session__disarm(). */
void inline__disarm(struct inline_source *src);
void inline__close(struct inline_source *src);

const struct site_table *inline__table(const struct inline_source *src);
const struct inline_window *inline__windows(const struct inline_source *src, size_t *nr);
const struct inline_startup *inline__startup(const struct inline_source *src);

#endif /* FT_CAPTURE_SITES_INLINE_SOURCE_H */
