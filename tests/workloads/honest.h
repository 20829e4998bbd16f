/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What honest_hold, which holds, and honest_give, whose memory it is, have in common: a
 * socket, on which a message says what to do with a file descriptor, and what is in there.
 */
#ifndef HONEST_H
#define HONEST_H

#include <linux/io_uring.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "workload.h"

#define HONEST_SOCKET "folio-trace-honest" /* abstract */
#define HONEST_FIFO "/tmp/honest.fifo"
#define HONEST_PORT 7011
#define HONEST_LEN (8 * PAGE)
#define HONEST_SEED 5
#define HONEST_NAME 16

enum honest_action {
	HONEST_KEEP = 1, /* a pipe or socket: read when all is over */
	HONEST_LATE,	 /* a pipe: read HONEST_LATE_S after the giver's end */
	HONEST_MAP,	 /* a file: mapped, and spliced into a pipe of the holder's own */
	HONEST_MEMORY,	 /* a file or dma-buf: mapped when all is over */
	HONEST_RING,	 /* fd is the giver's number of it: a ring is not sent over a socket */
	HONEST_ASK,	 /* just for the answer */
	HONEST_STAY,	 /* the connection stays, as long as the holder does */
};

#define HONEST_LATE_S 2

struct honest_message {
	enum honest_action action;
	pid_t pid;
	int fd; /* HONEST_RING: of pid */
	char scene[HONEST_NAME];
};

/* Done, by pid, whose own ring is its fd ring. */
struct honest_answer {
	pid_t pid;
	int ring;
};

static inline socklen_t honest__address(struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path + 1, HONEST_SOCKET, strlen(HONEST_SOCKET));
	return offsetof(struct sockaddr_un, sun_path) + 1 + strlen(HONEST_SOCKET);
}

static inline int honest__ring(void)
{
	struct io_uring_params params = {};
	int ring = (int)syscall(SYS_io_uring_setup, 1, &params);

	if (ring < 0 && (errno == ENOSYS || errno == EPERM))
		SKIP("io_uring_setup: %s", strerror(errno));
	if (ring < 0)
		DIE("io_uring_setup");
	return ring;
}

/* Of another process, without its help. */
static inline int honest__take(pid_t pid, int fd)
{
	int process = (int)TRY(syscall(SYS_pidfd_open, pid, 0));
	int taken = (int)TRY(syscall(SYS_pidfd_getfd, process, fd, 0));

	TRY(close(process));
	return taken;
}

#endif
