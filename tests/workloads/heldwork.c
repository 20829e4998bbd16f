// SPDX-License-Identifier: GPL-2.0
/*
 * heldwork: splits and migrations that the kernel has to give up, because
 * somebody holds the folio: a THP of which a page lies in a pipe, one of which a
 * page is pinned, and a small page in a pipe. The first two are to be split by
 * MADV_FREE of a part, the third to move to the other node (left out on a single one).
 */
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "workload.h"

#define MOVE_ALL 4 /* MPOL_MF_MOVE_ALL */

static int pipe_holds(char *page)
{
	struct iovec range = { page, PAGE };
	int ends[2];

	TRY(pipe2(ends, O_CLOEXEC));
	CHECK(TRY(vmsplice(ends[1], &range, 1, 0)) == (ssize_t)PAGE);
	TRY(close(ends[1]));
	return ends[0];
}

/* Registered buffers stay pinned until the ring is closed. */
static int ring_pins(char *page)
{
	struct io_uring_params params = {};
	struct iovec range = { page, PAGE };
	int ring = (int)syscall(SYS_io_uring_setup, 1, &params);

	if (ring < 0)
		SKIP("io_uring_setup: %s", strerror(errno));
	TRY(syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &range, 1));
	return ring;
}

static void split(int (*hold)(char *page))
{
	char *thp = memory__map_thp();
	int fd;

	pattern__fill(thp, THP, 1);
	fd = hold(thp + 7 * PAGE);
	/* of a part: the folio has to be split first; that it was not is no error here */
	TRY(madvise(thp + THP / 2, THP / 4, MADV_FREE));
	CHECK(pattern__holds(thp, THP / 2, 1));
	TRY(close(fd));
	TRY(munmap(thp, THP));
}

static void migrate(void)
{
	char *page = memory__map_small(PAGE);
	void *pages[] = { page };
	int node, status = -1, fd;

	pattern__fill(page, PAGE, 2);
	fd = pipe_holds(page);
	if (access("/sys/devices/system/node/node1", F_OK)) {
		fprintf(stderr, "heldwork: no node 1: nothing is moved\n");
	} else {
		TRY(syscall(SYS_move_pages, 0, 1UL, pages, NULL, &status, 0));
		node = status == 0; /* the other one */
		syscall(SYS_move_pages, 0, 1UL, pages, &node, &status, MOVE_ALL);
		CHECK(status != node);
	}
	CHECK(pattern__holds(page, PAGE, 2));
	TRY(close(fd));
	TRY(munmap(page, PAGE));
}

int main(void)
{
	split(pipe_holds);
	split(ring_pins);
	migrate();
	return EXIT_SUCCESS;
}
