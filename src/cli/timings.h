/* SPDX-License-Identifier: GPL-2.0 */
/* How long the steps before and after tracing took (--timings). */
#ifndef FT_CLI_TIMINGS_H
#define FT_CLI_TIMINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/run/sources.h"

enum timing {
	TIMING_NONE, /* not shown: the command itself */
	TIMING_BTF,  /* reading the kernel's BTF */
	TIMING_SOURCES,
	TIMING_LOAD,   /* the kernel verifies and compiles the BPF programs */
	TIMING_ATTACH, /* ... and attaches them */
	TIMING_ARM,
	TIMING_DETACH,
	TIMING_REMOVE, /* probes are removed, settings restored */
	NR_TIMINGS,
};

struct timings {
	int64_t since;
	int64_t ns[NR_TIMINGS];
};

/* Adds the time since the last mark to that of what. */
void timings__mark(struct timings *t, enum timing what);
/* Two lines on stderr. */
void timings__print(const struct timings *t, const struct sources *src);

#endif /* FT_CLI_TIMINGS_H */
