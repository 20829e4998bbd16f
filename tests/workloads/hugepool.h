/* SPDX-License-Identifier: GPL-2.0 */
/* The pool of 2-MiB hugetlb pages. */
#ifndef HUGEPOOL_H
#define HUGEPOOL_H

#include "workload.h"

#define HUGEPOOL_DIR "/sys/kernel/mm/hugepages/hugepages-2048kB/"

struct hugepool {
	long size_before;
};

/* False if the pool has not n free pages and cannot be made to have them. */
static inline bool hugepool__grow(struct hugepool *pool, long n)
{
	long free_pages = number__read(HUGEPOOL_DIR "free_hugepages");

	pool->size_before = number__read(HUGEPOOL_DIR "nr_hugepages");
	if (free_pages < 0 || pool->size_before < 0)
		return false;
	if (free_pages < n)
		number__write(HUGEPOOL_DIR "nr_hugepages", pool->size_before + n - free_pages);
	return number__read(HUGEPOOL_DIR "free_hugepages") >= n;
}

static inline void hugepool__restore(const struct hugepool *pool)
{
	if (pool->size_before >= 0 &&
	    number__read(HUGEPOOL_DIR "nr_hugepages") != pool->size_before)
		number__write(HUGEPOOL_DIR "nr_hugepages", pool->size_before);
}

#endif
