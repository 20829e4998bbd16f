// SPDX-License-Identifier: GPL-2.0
/*
 * softoff DEVICE BLOCK N: gives a block device blocks of BLOCK bytes, reads N * 64 KiB of it, and
 * asks for a soft offlining of the first page in each 64 KiB.  With blocks larger than a page the kernel
 * refuses each.
 *
 * The last line is `kept=K calls=N refused=R'.  Kept are the 64-KiB ranges whose page stays in the
 * page cache when nothing maps it any more and it was asked to go.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "workload.h"

#define STEP (64 * KIB)

#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE 101
#endif

static int open_device(const char *path, int block)
{
	/* The size of the blocks is for those who have it alone. */
	int device = TRY(open(path, O_RDWR | O_EXCL | O_CLOEXEC));

	if (ioctl(device, BLKBSZSET, &block)) {
		if (errno == EINVAL)
			SKIP("no blocks of %d bytes", block);
		DIE("BLKBSZSET");
	}
	return device;
}

static void *map(int device, size_t len)
{
	void *at = TRY(mmap(NULL, len, PROT_READ, MAP_SHARED, device, 0));

	/* No folio larger than a block */
	TRY(madvise(at, len, MADV_RANDOM));
	return at;
}

static unsigned long offline(char *at, size_t len)
{
	unsigned long refused = 0;

	for (size_t i = 0; i < len; i += STEP)
		(void)*(volatile char *)(at + i);
	for (size_t i = 0; i < len; i += STEP) {
		if (!madvise(at + i, PAGE, MADV_SOFT_OFFLINE))
			continue;
		if (errno == EINVAL || errno == EPERM || errno == EOPNOTSUPP)
			SKIP("no soft offlining: %s", strerror(errno));
		if (errno != EBUSY)
			DIE("MADV_SOFT_OFFLINE");
		refused++;
	}
	return refused;
}

/* Of pages that nothing maps those that stay are somebody's. */
static unsigned long kept(int device, size_t len)
{
	unsigned char cached[STEP / PAGE];
	unsigned long nr = 0;
	char *at;

	errno = posix_fadvise(device, 0, len, POSIX_FADV_DONTNEED);
	if (errno)
		DIE("POSIX_FADV_DONTNEED");
	at = map(device, len);
	for (size_t i = 0; i < len; i += STEP) {
		TRY(mincore(at + i, STEP, cached));
		nr += cached[0] & 1;
	}
	TRY(munmap(at, len));
	return nr;
}

int main(int argc, char **argv)
{
	unsigned long refused;
	size_t len;
	int device;
	char *at;

	if (argc != 4)
		USAGE("softoff DEVICE BLOCK N");
	len = argument__number(argv[3]) * STEP;
	device = open_device(argv[1], argument__number(argv[2]));
	at = map(device, len);
	refused = offline(at, len);
	TRY(munmap(at, len));
	printf("kept=%lu calls=%zu refused=%lu\n", kept(device, len), len / STEP, refused);
	TRY(close(device));
	return EXIT_SUCCESS;
}
