// SPDX-License-Identifier: GPL-2.0
/*
 * filework [DIR]: page cache by write, read and mapping, of a file in DIR (here
 * if not given) and of shmem: shared with a child, copied, truncated, punched.
 */
#include <fcntl.h>
#include <sys/sendfile.h>

#include "workload.h"

#define LEN (2 * MIB)
#define FILE_NAME "filework.XXXXXX"

struct file {
	int fd;
	char *mapped;
};

static char buffer[LEN];

static void write_all(int fd, const char *from, size_t len)
{
	while (len) {
		ssize_t written = TRY(write(fd, from, len));

		from += written;
		len -= written;
	}
}

static void read_all(int fd, char *to, size_t len)
{
	off_t offset = 0;

	while (len) {
		ssize_t got = TRY(pread(fd, to, len, offset));

		CHECK(got > 0);
		to += got;
		offset += got;
		len -= got;
	}
}

static bool file_holds(int fd, unsigned int seed)
{
	read_all(fd, buffer, LEN);
	return pattern__holds(buffer, LEN, seed);
}

static void write_and_read(int fd)
{
	pattern__fill(buffer, LEN, 1);
	write_all(fd, buffer, LEN);
	memset(buffer, 0, LEN);
	CHECK(file_holds(fd, 1));
}

static void write_shared(void *arg)
{
	struct file *file = arg;

	pattern__fill(file->mapped, LEN, 2);
}

static void map_shared(int fd)
{
	struct file file = { fd, TRY(mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)) };

	CHECK(pattern__holds(file.mapped, LEN, 1));
	child__run(write_shared, &file);
	CHECK(pattern__holds(file.mapped, LEN, 2));
	TRY(msync(file.mapped, LEN, MS_SYNC));
	TRY(munmap(file.mapped, LEN));
	CHECK(file_holds(fd, 2));
}

static void map_private(int fd)
{
	char *mapped = TRY(mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));

	CHECK(pattern__holds(mapped, LEN, 2));
	pattern__fill(mapped, LEN / 2, 3);
	CHECK(pattern__holds(mapped, LEN / 2, 3));
	TRY(munmap(mapped, LEN));
	CHECK(file_holds(fd, 2));
}

static void copy_to_shmem(int fd)
{
	int copy = TRY(memfd_create("filework-copy", MFD_CLOEXEC));
	off_t offset = 0;

	while (offset < (off_t)LEN)
		CHECK(TRY(sendfile(copy, fd, &offset, LEN - offset)) > 0);
	CHECK(file_holds(copy, 2));
	TRY(close(copy));
}

static void drop_cache(int fd)
{
	TRY(fsync(fd));
	errno = posix_fadvise(fd, 0, LEN, POSIX_FADV_DONTNEED);
	if (errno)
		DIE("POSIX_FADV_DONTNEED");
	CHECK(file_holds(fd, 2));
}

static void punch(int fd)
{
	int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;

	if (fallocate(fd, mode, LEN / 4, LEN / 4)) {
		/* ramfs, on which an initramfs may live, has no holes */
		CHECK(errno == EOPNOTSUPP);
		return;
	}
	read_all(fd, buffer, LEN);
	CHECK(memory__is_zero(buffer + LEN / 4, LEN / 4));
}

/* Through a mapping, whose pages behind the new end are zapped. */
static void truncate_mapped(int fd)
{
	char *mapped = TRY(mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));

	pattern__fill(mapped, LEN, 4);
	TRY(ftruncate(fd, LEN / 2 + PAGE / 2));
	TRY(ftruncate(fd, LEN));
	CHECK(pattern__holds(mapped, LEN / 2, 4));
	CHECK(memory__is_zero(mapped + LEN / 2 + PAGE / 2, LEN / 2 - PAGE / 2));
	TRY(munmap(mapped, LEN));
}

static void work_on(int fd)
{
	write_and_read(fd);
	map_shared(fd);
	map_private(fd);
	copy_to_shmem(fd);
	drop_cache(fd);
	punch(fd);
	truncate_mapped(fd);
	TRY(ftruncate(fd, 0));
	TRY(close(fd));
}

int main(int argc, char **argv)
{
	char name[] = FILE_NAME;
	int fd;

	if (argc > 1)
		TRY(chdir(argv[1]));
	fd = TRY(mkostemp(name, O_CLOEXEC));
	TRY(unlink(name));
	work_on(fd);
	work_on(TRY(memfd_create("filework", MFD_CLOEXEC)));
	return EXIT_SUCCESS;
}
