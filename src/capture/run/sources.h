/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which exact sources of reference events a run uses, beside function entries and exits: the
 * tracepoints of CONFIG_DEBUG_PAGE_REF, or probes on inlined atomic operations.
 */
#ifndef FT_CAPTURE_RUN_SOURCES_H
#define FT_CAPTURE_RUN_SOURCES_H

#include <stdbool.h>

#include "capture/attach/session.h"
#include "capture/kernel/kernel.h"
#include "capture/record/recorder.h"
#include "capture/sites/inline_source.h"
#include "error.h"

struct sources_options {
	const char *word;  /* auto, boundary, page_ref, inline, or page_ref,inline */
	const char *sites; /* glob of function names; NULL: all */
	bool fast;	   /* leave optimised kprobes on */
	bool show;	   /* progress on stderr */
};

struct sources {
	const char *word; /* what is used in the end, as in the JSON */
	struct inline_source *inlined;
	struct probe_accounting probe_accounting;
	char lost[512]; /* why "auto" has no exact source; else "" */
};

/*
 * Chooses by what the kernel has, and sets in *so what to load. If no exact source is available
 * with "auto", lost has the reason. One that was asked for by name is an error then, with
 * FT_EXIT_CANNOT_TRACE.
 */
int sources__open(struct sources *src, const struct sources_options *opts, const struct kernel *k,
		  struct session_options *so, struct ft_error *err);
/* After session__arm(). */
int sources__arm(struct sources *src, struct session *s, bool show, struct ft_error *err);
/* Probes the modules that were loaded while tracing, from the records of the session. */
int sources__modules(struct sources *src, struct session *s, struct recorder *r,
		     struct ft_error *err);
/* While still armed, at the end. */
void sources__account(struct sources *src, const struct session *s);
/* After session__disarm(). */
void sources__disarm(struct sources *src);
void sources__close(struct sources *src);

#endif /* FT_CAPTURE_RUN_SOURCES_H */
