/* SPDX-License-Identifier: GPL-2.0 */
/* Small things that all of src/capture needs. */
#ifndef FT_CAPTURE_KERNEL_UTIL_H
#define FT_CAPTURE_KERNEL_UTIL_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "error.h"

/* Fills *err and returns -ENOMEM. */
int out_of_memory(struct ft_error *err);

int64_t clock_ns(clockid_t clock);
/* CLOCK_MONOTONIC, as bpf_ktime_get_ns() has it. */
int64_t now_ns(void);

/*
 * The first size - 1 bytes of a file of procfs or sysfs, and a NUL. Bytes or -errno; on an error
 * buf is "".
 */
int read_file(const char *path, char *buf, size_t size);

/* Where tracefs is mounted: at its own place, or only below debugfs. */
#define NR_TRACEFS_ROOTS 2
extern const char *const tracefs_roots[NR_TRACEFS_ROOTS];

#endif /* FT_CAPTURE_KERNEL_UTIL_H */
