// SPDX-License-Identifier: GPL-2.0
/*
 * gupwork [--hold MS] [PATH]: references that the kernel takes on user pages.
 * Pages put into a pipe by vmsplice, left there for MS milliseconds (200) and
 * unmapped meanwhile; then, if PATH is given, O_DIRECT.  A directory gets a file
 * to write and read; anything else (a disk) is only read.
 */
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "workload.h"

#define PIPE_PAGES 8
#define PIPE_LEN (PIPE_PAGES * PAGE)
#define DIRECT_LEN (256 * KIB)
#define SECTOR 512
#define FILE_NAME "gupwork.XXXXXX"

static void read_pipe(int fd, char *to, size_t len)
{
	while (len) {
		ssize_t got = TRY(read(fd, to, len));

		CHECK(got > 0);
		to += got;
		len -= got;
	}
}

/* The pipe's references keep the pages after their mapping has gone. */
static void hold_in_pipe(char *at, size_t mapped, int hold_ms)
{
	struct iovec range = { at, PIPE_LEN };
	char got[PIPE_LEN] __attribute__((aligned(8)));
	int ends[2];

	TRY(pipe2(ends, O_CLOEXEC));
	pattern__fill(at, mapped, 1);
	CHECK(TRY(vmsplice(ends[1], &range, 1, 0)) == PIPE_LEN);
	TRY(munmap(at, mapped));
	poll(NULL, 0, hold_ms);
	read_pipe(ends[0], got, PIPE_LEN);
	CHECK(pattern__holds(got, PIPE_LEN, 1));
	TRY(close(ends[0]));
	TRY(close(ends[1]));
}

/* A pipe that is closed with pages in it puts them. */
static void leave_in_pipe(char *at)
{
	struct iovec range = { at, PIPE_LEN };
	int ends[2];

	TRY(pipe2(ends, O_CLOEXEC));
	pattern__fill(at, PIPE_LEN, 2);
	CHECK(TRY(vmsplice(ends[1], &range, 1, 0)) == PIPE_LEN);
	TRY(close(ends[0]));
	TRY(close(ends[1]));
	CHECK(pattern__holds(at, PIPE_LEN, 2));
	TRY(munmap(at, PIPE_LEN));
}

static void check_direct(int fd, const char *path)
{
	if (fd < 0 && errno == EINVAL)
		SKIP("no O_DIRECT on %s", path);
	if (fd < 0)
		DIE(path);
}

/* Into huge and small pages, and across page boundaries. */
static void read_direct(int direct, const char *expected)
{
	char *thp = memory__map_thp();
	char *small = memory__map_small(DIRECT_LEN + PAGE);

	CHECK(TRY(pread(direct, thp, DIRECT_LEN, 0)) == DIRECT_LEN);
	CHECK(!memcmp(thp, expected, DIRECT_LEN));
	CHECK(TRY(pread(direct, thp + PAGE - SECTOR, DIRECT_LEN, 0)) == DIRECT_LEN);
	CHECK(!memcmp(thp + PAGE - SECTOR, expected, DIRECT_LEN));
	CHECK(TRY(pread(direct, small + SECTOR, DIRECT_LEN, 0)) == DIRECT_LEN);
	CHECK(!memcmp(small + SECTOR, expected, DIRECT_LEN));
	TRY(munmap(thp, THP));
	TRY(munmap(small, DIRECT_LEN + PAGE));
}

static void direct_file(const char *dir)
{
	char *data = memory__map_small(DIRECT_LEN);
	char name[] = FILE_NAME;
	int direct, err;

	TRY(chdir(dir));
	TRY(close(TRY(mkostemp(name, O_CLOEXEC))));
	direct = open(name, O_RDWR | O_DIRECT | O_CLOEXEC);
	err = errno;
	TRY(unlink(name));
	errno = err;
	check_direct(direct, dir);
	pattern__fill(data, DIRECT_LEN, 3);
	CHECK(TRY(pwrite(direct, data, DIRECT_LEN, 0)) == DIRECT_LEN);
	read_direct(direct, data);
	TRY(close(direct));
	TRY(munmap(data, DIRECT_LEN));
}

static void direct_disk(const char *path)
{
	char *data = memory__map_small(DIRECT_LEN);
	int cached = TRY(open(path, O_RDONLY | O_CLOEXEC));
	int direct = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC);

	check_direct(direct, path);
	CHECK(TRY(pread(cached, data, DIRECT_LEN, 0)) == DIRECT_LEN);
	read_direct(direct, data);
	TRY(close(cached));
	TRY(close(direct));
	TRY(munmap(data, DIRECT_LEN));
}

int main(int argc, char **argv)
{
	static const struct option flags[] = {
		{ "hold", required_argument, NULL, 'h' },
		{},
	};
	struct stat path;
	int flag, hold_ms = 200;

	while ((flag = getopt_long(argc, argv, "", flags, NULL)) != -1) {
		if (flag != 'h')
			USAGE("gupwork [--hold MS] [PATH]");
		hold_ms = argument__number(optarg);
	}
	hold_in_pipe(memory__map_small(PIPE_LEN), PIPE_LEN, hold_ms);
	hold_in_pipe(memory__map_thp(), THP, hold_ms);
	leave_in_pipe(memory__map_small(PIPE_LEN));
	if (optind == argc)
		return EXIT_SUCCESS;
	TRY(stat(argv[optind], &path));
	if (S_ISDIR(path.st_mode))
		direct_file(argv[optind]);
	else
		direct_disk(argv[optind]);
	return EXIT_SUCCESS;
}
