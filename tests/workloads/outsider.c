// SPDX-License-Identifier: GPL-2.0
/*
 * outsider: memory of a command that somebody else holds, who is not traced.
 *
 * The command:
 *   outsider make FILE BYTES READY...   fills FILE, ends when every READY exists
 *   outsider splice FIFO READY          when READY exists, a page of its own into the pipe, and ends
 *   outsider send SOCKET FILE READY     ... a page of FILE, which it makes, into the socket
 *   outsider ring                       pins a page by io_uring; a child keeps the ring, until killed
 * The other, until it is killed:
 *   outsider map FILE BYTES READY       maps so much of FILE as soon as it is there, creates READY
 *   outsider keep FIFO READY            has the pipe open, creates READY
 *   outsider listen SOCKET READY        accepts, and reads nothing
 * Of BYTES that are a multiple of 2 MiB the mapping is at a multiple of 2 MiB, else it is not.
 */
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "workload.h"

#define TRIES 3000 /* of 10 ms */

static void wait_for(const char *path)
{
	for (int i = 0; access(path, F_OK); i++) {
		CHECK(i < TRIES);
		usleep(10000);
	}
}

static void create(const char *path)
{
	TRY(close(TRY(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600))));
}

/* Reserves room for the alignment; what is beside it stays reserved. */
static char *map(const char *path, size_t size, int protection)
{
	int fd = TRY(open(path, O_RDWR | O_CLOEXEC));
	char *room = mmap(NULL, size + 2 * THP, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *at;

	CHECK(room != MAP_FAILED);
	at = (char *)(((uintptr_t)room + THP - 1) & ~(THP - 1)) + (size % THP ? PAGE : 0);
	CHECK(mmap(at, size, protection, MAP_SHARED | MAP_FIXED, fd, 0) == at);
	close(fd);
	return at;
}

/* It gets its name when it is filled: others shall find the pages there. */
static void make(const char *path, size_t size)
{
	char draft[256], *at;
	int fd;

	snprintf(draft, sizeof(draft), "%s.draft", path);
	fd = TRY(open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	TRY(ftruncate(fd, (off_t)size));
	close(fd);
	at = map(draft, size, PROT_READ | PROT_WRITE);
	pattern__fill(at, size, 1);
	TRY(munmap(at, size));
	TRY(rename(draft, path));
}

static void look(const char *path, size_t size)
{
	volatile char *at = map(path, size, PROT_READ);

	for (size_t i = 0; i < size; i += PAGE)
		(void)at[i];
}

static void splice_into(const char *path)
{
	int fd = TRY(open(path, O_WRONLY | O_CLOEXEC));
	struct iovec range = { memory__map_small(PAGE), PAGE };

	pattern__fill(range.iov_base, PAGE, 1);
	CHECK(TRY(vmsplice(fd, &range, 1, 0)) == (ssize_t)PAGE);
}

static int unix_socket(const char *path, struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	CHECK(strlen(path) < sizeof(address->sun_path));
	strcpy(address->sun_path, path);
	return TRY(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

/* A page of the page cache, which nobody maps: its reference in the packet is one too many. */
static void send_page(const char *path, const char *file)
{
	struct sockaddr_un address;
	int to = unix_socket(path, &address);
	int from = TRY(open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	char page[PAGE];
	off_t offset = 0;

	pattern__fill(page, PAGE, 1);
	CHECK(TRY(write(from, page, PAGE)) == (ssize_t)PAGE);
	TRY(connect(to, (void *)&address, sizeof(address)));
	CHECK(TRY(sendfile(to, from, &offset, PAGE)) == (ssize_t)PAGE);
}

static void listen_at(const char *path, const char *ready)
{
	struct sockaddr_un address;
	int fd = unix_socket(path, &address);

	TRY(bind(fd, (void *)&address, sizeof(address)));
	TRY(listen(fd, 1));
	create(ready);
	TRY(accept(fd, NULL, NULL));
}

static void pin_by_ring(void)
{
	struct io_uring_params params = {};
	struct iovec range = { memory__map_small(PAGE), PAGE };
	int ring = (int)syscall(SYS_io_uring_setup, 1, &params);

	if (ring < 0)
		SKIP("io_uring_setup: %s", strerror(errno));
	pattern__fill(range.iov_base, PAGE, 1);
	TRY(syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &range, 1));
	if (TRY(fork()))
		exit(EXIT_SUCCESS);
}

int main(int argc, char **argv)
{
	const char *what = argc > 3 || (argc == 2 && !strcmp(argv[1], "ring")) ? argv[1] : "";

	if (!strcmp(what, "make")) {
		make(argv[2], strtoul(argv[3], NULL, 10));
		for (int i = 4; i < argc; i++)
			wait_for(argv[i]);
		return EXIT_SUCCESS;
	}
	if (!strcmp(what, "splice")) {
		wait_for(argv[3]);
		splice_into(argv[2]);
		return EXIT_SUCCESS;
	}
	if (!strcmp(what, "send") && argc == 5) {
		wait_for(argv[4]);
		send_page(argv[2], argv[3]);
		return EXIT_SUCCESS;
	}
	if (!strcmp(what, "ring")) {
		pin_by_ring();
	} else if (!strcmp(what, "listen")) {
		listen_at(argv[2], argv[3]);
	} else if (!strcmp(what, "map")) {
		wait_for(argv[2]);
		look(argv[2], strtoul(argv[3], NULL, 10));
		create(argv[4]);
	} else if (!strcmp(what, "keep")) {
		TRY(open(argv[2], O_RDWR));
		create(argv[3]);
	} else {
		workload__end(EXIT_FAILURE, "usage", "see the top of outsider.c");
	}
	pause();
	return EXIT_SUCCESS;
}
