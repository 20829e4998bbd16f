/* SPDX-License-Identifier: GPL-2.0 */
/* Drains the per-CPU LRU and mlock batches of all CPUs, which hold references. */
#ifndef FT_CAPTURE_RUN_DRAIN_H
#define FT_CAPTURE_RUN_DRAIN_H

#include <stdbool.h>

/* How, in words; NULL: they could not be drained, or not those of every CPU. */
const char *drain__lru_batches(void);

#endif /* FT_CAPTURE_RUN_DRAIN_H */
