/* SPDX-License-Identifier: GPL-2.0 */
/* Where the time goes until all is armed, and after the end (--timings). */
#ifndef FT_CLI_TIMINGS_H
#define FT_CLI_TIMINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/run/sources.h"

enum timing {
	TIMING_NONE, /* of no interest: the command itself */
	TIMING_BTF,  /* reading the kernel's BTF */
	TIMING_SOURCES,
	TIMING_LOAD,   /* the kernel verifies and compiles the BPF programs */
	TIMING_ATTACH, /* ... and attaches them */
	TIMING_ARM,
	TIMING_DETACH,
	TIMING_REMOVE, /* probes out of tracefs, what was changed put back */
	NR_TIMINGS,
};

struct timings {
	int64_t since;
	int64_t ns[NR_TIMINGS];
};

/* The time since the last mark was spent on what. */
void timings__mark(struct timings *t, enum timing what);
/* Two lines on stderr. */
void timings__print(const struct timings *t, const struct sources *src);

#endif /* FT_CLI_TIMINGS_H */
