/* SPDX-License-Identifier: GPL-2.0 */
/* How the zoo's scenes are played: 0, or -1 and errno. */
#ifndef ZOO_PLAY_H
#define ZOO_PLAY_H

#include <sys/ioctl.h>

#include "zoo_memory.h"

#define DEVICE "/dev/folio_zoo"

static int device; /* of the process that plays */

static struct zoo_call call_of(const struct scene *s)
{
	struct zoo_call call = {
		.scene = s->does,
		.who = s->who,
		.good = s->good,
		.pages = s->pages,
		.arg = s->arg,
		.slot = kept_page(s, true),
		.fd = -1,
	};

	strcpy(call.name, s->name);
	return call;
}

/* Does it, and exits if that is not possible here. */
static int zoo_does(struct zoo_call *call)
{
	int err = ioctl(device, ZOO_RUN, call);

	if (err && errno == EOPNOTSUPP)
		SKIP("this kernel cannot");
	return err;
}

static int play_memory(const struct scene *s)
{
	struct zoo_call call = call_of(s);

	call.at = (uintptr_t)make_memory(s);
	return zoo_does(&call);
}

/* Both folios are the command's. */
static int play_two_pages(const struct scene *s)
{
	*(volatile char *)map_kept(s, true) = 1;
	return play_memory(s);
}

/* The driver says that it failed, as it should. */
static int play_enomem(const struct scene *s)
{
	return play_memory(s) && errno == ENOMEM ? 0 : -1;
}

static int play_file_pins(const struct scene *s)
{
	struct zoo_call call = call_of(s);

	call.at = (uintptr_t)make_memory(s);
	call.arg = 1;
	return zoo_does(&call);
}

/* The guard is taken while the command runs, but not by it. */
static int play_guarded_by_thread(const struct scene *s)
{
	struct zoo_call call = call_of(s), guard = call;

	call.at = guard.at = (uintptr_t)make_memory(s);
	guard.scene = ZOO_GUARD;
	guard.who = ZOO_KTHREAD;
	guard.arg = 1;
	return zoo_does(&guard) ?: zoo_does(&call);
}

static int play_lookup(const struct scene *s)
{
	struct zoo_call call = call_of(s);
	char byte;

	call.fd = open_disk_file(s, 0);
	if (s->does == ZOO_LOOKUP_COLD)
		CHECK(TRY(pread(call.fd, &byte, 1, 0)) == 1);
	return zoo_does(&call);
}

static int play_kept_lookup(const struct scene *s)
{
	struct zoo_call call = call_of(s);

	call.fd = open_kept(false);
	call.arg = kept_page(s, false);
	if (s->arg)
		make_memory(s);
	return zoo_does(&call);
}

/* The block device of the disk's file system. */
static int open_block_device(void)
{
	char device_path[256], mount_point[256];
	FILE *mounts = fopen("/proc/mounts", "re");

	if (!mounts)
		DIE("/proc/mounts");
	while (fscanf(mounts, "%255s %255s %*[^\n]", device_path, mount_point) == 2)
		if (!strcmp(mount_point, disk)) {
			fclose(mounts);
			return TRY(open(device_path, O_RDONLY | O_CLOEXEC));
		}
	SKIP("%s is no mount point", disk);
}

/* A page near the device's end, which nobody has read. */
static int play_sb_read(const struct scene *s)
{
	struct zoo_call call = call_of(s);

	call.fd = open_block_device();
	call.arg = TRY(lseek(call.fd, 0, SEEK_END)) / PAGE - s->arg;
	return zoo_does(&call);
}

static int play_hugezero(const struct scene *s)
{
	struct zoo_call call = call_of(s);
	char *at = memory__map_thp();

	if (*(volatile char *)at)
		return -1;
	return zoo_does(&call);
}

static int play_freed(const struct scene *s)
{
	for (int try = 0; try < 100; try++) {
		struct zoo_call call = call_of(s);
		char *at = make_memory(s);

		call.at = (uintptr_t)at;
		if (zoo_does(&call))
			return -1;
		TRY(munmap(at, s->pages * PAGE));
		call.arg = 1;
		if (!zoo_does(&call))
			return 0;
		/* The page was somebody else's already. */
		if (errno != EAGAIN)
			return -1;
	}
	return -1;
}

static int play_map(const struct scene *s)
{
	struct zoo_call call = call_of(s);
	size_t len = s->pages * PAGE;
	char *at;

	if (zoo_does(&call))
		return -1;
	at = TRY(mmap(reserve_aligned(len), len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		      device, 0));
	if (len == THP)
		TRY(madvise(at, len, MADV_HUGEPAGE));
	*(volatile char *)at = 1;
	if (s->arg)
		TRY(munmap(at + THP / 2, PAGE));
	TRY(munmap(at, len));
	return 0;
}

struct target {
	pid_t pid;
	char *at;
};

static struct target make_target(void)
{
	struct zoo_call call = { .scene = ZOO_FOREIGN_TARGET, .name = "target" };
	struct target target = { .pid = getpid() };
	int fd = TRY(open(DEVICE, O_RDWR | O_CLOEXEC));

	TRY(ioctl(fd, ZOO_RUN, &call));
	target.at = TRY(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0));
	TRY(close(fd));
	return target;
}

/* Says who it is, and ends once the other side of the pipe does. */
static void be_target(int say, int wait)
{
	struct target target = make_target();
	char byte;

	CHECK(write(say, &target, sizeof(target)) == sizeof(target));
	CHECK(read(wait, &byte, 1) == 0);
	CHECK(*target.at == 1);
	_exit(EXIT_SUCCESS);
}

static int insert_into(const struct scene *s, const struct target *target)
{
	struct zoo_call call = call_of(s);

	call.at = (uintptr_t)make_memory(s);
	call.pid = target->pid;
	call.other = (uintptr_t)target->at;
	return zoo_does(&call);
}

static void end_target(pid_t pid, int fd)
{
	int status;

	TRY(close(fd));
	TRY(waitpid(pid, &status, 0));
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
}

/* Into a process of the command, which ends before this one, or after it (arg). */
static int play_foreign(const struct scene *s)
{
	int said[2], wait[2];
	struct target target;
	pid_t pid;

	TRY(pipe2(said, O_CLOEXEC));
	TRY(pipe2(wait, O_CLOEXEC));
	pid = TRY(fork());
	if (!pid) {
		TRY(close(wait[1]));
		be_target(said[1], wait[0]);
	}
	CHECK(TRY(read(said[0], &target, sizeof(target))) == sizeof(target));
	if (s->arg) {
		pid_t first = TRY(fork());
		int status;

		if (!first)
			_exit(insert_into(s, &target) ? EXIT_FAILURE : EXIT_SUCCESS);
		TRY(waitpid(first, &status, 0));
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
		end_target(pid, wait[1]);
		return 0;
	}
	if (insert_into(s, &target))
		return -1;
	end_target(pid, wait[1]);
	return 0;
}

/* Into a process that is no part of the command, and lives. */
static int play_foreign_living(const struct scene *s)
{
	FILE *file = fopen(path_in(dir, "target"), "re");
	struct target target;

	if (!file)
		SKIP("there is no target process");
	CHECK(fread(&target, sizeof(target), 1, file) == 1);
	fclose(file);
	return insert_into(s, &target);
}

#endif
