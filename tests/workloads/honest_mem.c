// SPDX-License-Identifier: GPL-2.0
/*
 * honest_mem ksm|stay|offline|map [DIR]: memory that the kernel merges, or takes out of use.
 *   ksm      pages of the same contents are merged, some of them written to; the rest stays
 *            so until the end (needs ksmd)
 *   stay     the same, and stays as long as its stdin is open; for an outsider, whose pages
 *            are those of ksm, too. Prints "merged" once they are
 *   offline  MADV_SOFT_OFFLINE of small and huge, of anonymous and of file pages (in DIR)
 *   map      reads DIR, which is a file here, through mappings and into a pipe
 */
#include <fcntl.h>

#include "honest.h"
#include "pagemap.h"

#define PAGES 64UL
#define PATIENCE_MS 60000
#define OFFLINE_TRIES 50

#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE 101
#endif

/* All in one page. */
static bool is_merged(const char *at)
{
	uint64_t entries[PAGES];

	pagemap__read(at, entries, PAGES);
	for (size_t i = 0; i < PAGES; i++)
		if (!(entries[i] & PAGEMAP_PRESENT) || ((entries[i] ^ entries[0]) & PAGEMAP_PFN))
			return false;
	return true;
}

static char *merge(void)
{
	char *at = memory__map_small(PAGES * PAGE);

	if (number__read("/sys/kernel/mm/ksm/run") != 1)
		SKIP("ksmd does not run");
	for (size_t i = 0; i < PAGES; i++)
		pattern__fill(at + i * PAGE, PAGE, HONEST_SEED);
	TRY(madvise(at, PAGES * PAGE, MADV_MERGEABLE));
	for (int i = 0; !is_merged(at); i++) {
		CHECK(i < PATIENCE_MS / 10);
		usleep(10000);
	}
	return at;
}

static void ksm(void)
{
	char *at = merge();

	pattern__fill(at, PAGES / 4 * PAGE, HONEST_SEED + 1);
	TRY(madvise(at + PAGES / 2 * PAGE, PAGES / 4 * PAGE, MADV_UNMERGEABLE));
	TRY(munmap(at + PAGES / 4 * PAGE, PAGES / 8 * PAGE));
	CHECK(pattern__holds(at, PAGES / 4 * PAGE, HONEST_SEED + 1));
	CHECK(pattern__holds(at + PAGES / 2 * PAGE, PAGE, HONEST_SEED));
}

static void stay(void)
{
	char byte, *at = merge();

	puts("merged");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	CHECK(pattern__holds(at, PAGE, HONEST_SEED));
}

static uint64_t frame_of(const void *at)
{
	uint64_t entry;

	pagemap__read(at, &entry, 1);
	return entry & PAGEMAP_PFN;
}

/*
 * Out of use: the memory at that address is in another frame afterwards. False if it is
 * busy, and stays so: somebody else has it for now, which is no fault of ours.
 */
static bool take_out(char *at)
{
	uint64_t frame = frame_of(at);

	for (int i = 0; i < OFFLINE_TRIES; i++) {
		if (!madvise(at, PAGE, MADV_SOFT_OFFLINE)) {
			CHECK(*(volatile char *)at == *at && frame_of(at) != frame);
			return true;
		}
		if (errno == EINVAL || errno == EPERM || errno == EOPNOTSUPP)
			SKIP("MADV_SOFT_OFFLINE: %s", strerror(errno));
		CHECK(errno == EBUSY || errno == EIO || errno == EAGAIN);
	}
	return false;
}

static void offline_file(const char *dir)
{
	char name[] = "honest.XXXXXX", *mapped;
	char *data = memory__map_small(HONEST_LEN);
	int fd;

	TRY(chdir(dir));
	fd = TRY(mkostemp(name, O_CLOEXEC));
	TRY(unlink(name));
	pattern__fill(data, HONEST_LEN, HONEST_SEED);
	CHECK(TRY(write(fd, data, HONEST_LEN)) == HONEST_LEN);
	TRY(fsync(fd));
	mapped = TRY(mmap(NULL, HONEST_LEN, PROT_READ, MAP_SHARED, fd, 0));
	CHECK(pattern__holds(mapped, HONEST_LEN, HONEST_SEED));
	take_out(mapped + PAGE);
	CHECK(pattern__holds(mapped, HONEST_LEN, HONEST_SEED));
}

static void offline(const char *dir)
{
	char *small = memory__map_small(HONEST_LEN);
	char *thp = memory__map_thp();

	pattern__fill(small, HONEST_LEN, HONEST_SEED);
	pattern__fill(thp, THP, HONEST_SEED);
	CHECK(take_out(small + PAGE));
	take_out(thp + 7 * PAGE);
	offline_file(dir);
	CHECK(pattern__holds(small, HONEST_LEN, HONEST_SEED));
	CHECK(pattern__holds(thp, THP, HONEST_SEED));
	TRY(munmap(small, HONEST_LEN / 2));
}

static void map(const char *path)
{
	int fd = TRY(open(path, O_RDONLY | O_CLOEXEC)), ends[2];
	size_t len = TRY(lseek(fd, 0, SEEK_END));
	char *shared = TRY(mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0));
	char *private = TRY(mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
	off_t offset = 0;

	CHECK(!memcmp(shared, private, len));
	private[0]++;
	CHECK(private[0] != shared[0]);
	TRY(pipe2(ends, O_CLOEXEC));
	CHECK(TRY(splice(fd, &offset, ends[1], NULL, HONEST_LEN, 0)) > 0);
}

int main(int argc, char **argv)
{
	if (argc < 2)
		USAGE("honest_mem ksm|stay|offline|map [DIR]");
	if (!strcmp(argv[1], "ksm"))
		ksm();
	else if (!strcmp(argv[1], "stay"))
		stay();
	else if (!strcmp(argv[1], "offline") && argc == 3)
		offline(argv[2]);
	else if (!strcmp(argv[1], "map") && argc == 3)
		map(argv[2]);
	else
		USAGE("honest_mem ksm|stay|offline|map [DIR]");
	return EXIT_SUCCESS;
}
