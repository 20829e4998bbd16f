// SPDX-License-Identifier: GPL-2.0
/*
 * zoo: has /dev/folio_zoo (tests/modules/folio_zoo) do its scenes, each in a
 * process of its own.  In DIR, a tmpfs whose DIR/huge is one with huge pages, are
 * pages that exist before and after; DISK is a file system on a block device.
 *
 *   zoo list                    the scenes' names
 *   zoo setup DIR DISK          before the run: files, and references that scenes take away
 *   zoo target DIR              a process to insert pages into; stays
 *   zoo run DIR DISK [NAME...]  these scenes, or all; a line each: ok, skipped or failed
 *   zoo repair                  after the run: all references are as they should be
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "../modules/folio_zoo/abi.h"
#include "hugepool.h"
#include "workload.h"

#define DEVICE "/dev/folio_zoo"
#define HOLD_MS 1000

static const char *dir, *disk;
static int device; /* of the process that plays */

enum memory { NONE, SMALL, HUGE, PTE, HUGETLB, SHMEM, DISK_FILE, KEPT, KEPT_HUGE };

struct scene {
	const char *name;
	int (*play)(const struct scene *s);
	enum zoo_scene does;
	enum memory memory;
	unsigned int pages;
	enum zoo_who who;
	bool good;
	unsigned long arg;
	unsigned int guards, pins; /* of its kept page, from before the run */
};

extern const struct scene scenes[];
extern const size_t n_scenes;

static size_t index_of(const struct scene *s)
{
	return s - scenes;
}

/*
 * A scene's pages of the kept files: the one that it uses, and another one.
 */
static size_t kept_page(const struct scene *s, bool other)
{
	return 2 * index_of(s) + other;
}

static char *path_in(const char *where, const char *name)
{
	static char path[256];

	CHECK(snprintf(path, sizeof(path), "%s/%s", where, name) < (int)sizeof(path));
	return path;
}

/* Its own file on the disk. */
static int open_disk_file(const struct scene *s, int flags)
{
	return TRY(open(path_in(disk, s->name), flags | O_RDWR | O_CLOEXEC, 0600));
}

static int open_kept(bool huge)
{
	return TRY(open(path_in(dir, huge ? "huge/pages" : "pages"), O_RDWR | O_CREAT | O_CLOEXEC,
			0600));
}

