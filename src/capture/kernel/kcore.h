/* SPDX-License-Identifier: GPL-2.0 */
/* The memory of the running kernel by /proc/kcore: its text with all run-time patching. */
#ifndef FT_CAPTURE_KERNEL_KCORE_H
#define FT_CAPTURE_KERNEL_KCORE_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

/* Reads [start, start + size) into a malloc'd *text. Needs CAP_SYS_RAWIO. */
int kcore__read(uint64_t start, size_t size, void **text, struct ft_error *err);

#endif /* FT_CAPTURE_KERNEL_KCORE_H */
