// SPDX-License-Identifier: GPL-2.0
/*
 * swapwork [ROUNDS [DIR]]: reclaim. Anonymous pages, huge and small, and those of a
 * memfd go to swap and come back, alone and shared with a child; the page cache of
 * a file in DIR (here if not given) is dropped; memory is compacted. Needs swap.
 */
#include <fcntl.h>

#include "pagemap.h"

#define LEN (512 * KIB)
#define FILE_NAME "swapwork.XXXXXX"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

struct range {
	char *at;
	size_t len;
	unsigned int seed;
};

static char buffer[LEN];

static size_t swapped(const struct range *r)
{
	uint64_t entries[THP / PAGE];
	size_t n = 0;

	pagemap__read(r->at, entries, r->len / PAGE);
	for (size_t i = 0; i < r->len / PAGE; i++)
		n += !!(entries[i] & PAGEMAP_SWAP);
	return n;
}

static void page_out(const struct range *r)
{
	TRY(madvise(r->at, r->len, MADV_PAGEOUT));
}

static void check(void *arg)
{
	const struct range *r = arg;

	CHECK(pattern__holds(r->at, r->len, r->seed));
}

/* What was shared when it went is shared, too, when it comes back. */
static void page_out_and_check(void *arg)
{
	page_out(arg);
	check(arg);
}

static void out_and_in(struct range *r)
{
	pattern__fill(r->at, r->len, r->seed);
	page_out(r);
	if (!swapped(r))
		SKIP("nothing goes to swap: is there any?");
	child__run(check, r);
	check(r);
	child__run(page_out_and_check, r);
	page_out(r);
	TRY(munmap(r->at, r->len));
}

static void anonymous(void)
{
	struct range small = { memory__map_small(LEN), LEN, 1 };
	struct range huge = { memory__map_thp(), THP, 2 };

	out_and_in(&small);
	out_and_in(&huge);
}

static void shmem(void)
{
	int fd = TRY(memfd_create("swapwork", MFD_CLOEXEC));
	struct range r = { .len = LEN, .seed = 3 };

	TRY(ftruncate(fd, LEN));
	r.at = TRY(mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	pattern__fill(r.at, r.len, r.seed);
	page_out(&r);
	child__run(check, &r);
	page_out(&r);
	CHECK(TRY(pread(fd, buffer, LEN, 0)) == LEN);
	CHECK(pattern__holds(buffer, LEN, r.seed));
	page_out(&r);
	/* of what is in swap half is thrown away unread */
	TRY(ftruncate(fd, LEN / 2));
	TRY(munmap(r.at, r.len));
	TRY(close(fd));
}

static void file(void)
{
	char name[] = FILE_NAME;
	int fd = TRY(mkostemp(name, O_CLOEXEC));

	TRY(unlink(name));
	pattern__fill(buffer, LEN, 4);
	CHECK(TRY(pwrite(fd, buffer, LEN, 0)) == LEN);
	TRY(fsync(fd));
	if (!number__write("/proc/sys/vm/drop_caches", 1))
		SKIP("/proc/sys/vm/drop_caches: %s", strerror(errno));
	CHECK(TRY(pread(fd, buffer, LEN, 0)) == LEN);
	CHECK(pattern__holds(buffer, LEN, 4));
	TRY(close(fd));
}

static void compact(void)
{
	struct range r = { memory__map_small(LEN), LEN, 5 };

	pattern__fill(r.at, r.len, r.seed);
	/* no such file: a kernel without compaction */
	if (!number__write("/proc/sys/vm/compact_memory", 1))
		CHECK(errno == ENOENT);
	check(&r);
	TRY(munmap(r.at, r.len));
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? argument__number(argv[1]) : 1;

	if (argc > 2)
		TRY(chdir(argv[2]));
	while (rounds--) {
		anonymous();
		shmem();
		file();
		compact();
	}
	return EXIT_SUCCESS;
}
