// SPDX-License-Identifier: GPL-2.0
/*
 * hugework: hugetlb pages, mapped privately with fork and copy on write, and
 * shared by two mappings and a child.  Skips (4) if there are none to have.
 */
#include <fcntl.h>

#include "hugepool.h"
#include "workload.h"

#define PAGES 2 /* in a mapping; a copy on write takes as many again */
#define LEN (PAGES * THP)

static struct hugepool pool;

static void restore_pool(void)
{
	hugepool__restore(&pool);
}

static void write_own_copy(void *arg)
{
	CHECK(pattern__holds(arg, LEN, 1));
	pattern__fill(arg, LEN, 2);
	CHECK(pattern__holds(arg, LEN, 2));
}

static void map_private(void)
{
	char *at = TRY(mmap(NULL, LEN, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0));

	pattern__fill(at, LEN, 1);
	child__run(write_own_copy, at);
	CHECK(pattern__holds(at, LEN, 1));
	TRY(madvise(at, THP, MADV_DONTNEED));
	CHECK(memory__is_zero(at, THP));
	TRY(munmap(at, LEN));
}

static void write_shared(void *arg)
{
	pattern__fill(arg, LEN, 3);
}

static void map_shared(void)
{
	int fd = TRY(memfd_create("hugework", MFD_HUGETLB | MFD_CLOEXEC));
	char *one, *other;

	TRY(ftruncate(fd, LEN));
	one = TRY(mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	other = TRY(mmap(NULL, LEN, PROT_READ, MAP_SHARED, fd, 0));
	child__run(write_shared, one);
	CHECK(pattern__holds(one, LEN, 3));
	CHECK(pattern__holds(other, LEN, 3));
	TRY(munmap(one, LEN));
	TRY(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, THP));
	CHECK(memory__is_zero(other, THP));
	TRY(munmap(other, LEN));
	TRY(close(fd));
}

int main(void)
{
	bool enough = hugepool__grow(&pool, 2 * PAGES);

	atexit(restore_pool);
	if (!enough)
		SKIP("no %d free hugetlb pages", 2 * PAGES);
	map_private();
	map_shared();
	return EXIT_SUCCESS;
}
