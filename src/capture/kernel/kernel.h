/* SPDX-License-Identifier: GPL-2.0 */
/* The running kernel: version, layouts, and whether it allows tracing. */
#ifndef FT_CAPTURE_KERNEL_KERNEL_H
#define FT_CAPTURE_KERNEL_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

struct btf;

struct kernel {
	char release[65], version[65], machine[65];
	char build_id[41]; /* hex, "" if unknown */
	struct btf *btf;
	uint32_t page_size, sizeof_page, refcount_offset, lru_offset;
	int32_t deferred_offset;   /* of _deferred_list; -1: none in struct folio */
	bool hugetlb_cache_is_one; /* see kernel__layout() */
	bool fsdax_idle_is_one;
};

/*
 * Fills *k from the running kernel, with the BTF of btf_path, or of /sys/kernel/btf/vmlinux if that
 * is NULL. Fails with FT_EXIT_CANNOT_TRACE and what is missing. Undo with kernel__close().
 */
int kernel__open(struct kernel *k, const char *btf_path, struct ft_error *err);
void kernel__close(struct kernel *k);

/* Whether this process may trace; the errors are like those of kernel__open(). */
int kernel__check_rights(struct ft_error *err);

/* "none", "integrity" or "confidentiality", from securityfs; points into buf or is constant. */
const char *kernel__lockdown(char *buf, int size);

#endif /* FT_CAPTURE_KERNEL_KERNEL_H */
