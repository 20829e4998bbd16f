/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/self/pagemap: what a page of this process is mapped to. */
#ifndef PAGEMAP_H
#define PAGEMAP_H

#include <fcntl.h>

#include "workload.h"

#define PAGEMAP_PRESENT (1ULL << 63)
#define PAGEMAP_SWAP (1ULL << 62)      /* also a migration or a device entry */
#define PAGEMAP_PFN ((1ULL << 55) - 1) /* reads 0 without CAP_SYS_ADMIN */

static inline void pagemap__read(const void *at, uint64_t *entries, size_t n)
{
	int fd = TRY(open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
	size_t len = n * sizeof(*entries);
	off_t offset = (uintptr_t)at / PAGE * sizeof(*entries);

	CHECK(pread(fd, entries, len, offset) == (ssize_t)len);
	close(fd);
}

#endif
