/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs of our programs that the kernel skipped, as a program does not run on a
 * CPU where it already runs: recursion_misses of struct bpf_prog_info.
 */
#ifndef FT_CAPTURE_ATTACH_MISSES_H
#define FT_CAPTURE_ATTACH_MISSES_H

#include <stdint.h>

struct folio_trace; /* the skeleton */

struct misses {
	uint64_t lifetimes; /* of programs that see births and deaths, second chances not counted */
	uint64_t refs;	    /* the same of programs that see operations */
	uint64_t others;    /* of programs that read: a line less in a timeline */
};

/* Since the programs were loaded. */
struct misses misses__sum(const struct folio_trace *skel);

#endif /* FT_CAPTURE_ATTACH_MISSES_H */
