/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs of our programs that the kernel skipped, as a program does not run on a
 * CPU where it already runs: recursion_misses of struct bpf_prog_info.
 */
#ifndef FT_CAPTURE_ATTACH_MISSES_H
#define FT_CAPTURE_ATTACH_MISSES_H

#include <stdint.h>

struct folio_trace; /* the skeleton */
struct mapped;

/* By what a skipped run lost (include/programs.h), less what a fallback program made up for. */
struct misses {
	uint64_t lifetimes, refs, readings;
};

/* Since the programs were loaded. */
struct misses misses__read(const struct folio_trace *skel, const struct mapped *m);
struct misses misses__between(struct misses before, struct misses now);

#endif /* FT_CAPTURE_ATTACH_MISSES_H */
