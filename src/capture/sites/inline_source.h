/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inline source: finds the sites of the running kernel and its modules,
 * probes them, and gives an account of what it could not probe.
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

/* The books: what the probes counted beside what the program counted. */
struct probe_accounting {
	uint64_t hits;	 /* of the probes, since the program was attached */
	uint64_t missed; /* not entered: skipped by the kernel */
	uint64_t entered, recorded, lost, filtered, false_sites, stack_missed;
	bool exact; /* both were read with nothing happening between; else
			  * missed is the most that it can be */
};

/* Where the time to be armed went. */
struct inline_startup {
	uint64_t kallsyms_ns, scan_ns, define_ns, arm_ns;
};

/* A module that came while tracing. */
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
/* A module has been loaded while tracing: scan and probe it as well. */
int inline__module(struct inline_source *src, struct session *s, const char *name,
		   uint64_t loaded_ns, struct ft_error *err);
/* While still armed, when the command is over and all is quiet. */
void inline__account(struct inline_source *src, const struct session *s,
		     struct probe_accounting *probe_accounting);
/* To be called when nothing is attached any more: removes, puts back. */
void inline__disarm(struct inline_source *src);
void inline__close(struct inline_source *src);

const struct site_table *inline__table(const struct inline_source *src);
const struct inline_window *inline__windows(const struct inline_source *src, size_t *nr);
const struct inline_startup *inline__startup(const struct inline_source *src);

#endif /* FT_CAPTURE_SITES_INLINE_SOURCE_H */
