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
#include "hugepool.h"
#include "zoo_play.h"

#define HOLD_MS 1000

/* clang-format off */
#define SCENE(id, how, what, where, n, ...)                                                        \
	{ .name = id, .play = how, .does = what, .memory = where, .pages = n, __VA_ARGS__ }
/* clang-format on */

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
	SCENE("pin:small:1:worker:good", play_memory, ZOO_PIN, SMALL, 1, .who = ZOO_WORKER,
	      .good = true),
	SCENE("pin:small:1:kthread:good", play_memory, ZOO_PIN, SMALL, 1, .who = ZOO_KTHREAD,
	      .good = true),
	SCENE("pin:small:1:timer:good", play_memory, ZOO_PIN, SMALL, 1, .who = ZOO_TIMER,
	      .good = true),
	SCENE("unpin_part", play_memory, ZOO_UNPIN_PART, HUGE, 512),
	SCENE("unpin_part:worker", play_memory, ZOO_UNPIN_PART, HUGE, 512, .who = ZOO_WORKER),
	SCENE("unpin_part:good", play_memory, ZOO_UNPIN_PART, HUGE, 512, .good = true),
	SCENE("unpin_over", play_memory, ZOO_UNPIN_OVER, KEPT_HUGE, 1, .pins = 1),
	SCENE("unpin_over:kthread", play_memory, ZOO_UNPIN_OVER, KEPT_HUGE, 1, .who = ZOO_KTHREAD,
	      .pins = 1),
	SCENE("unpin_over:good", play_memory, ZOO_UNPIN_OVER, KEPT_HUGE, 1, .good = true,
	      .pins = 1),
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
	SCENE("merge:worker:good", play_memory, ZOO_MERGE, SMALL, 1, .who = ZOO_WORKER,
	      .good = true),
	SCENE("merge:kthread:good", play_memory, ZOO_MERGE, SMALL, 1, .who = ZOO_KTHREAD,
	      .good = true),
	SCENE("merge:timer:good", play_memory, ZOO_MERGE, SMALL, 1, .who = ZOO_TIMER, .good = true),
	SCENE("wrong_head", play_two_pages, ZOO_WRONG_HEAD, KEPT, 1, .guards = ZOO_WRONG),
	SCENE("wrong_head:good", play_two_pages, ZOO_WRONG_HEAD, KEPT, 1, .good = true,
	      .guards = 1),
	SCENE("per_page_put", play_memory, ZOO_PER_PAGE_PUT, KEPT_HUGE, 1, .guards = ZOO_PER_PAGE),
	SCENE("per_page_put:good", play_memory, ZOO_PER_PAGE_PUT, KEPT_HUGE, 1, .good = true),
	SCENE("consumed_then_put", play_memory, ZOO_CONSUMED_THEN_PUT, KEPT, 1, .guards = 1),
	SCENE("consumed_then_put:worker", play_memory, ZOO_CONSUMED_THEN_PUT, KEPT, 1,
	      .who = ZOO_WORKER, .guards = 1),
	SCENE("consumed_then_put:anon", play_guarded_by_thread, ZOO_CONSUMED_THEN_PUT, SMALL, 1),
	SCENE("consumed_then_put:good", play_memory, ZOO_CONSUMED_THEN_PUT, KEPT, 1, .good = true),
	SCENE("replace_put", play_kept_lookup, ZOO_REPLACE_PUT, KEPT, 1, .who = ZOO_KTHREAD,
	      .guards = 1),
	SCENE("replace_put:worker", play_kept_lookup, ZOO_REPLACE_PUT, KEPT, 1, .who = ZOO_WORKER,
	      .guards = 1),
	SCENE("replace_put:timer", play_kept_lookup, ZOO_REPLACE_PUT, KEPT, 1, .who = ZOO_TIMER,
	      .guards = 1),
	SCENE("replace_put:mapped", play_kept_lookup, ZOO_REPLACE_PUT, KEPT, 1, .who = ZOO_KTHREAD,
	      .arg = 1, .guards = 1),
	SCENE("replace_put:good", play_kept_lookup, ZOO_REPLACE_PUT, KEPT, 1, .who = ZOO_KTHREAD,
	      .good = true, .guards = 1),
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
	SCENE("free_held", play_freed, ZOO_FREE_HELD, SMALL, 1),
	SCENE("free_held:good", play_freed, ZOO_FREE_HELD, SMALL, 1, .good = true),
	SCENE("hold:caller:ever", play_memory, ZOO_HOLD, SMALL, 1),
	SCENE("hold:worker:ever", play_memory, ZOO_HOLD, SMALL, 1, .who = ZOO_WORKER),
	SCENE("hold:kthread:ever", play_memory, ZOO_HOLD, SMALL, 1, .who = ZOO_KTHREAD),
	SCENE("hold:caller:while", play_memory, ZOO_HOLD, SMALL, 1, .arg = HOLD_MS),
	SCENE("hold:worker:while", play_memory, ZOO_HOLD, SMALL, 1, .who = ZOO_WORKER,
	      .arg = HOLD_MS),
	SCENE("hold:kthread:while", play_memory, ZOO_HOLD, SMALL, 1, .who = ZOO_KTHREAD,
	      .arg = HOLD_MS),
	/* last, as the next owner of its page would be taken for the one that it was freed by */
	SCENE("get_after_free", play_freed, ZOO_GET_AFTER_FREE, SMALL, 1),
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
	printf("%s %s\n",
	       status == EXIT_SUCCESS ? "ok" :
	       status == EXIT_SKIP    ? "skipped" :
					"failed",
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
