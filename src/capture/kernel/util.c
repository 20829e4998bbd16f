// SPDX-License-Identifier: GPL-2.0
#include "capture/kernel/util.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

const char *const tracefs_roots[NR_TRACEFS_ROOTS] = { "/sys/kernel/tracing",
						      "/sys/kernel/debug/tracing" };

int out_of_memory(struct ft_error *err)
{
	return ft_fail(err, -ENOMEM, FT_EXIT_FAILURE, "out of memory");
}

int64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

int read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), n;

	n = fd < 0 ? -errno : (int)read(fd, buf, size - 1);
	if (fd >= 0 && n < 0)
		n = -errno;
	buf[n < 0 ? 0 : n] = '\0';
	if (fd >= 0)
		close(fd);
	return n;
}
