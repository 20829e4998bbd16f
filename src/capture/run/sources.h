/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which sources of exact reference events a run uses, beside the boundaries:
 * the tracepoints of CONFIG_DEBUG_PAGE_REF, or probes on the inlined atomics.
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
	const char *word; /* as in the JSON: what is used in the end */
	struct inline_source *inlined;
	struct probe_accounting probe_accounting;
	char lost[512]; /* "auto" could not have it: why; else "" */
};

/*
 * Decides by what the kernel has, and says in *so what to load. With "auto" a
 * missing exact source is told in lost; one asked for by name is an error with
 * FT_EXIT_CANNOT_TRACE.
 */
int sources__open(struct sources *src, const struct sources_options *opts, const struct kernel *k,
		  struct session_options *so, struct ft_error *err);
/* After session__arm(). */
int sources__arm(struct sources *src, struct session *s, bool show, struct ft_error *err);
/* Modules loaded while tracing, as the session's records told of them. */
int sources__modules(struct sources *src, struct session *s, struct recorder *r,
		     struct ft_error *err);
/* While still armed, at the end. */
void sources__account(struct sources *src, const struct session *s);
/* After session__disarm(). */
void sources__disarm(struct sources *src);
void sources__close(struct sources *src);

#endif /* FT_CAPTURE_RUN_SOURCES_H */