static char *reserve_aligned(size_t len)
{
	char *at = TRY(mmap(NULL, len + THP, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	return (char *)(((uintptr_t)at + THP - 1) & ~(THP - 1));
}

static char *map_kept(const struct scene *s, bool other)
{
	bool huge = s->memory == KEPT_HUGE;
	size_t len = huge ? THP : PAGE;
	int fd = open_kept(huge);
	off_t at = kept_page(s, other) * len;
	char *kept = TRY(mmap(reserve_aligned(len), len, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_FIXED, fd, at));

	TRY(close(fd));
	return kept;
}

static char *map_huge(size_t len)
{
	len = (len + THP - 1) & ~(THP - 1);
	char *at = TRY(mmap(reserve_aligned(len), len, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));

	TRY(madvise(at, len, MADV_HUGEPAGE));
	pattern__fill(at, len, 1);
	return at;
}

static char *map_hugetlb(void)
{
	char *at = mmap(NULL, THP, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (at == MAP_FAILED)
		SKIP("no free huge page");
	pattern__fill(at, THP, 1);
	return at;
}

static char *map_shmem(size_t len)
{
	int fd = TRY(memfd_create("zoo", MFD_CLOEXEC));
	char *at;

	TRY(ftruncate(fd, len));
	at = TRY(mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	TRY(close(fd));
	pattern__fill(at, len, 1);
	return at;
}

static char *map_disk_file(const struct scene *s, size_t len)
{
	int fd = open_disk_file(s, 0);
	char *at = TRY(mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0));

	TRY(close(fd));
	return at;
}

static char *make_memory(const struct scene *s)
{
	size_t len = s->pages * PAGE;
	char *at;

	switch (s->memory) {
	case NONE:
		break;
	case SMALL:
		at = memory__map_small(len);
		pattern__fill(at, len, 1);
		return at;
	case HUGE:
		return map_huge(len);
	case PTE:
		/* Other rights for one page split the PMD, and leave the folio whole. */
		at = map_huge(THP);
		TRY(mprotect(at + THP - PAGE, PAGE, PROT_READ));
		return at;
	case HUGETLB:
		return map_hugetlb();
	case SHMEM:
		return map_shmem(len);
	case DISK_FILE:
		return map_disk_file(s, len);
	case KEPT:
	case KEPT_HUGE:
		at = map_kept(s, false);
		*(volatile char *)at = 1;
		return at;
	}
	return NULL;
}

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

#define SCENE(the_name, how, what, where, n, ...)                                                  \
	{                                                                                          \
		.name = the_name, .play = how, .does = what, .memory = where, .pages = n,          \
		__VA_ARGS__                                                                        \
	}

/* In the order they are played: those that are over soon after the end come last. */
const struct scene scenes[] = {
	SCENE("pin:small:1", play_memory, ZOO_PIN, SMALL, 1),
	SCENE("pin:small:512", play_memory, ZOO_PIN, SMALL, 512),
	SCENE("pin:small:8192", play_memory, ZOO_PIN, SMALL, 8192),
	SCENE("pin:thp:1", play_memory, ZOO_PIN, HUGE, 1),
	SCENE("pin:thp:512", play_memory, ZOO_PIN, HUGE, 512),
	SCENE("pin:thp:8192", play_memory, ZOO_PIN, HUGE, 8192),
	SCENE("pin:pte:1", play_memory, ZOO_PIN, PTE, 1),
	SCENE("pin:pte:256", play_memory, ZOO_PIN, PTE, 256),
	SCENE("pin:hugetlb:1", play_memory, ZOO_PIN, HUGETLB, 1),
	SCENE("pin:hugetlb:512", play_memory, ZOO_PIN, HUGETLB, 512),
	SCENE("pin:shmem:1", play_memory, ZOO_PIN, SHMEM, 1),
	SCENE("pin:shmem:16", play_memory, ZOO_PIN, SHMEM, 16),
	SCENE("pin:file:1", play_file_pins, ZOO_PIN, DISK_FILE, 1),
	SCENE("pin:file:16", play_file_pins, ZOO_PIN, DISK_FILE, 16),
	SCENE("pin:small:512:good", play_memory, ZOO_PIN, SMALL, 512, .good = true),
	SCENE("pin:thp:512:good", play_memory, ZOO_PIN, HUGE, 512, .good = true),
	SCENE("pin:pte:256:good", play_memory, ZOO_PIN, PTE, 256, .good = true),
	SCENE("pin:hugetlb:512:good", play_memory, ZOO_PIN, HUGETLB, 512, .good = true),
	SCENE("pin:shmem:16:good", play_memory, ZOO_PIN, SHMEM, 16, .good = true),
	SCENE("pin:file:16:good", play_file_pins, ZOO_PIN, DISK_FILE, 16, .good = true),
	SCENE("pin:small:1:worker:good", play_memory, ZOO_PIN, SMALL, 1, .who = ZOO_WORKER, .good = true),
	SCENE("pin:small:1:kthread:good", play_memory, ZOO_PIN, SMALL, 1, .who = ZOO_KTHREAD, .good = true),
	SCENE("pin:small:1:timer:good", play_memory, ZOO_PIN, SMALL, 1, .who = ZOO_TIMER, .good = true),
	SCENE("unpin_part", play_memory, ZOO_UNPIN_PART, HUGE, 512),
	SCENE("unpin_part:worker", play_memory, ZOO_UNPIN_PART, HUGE, 512, .who = ZOO_WORKER),
	SCENE("unpin_part:good", play_memory, ZOO_UNPIN_PART, HUGE, 512, .good = true),
	SCENE("unpin_over", play_memory, ZOO_UNPIN_OVER, KEPT_HUGE, 1, .pins = 1),
	SCENE("unpin_over:kthread", play_memory, ZOO_UNPIN_OVER, KEPT_HUGE, 1, .who = ZOO_KTHREAD, .pins = 1),
	SCENE("unpin_over:good", play_memory, ZOO_UNPIN_OVER, KEPT_HUGE, 1, .good = true, .pins = 1),
	SCENE("pin_put:small", play_memory, ZOO_PIN_PUT, SMALL, 1),
	SCENE("pin_put:thp", play_memory, ZOO_PIN_PUT, KEPT_HUGE, 1, .guards = 1),
	SCENE("pin_enomem", play_enomem, ZOO_PIN_ENOMEM, SMALL, 32),
	SCENE("pin_enomem:good", play_enomem, ZOO_PIN_ENOMEM, SMALL, 32, .good = true),
	SCENE("batch_fail:0", play_enomem, ZOO_BATCH_FAIL, SMALL, 256),
	SCENE("batch_fail:3", play_enomem, ZOO_BATCH_FAIL, SMALL, 256, .arg = 3),
	SCENE("batch_fail:3:good", play_enomem, ZOO_BATCH_FAIL, SMALL, 256, .good = true, .arg = 3),
	SCENE("merge", play_memory, ZOO_MERGE, SMALL, 1),
	SCENE("merge:worker", play_memory, ZOO_MERGE, SMALL, 1, .who = ZOO_WORKER),
	SCENE("merge:kthread", play_memory, ZOO_MERGE, SMALL, 1, .who = ZOO_KTHREAD),
	SCENE("merge:timer", play_memory, ZOO_MERGE, SMALL, 1, .who = ZOO_TIMER),
	SCENE("merge:good", play_memory, ZOO_MERGE, SMALL, 1, .good = true),
	SCENE("merge:worker:good", play_memory, ZOO_MERGE, SMALL, 1, .who = ZOO_WORKER, .good = true),
	SCENE("merge:kthread:good", play_memory, ZOO_MERGE, SMALL, 1, .who = ZOO_KTHREAD, .good = true),
	SCENE("merge:timer:good", play_memory, ZOO_MERGE, SMALL, 1, .who = ZOO_TIMER, .good = true),
	SCENE("wrong_head", play_memory, ZOO_WRONG_HEAD, KEPT, 1, .guards = ZOO_WRONG),
	SCENE("wrong_head:good", play_memory, ZOO_WRONG_HEAD, KEPT, 1, .good = true, .guards = 1),
	SCENE("per_page_put", play_memory, ZOO_PER_PAGE_PUT, KEPT_HUGE, 1, .guards = ZOO_PER_PAGE),
	SCENE("per_page_put:good", play_memory, ZOO_PER_PAGE_PUT, KEPT_HUGE, 1, .good = true),
	SCENE("consumed_then_put", play_memory, ZOO_CONSUMED_THEN_PUT, KEPT, 1, .guards = 1),
	SCENE("consumed_then_put:worker", play_memory, ZOO_CONSUMED_THEN_PUT, KEPT, 1, .who = ZOO_WORKER, .guards = 1),
	SCENE("consumed_then_put:anon", play_guarded_by_thread, ZOO_CONSUMED_THEN_PUT, SMALL, 1),
	SCENE("consumed_then_put:good", play_memory, ZOO_CONSUMED_THEN_PUT, KEPT, 1, .good = true),
	SCENE("replace_put", play_kept_lookup, ZOO_REPLACE_PUT, KEPT, 1, .who = ZOO_KTHREAD, .guards = 1),
	SCENE("replace_put:worker", play_kept_lookup, ZOO_REPLACE_PUT, KEPT, 1, .who = ZOO_WORKER, .guards = 1),
	SCENE("replace_put:timer", play_kept_lookup, ZOO_REPLACE_PUT, KEPT, 1, .who = ZOO_TIMER, .guards = 1),
	SCENE("replace_put:mapped", play_kept_lookup, ZOO_REPLACE_PUT, KEPT, 1, .who = ZOO_KTHREAD, .arg = 1, .guards = 1),
	SCENE("replace_put:good", play_kept_lookup, ZOO_REPLACE_PUT, KEPT, 1, .who = ZOO_KTHREAD, .good = true, .guards = 1),
	SCENE("lookup_cold", play_lookup, ZOO_LOOKUP_COLD, NONE, 1),
	SCENE("lookup_cold:good", play_lookup, ZOO_LOOKUP_COLD, NONE, 1, .good = true),
	SCENE("lookup_cached", play_lookup, ZOO_LOOKUP_CACHED, NONE, 1),
	SCENE("lookup_cached:good", play_lookup, ZOO_LOOKUP_CACHED, NONE, 1, .good = true),
	SCENE("sb_read", play_sb_read, ZOO_SB_READ, NONE, 1, .arg = 64),
	SCENE("sb_read:good", play_sb_read, ZOO_SB_READ, NONE, 1, .good = true, .arg = 128),
	SCENE("isolate:small", play_memory, ZOO_ISOLATE, SMALL, 1),
	SCENE("isolate:thp", play_memory, ZOO_ISOLATE, HUGE, 1),
	SCENE("isolate:small:good", play_memory, ZOO_ISOLATE, SMALL, 1, .good = true),
	SCENE("isolate:thp:good", play_memory, ZOO_ISOLATE, HUGE, 1, .good = true),
	SCENE("reclaim_twin", play_memory, ZOO_RECLAIM_TWIN, SMALL, 1),
	SCENE("reclaim_twin:locked", play_memory, ZOO_RECLAIM_TWIN, SMALL, 1, .arg = 1),
	SCENE("reclaim_twin:good", play_memory, ZOO_RECLAIM_TWIN, SMALL, 1, .good = true),
	SCENE("insert_page", play_map, ZOO_INSERT_PAGE, NONE, 1),
	SCENE("insert_page_kept", play_map, ZOO_INSERT_PAGE_KEPT, NONE, 1),
	SCENE("pmd_mixed:part", play_map, ZOO_PMD_MIXED, NONE, 512, .arg = 1),
	SCENE("pmd_mixed:whole", play_map, ZOO_PMD_MIXED, NONE, 512),
	SCENE("pfnmap_page", play_map, ZOO_PFNMAP_PAGE, NONE, 1),
	SCENE("insert_foreign:target_first", play_foreign, ZOO_INSERT_FOREIGN, KEPT, 1),
	SCENE("insert_foreign:target_last", play_foreign, ZOO_INSERT_FOREIGN, KEPT, 1, .arg = 1),
	SCENE("insert_foreign:living", play_foreign_living, ZOO_INSERT_FOREIGN, KEPT, 1),
	SCENE("hugezero_put", play_hugezero, ZOO_HUGEZERO_PUT, NONE, 1),
	SCENE("hugezero_put:good", play_hugezero, ZOO_HUGEZERO_PUT, NONE, 1, .good = true),
	SCENE("get_after_free", play_freed, ZOO_GET_AFTER_FREE, SMALL, 1),
	SCENE("free_held", play_freed, ZOO_FREE_HELD, SMALL, 1),
	SCENE("free_held:good", play_freed, ZOO_FREE_HELD, SMALL, 1, .good = true),
	SCENE("hold:caller:ever", play_memory, ZOO_HOLD, SMALL, 1),
	SCENE("hold:worker:ever", play_memory, ZOO_HOLD, SMALL, 1, .who = ZOO_WORKER),
	SCENE("hold:kthread:ever", play_memory, ZOO_HOLD, SMALL, 1, .who = ZOO_KTHREAD),
	SCENE("hold:caller:while", play_memory, ZOO_HOLD, SMALL, 1, .arg = HOLD_MS),
	SCENE("hold:worker:while", play_memory, ZOO_HOLD, SMALL, 1, .who = ZOO_WORKER, .arg = HOLD_MS),
	SCENE("hold:kthread:while", play_memory, ZOO_HOLD, SMALL, 1, .who = ZOO_KTHREAD, .arg = HOLD_MS),
};

const size_t n_scenes = ARRAY_SIZE(scenes);

static void fill_disk_file(const struct scene *s)
{
	char page[PAGE] = { 1 };
	int fd = open_disk_file(s, O_CREAT);

	for (unsigned int i = 0; i < s->pages; i++)
		CHECK(TRY(write(fd, page, PAGE)) == PAGE);
	TRY(fsync(fd));
	errno = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	CHECK(!errno);
	if (s->does != ZOO_LOOKUP_COLD)
		CHECK(TRY(pread(fd, page, 1, 0)) == 1);
	TRY(close(fd));
}

/* The file page that outlives the run; so do references on it that the scene takes away. */
static void keep_page(const struct scene *s)
{
	struct zoo_call guard = { .scene = ZOO_GUARD, .arg = s->guards, .other = s->pins };
	bool others = s->does == ZOO_WRONG_HEAD;
	char *at = map_kept(s, false);

	strcpy(guard.name, s->name);
	*(volatile char *)at = 1;
	if (others) {
		at = map_kept(s, true);
		*(volatile char *)at = 1;
	}
	guard.at = (uintptr_t)at;
	guard.slot = kept_page(s, true);
	TRY(ioctl(device, ZOO_RUN, &guard));
}

static void guard_hugezero(void)
{
	struct zoo_call guard = { .scene = ZOO_GUARD_HUGEZERO, .name = "hugezero_put" };
	char *at = memory__map_thp();

	CHECK(!*(volatile char *)at);
	if (ioctl(device, ZOO_RUN, &guard) && errno != EOPNOTSUPP)
		DIE("ZOO_GUARD_HUGEZERO");
}

static void set_up(void)
{
	struct hugepool pool;

	TRY(ftruncate(open_kept(false), kept_page(scenes + n_scenes, false) * PAGE));
	TRY(ftruncate(open_kept(true), kept_page(scenes + n_scenes, false) * THP));
	for (const struct scene *s = scenes; s < scenes + n_scenes; s++) {
		if (s->memory == KEPT || s->memory == KEPT_HUGE)
			keep_page(s);
		else if (s->memory == DISK_FILE || s->play == play_lookup)
			fill_disk_file(s);
	}
	guard_hugezero();
	hugepool__grow(&pool, 3);
}

static void stay_as_target(void)
{
	struct target target = make_target();
	FILE *file = fopen(path_in(dir, "target.new"), "we");
	char name[256];

	CHECK(file && fwrite(&target, sizeof(target), 1, file) == 1 && !fclose(file));
	strcpy(name, path_in(dir, "target.new"));
	TRY(rename(name, path_in(dir, "target")));
	for (;;)
		pause();
}

static void play(void *arg)
{
	const struct scene *s = arg;

	device = TRY(open(DEVICE, O_RDWR | O_CLOEXEC));
	if (s->play(s))
		DIE(s->name);
}

static int play_in_child(const struct scene *s)
{
	int status;
	pid_t pid = TRY(fork());

	if (!pid) {
		play((void *)s);
		_exit(EXIT_SUCCESS);
	}
	TRY(waitpid(pid, &status, 0));
	status = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
	printf("%s %s\n", status == EXIT_SUCCESS ? "ok" : status == EXIT_SKIP ? "skipped" : "failed",
	       s->name);
	fflush(stdout);
	return status == EXIT_FAILURE;
}

static bool is_chosen(const struct scene *s, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strcmp(*names, s->name))
			return true;
	return false;
}

static int run(char **names)
{
	int failed = 0;

	for (const struct scene *s = scenes; s < scenes + n_scenes; s++)
		if (is_chosen(s, names))
			failed |= play_in_child(s);
	return failed;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	dir = argc > 2 ? argv[2] : NULL;
	disk = argc > 3 ? argv[3] : NULL;
	if (!strcmp(verb, "list")) {
		for (size_t i = 0; i < n_scenes; i++)
			puts(scenes[i].name);
		return EXIT_SUCCESS;
	}
	if (!strcmp(verb, "run") && disk)
		return run(argv + 4);
	if (!strcmp(verb, "target") && dir)
		stay_as_target();
	device = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (device < 0)
		SKIP(DEVICE ": no such module");
	if (!strcmp(verb, "repair"))
		return TRY(ioctl(device, ZOO_REPAIR));
	if (strcmp(verb, "setup") || !disk)
		USAGE("zoo list | setup DIR DISK | target DIR | run DIR DISK [NAME...] | repair");
	set_up();
	return EXIT_SUCCESS;
}
