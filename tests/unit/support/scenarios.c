// SPDX-License-Identifier: GPL-2.0
#include <err.h>
#include <string.h>

#include "support/scenarios.h"

enum { LEAKED = 1, PLAIN = 2 };

void scenario__fault(struct capture_builder *m, struct fixture *a)
{
	uint32_t flags = a->flags, lru = a->flags & FT_PF_LRU;

	a->flags &= ~(FT_PF_LRU | FT_PF_ANON | FT_PF_MAPPING);
	capture__at(m, a, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap, 1, 0);
	a->flags = flags & ~FT_PF_LRU;
	a->entire = a->order ? 1 : 0;
	capture__at(m, a, FT_OP_RETURN, FT_HOOK_folio_add_new_anon_rmap, 1, 1);
	capture__at(m, a, FT_OP_ENTER, FT_HOOK_folio_add_lru, 1, 1);
	a->flags |= a->order ? lru : 0; /* a large folio does not stay in the batch */
	capture__at(m, a, FT_OP_RETURN, FT_HOOK_folio_add_lru, a->order ? 1 : 2, 1);
	a->flags = flags;
}

void scenario__unmap(struct capture_builder *m, struct fixture *a, int refs_left)
{
	unsigned int hook = a->order ? FT_HOOK_folio_remove_rmap_pmd :
				       FT_HOOK_folio_remove_rmap_ptes;

	capture__at(m, a, FT_OP_ENTER, hook, refs_left + 1, 1);
	a->entire = 0;
	capture__at(m, a, FT_OP_RETURN, hook, refs_left + 1, 0);
}

void scenario__die(struct capture_builder *m, struct fixture *a)
{
	uint32_t flags = a->flags;

	a->flags &= ~FT_PF_LRU;
	capture__value(m, a, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 0, FT_DIED_FREED, 0);
	a->flags = flags;
}

static void point(struct capture_builder *m, struct fixture *a, enum ft_checkpoint_at at,
		  int refcount, int mapcount)
{
	capture__value(m, a, FT_OP_CHECKPOINT, FT_HOOK___migrate_device_finalize, refcount,
		       mapcount, 0, (uint64_t)at | FT_CP_SRC_IS_DST);
}

/* migrate_vma_setup() of a THP: collected, unmapped, isolated. */
static void migrate_setup(struct capture_builder *m, struct fixture *a)
{
	a->flags |= FT_PF_LOCKED;
	capture__call(m, FT_HOOK_migrate_vma_setup, false, 0);
	capture__at(m, a, FT_OP_ENTER, FT_HOOK_set_pmd_migration_entry, 2, 1);
	a->entire = 0;
	capture__at(m, a, FT_OP_RETURN, FT_HOOK_set_pmd_migration_entry, 1, 0);
	capture__call(m, FT_HOOK_migrate_device_unmap, false, 0);
	capture__at(m, a, FT_OP_ENTER, FT_HOOK_folio_isolate_lru, 1, 0);
	a->flags &= ~FT_PF_LRU;
	capture__value(m, a, FT_OP_RETURN, FT_HOOK_folio_isolate_lru, 2, 0, 1, 0);
	capture__call(m, FT_HOOK_migrate_device_unmap, true, 1);
	capture__call(m, FT_HOOK_migrate_vma_setup, true, 0);
}

/* As tests/modules/split_fail makes it fail; lost: so many references taken for the split stay. */
static void migrate_and_fail(struct capture_builder *m, struct fixture *a, int lost)
{
	uint32_t flags = a->flags;

	migrate_setup(m, a);
	capture__call(m, FT_HOOK_migrate_vma_pages, false, 0);
	capture__call(m, FT_HOOK___migrate_device_pages, false, 0);
	capture__call(m, FT_HOOK_split_huge_pmd_address, false, 0);
	capture__call(m, FT_HOOK_split_huge_pmd_address, true, 77);
	capture__call(m, FT_HOOK___migrate_device_pages, true, 77);
	capture__call(m, FT_HOOK_migrate_vma_pages, true, 77);
	capture__call(m, FT_HOOK_migrate_vma_finalize, false, 0);
	point(m, a, FT_AT_FINALIZE_ENTRY, 1 + lost, 0);
	a->flags |= FT_PF_LRU;
	capture__at(m, a, FT_OP_RETURN, FT_HOOK_folio_add_lru, 1 + lost, 0);
	point(m, a, FT_AT_RMP_ENTRY, 1 + lost, 0);
	a->entire = 1;
	point(m, a, FT_AT_RMP_RETURN, 2 + lost, 1);
	a->flags = flags;
	point(m, a, FT_AT_FINALIZE_RETURN, 1 + lost, 1);
	capture__call(m, FT_HOOK_migrate_vma_finalize, true, 77);
}

/* Without fault injection: MADV_DONTNEED zapped the PMD in between. */
static void race(struct capture_builder *m)
{
	struct fixture a = capture__large(1, 512);
	uint32_t flags = a.flags;

	capture__meta(m);
	capture__task(m, FT_TASK_EXEC, 100, "thpmig");
	scenario__fault(m, &a);
	migrate_setup(m, &a);
	capture__call(m, FT_HOOK_migrate_vma_pages, false, 0);
	capture__call(m, FT_HOOK___migrate_device_pages, false, 0);
	capture__call(m, FT_HOOK_split_huge_pmd_address, false, 0);
	capture__call(m, FT_HOOK_split_huge_pmd_locked, false, 0);
	capture__call(m, FT_HOOK_split_huge_pmd_locked, true, 77);
	capture__call(m, FT_HOOK_split_huge_pmd_address, true, 77);
	capture__at(m, &a, FT_OP_ENTER, FT_HOOK_folio_split_unmapped, 2, 0);
	capture__value(m, &a, FT_OP_RETURN, FT_HOOK_folio_split_unmapped, 2, 0, -11, 0);
	capture__call(m, FT_HOOK___migrate_device_pages, true, 77);
	capture__call(m, FT_HOOK_migrate_vma_pages, true, 77);
	point(m, &a, FT_AT_FINALIZE_ENTRY, 2, 0);
	a.flags |= FT_PF_LRU;
	point(m, &a, FT_AT_RMP_ENTRY, 2, 0);
	point(m, &a, FT_AT_RMP_RETURN, 2, 0);
	a.flags = flags;
	point(m, &a, FT_AT_FINALIZE_RETURN, 1, 0);
	capture__rest(m, &a, 2, 1, 0);
	capture__end(m);
}

void scenario__seed(struct capture_builder *m, bool fixed)
{
	struct fixture a = capture__large(LEAKED, 512);

	capture__meta(m);
	capture__task(m, FT_TASK_NEW, 100, "folio-trace");
	capture__task(m, FT_TASK_EXEC, 100, "hmm-tests");
	scenario__fault(m, &a);
	migrate_and_fail(m, &a, !fixed);
	scenario__unmap(m, &a, !fixed);
	if (fixed) {
		scenario__die(m, &a);
	} else {
		capture__rest(m, &a, 3, 1, 0);
	}
}

static void seed_leak(struct capture_builder *m)
{
	scenario__seed(m, false);
	capture__end(m);
}

static void seed_fix(struct capture_builder *m)
{
	scenario__seed(m, true);
	capture__end(m);
}

/* SIGKILL in the middle of a frame. */
static void cut_off(struct capture_builder *m)
{
	size_t whole;

	scenario__seed(m, false);
	capture__flush(m);
	whole = m->size;
	scenario__seed(m, false);
	capture__flush(m);
	m->size = whole + 40;
}

/* The ring buffer was full during the unmap: gaps in seq show whose 2 records are lost. */
static void loss_tied(struct capture_builder *m)
{
	struct fixture a = capture__large(LEAKED, 512), b = capture__small(PLAIN, 7);

	capture__meta(m);
	capture__task(m, FT_TASK_EXEC, 100, "hmm-tests");
	scenario__fault(m, &b);
	scenario__unmap(m, &b, 0);
	scenario__die(m, &b);
	scenario__fault(m, &a);
	a.seq += 2;
	scenario__unmap(m, &a, 0);
	scenario__die(m, &a);
	m->loss = "{\"ring\": 2}";
	capture__end(m);
}

/* One record was lost without a gap in any folio's seq: it may be of any folio. */
static void loss_untied(struct capture_builder *m)
{
	struct fixture a = capture__small(PLAIN, 7);

	capture__meta(m);
	capture__task(m, FT_TASK_EXEC, 100, "hmm-tests");
	scenario__fault(m, &a);
	scenario__unmap(m, &a, 0);
	scenario__die(m, &a);
	m->loss = "{\"ring\": 1}";
	capture__end(m);
}

/* A THP is split into 512 folios; one of them keeps a reference. */
static void split_child_leak(struct capture_builder *m)
{
	struct fixture parent = capture__large(1, 1024);
	unsigned int i;

	capture__meta(m);
	capture__task(m, FT_TASK_EXEC, 100, "splitter");
	scenario__fault(m, &parent);
	parent.flags |= FT_PF_LOCKED;
	capture__at(m, &parent, FT_OP_ENTER, FT_HOOK___folio_split, 2, 1);
	capture__value(m, &parent, FT_OP_SPLIT, FT_HOOK___folio_split, 1, 0, 512, 0);
	for (i = 0; i < 512; i++) {
		struct fixture child = capture__small(2 + i, 1024 + i);
		bool leaks = i == 3;

		capture__value(m, &child, FT_OP_BORN, FT_HOOK___folio_split, i ? 1 : 2, 1, 1, 0);
		scenario__unmap(m, &child, leaks);
		if (leaks)
			capture__rest(m, &child, 2, 1, 0);
		else
			scenario__die(m, &child);
	}
	capture__end(m);
}

/* A page of libc: adopted, its count changes all the time, no surplus stays. */
static void adopted_clean(struct capture_builder *m)
{
	struct fixture a = capture__small(1, 50);

	a.flags = FT_PF_MAPPING | FT_PF_LRU | FT_PF_UPTODATE;
	a.mapping = 0xffff888000002000ULL;
	capture__meta(m);
	capture__task(m, FT_TASK_EXEC, 100, "cat");
	a.flags |= FT_PF_LOCKED;
	capture__at(m, &a, FT_OP_ADOPTED, FT_HOOK_folio_add_file_rmap_ptes, 33, 30);
	a.flags &= ~FT_PF_LOCKED;
	capture__at(m, &a, FT_OP_RETURN, FT_HOOK_folio_remove_rmap_ptes, 32, 30);
	capture__rest(m, &a, 1, 31, 30);
	capture__value(m, &a, FT_OP_SNAPSHOT, FT_HOOK_settle, 35, 34, 2, 0);
	capture__end(m);
}

static void overput(struct capture_builder *m)
{
	struct fixture a = capture__small(1, 60);

	capture__meta(m);
	capture__task(m, FT_TASK_EXEC, 100, "putter");
	scenario__fault(m, &a);
	capture__at(m, &a, FT_OP_ENTER, FT_HOOK_folio_putback_lru, 1, 1);
	capture__at(m, &a, FT_OP_RETURN, FT_HOOK_folio_putback_lru, 0, 1);
	capture__rest(m, &a, 2, 0, 1);
	capture__end(m);
}

/* A pipe holds a page while a task of the command is still running. */
static void pipe_held(struct capture_builder *m)
{
	struct fixture a = capture__small(1, 70);

	capture__meta(m);
	capture__task(m, FT_TASK_EXEC, 100, "splicer");
	scenario__fault(m, &a);
	capture__rest(m, &a, 2, 2, 1);
	m->tasks_left = 1;
	capture__end(m);
}

/* tests/debuginfo.sh builds the vmlinux and the module for these: two functions of one
 * name, in a kernel that KASLR moved by 0x19000000. */
#define DEBUG_SYMBOLS                                                                                   \
	"{\"sites\": [{\"id\": 1, \"function\": \"twin\", \"offset\": 8,"                               \
	"\"address\": \"0xffffffff9a003008\"},"                                                         \
	"{\"id\": 2, \"function\": \"demo_zap\", \"offset\": 8, \"address\": \"0xffffffff9a001008\"}]," \
	"\"stext\": \"0xffffffff9a000000\","                                                            \
	"\"modules\": [{\"module\": \"demo_mod\", \"build_id\": \"c0ffee0123456789\"}],"                \
	"\"frames\": [{\"address\": \"0xffffffff9a003009\", \"function\": \"twin\", \"offset\": 9},"    \
	"{\"address\": \"0xffffffffc0000005\", \"function\": \"demo_ioctl\", \"offset\": 5,"            \
	"\"module\": \"demo_mod\"},"                                                                    \
	"{\"address\": \"0xffffffff9a002005\", \"function\": \"twin\", \"offset\": 5}]}"

static void debug_lines(struct capture_builder *m)
{
	const uint64_t frames[] = { 0xffffffff9a003009, 0xffffffffc0000005, 0xffffffff9a002005 };
	struct fixture a = capture__small(LEAKED, 1024);

	m->source = "inline";
	capture__meta(m);
	capture__stack(m, 1, frames, 3);
	capture__at(m, &a, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap, 1, 0);
	capture__at(m, &a, FT_OP_RETURN, FT_HOOK_folio_add_new_anon_rmap, 1, 1);
	capture__op_of(m, &a, FT_OP_GET, FT_SRC_INLINE, 1, 1, 1);
	a.mapcount = 0;
	capture__op_of(m, &a, FT_OP_PUT, FT_SRC_INLINE, 2, -1, 0);
	capture__rest(m, &a, 2, 1, 0);
	capture__flush(m);
	capture__symbols(m, DEBUG_SYMBOLS);
	capture__end(m);
}

/* An over-put while it is mapped: freed in use. */
static void freed_mapped(struct capture_builder *m)
{
	struct fixture a = capture__small(1, 61);

	capture__meta(m);
	capture__task(m, FT_TASK_EXEC, 100, "putter");
	scenario__fault(m, &a);
	capture__at(m, &a, FT_OP_RETURN, FT_HOOK_folio_putback_lru, 1, 1);
	capture__value(m, &a, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 1, FT_DIED_FREED, 0);
	capture__end(m);
}

/* free_unref_page() of a page with a reference that was not put yet. */
static void freed_held(struct capture_builder *m)
{
	struct fixture a = capture__small(1, 62);

	capture__meta(m);
	capture__task(m, FT_TASK_EXEC, 100, "driver");
	scenario__fault(m, &a);
	scenario__unmap(m, &a, 1);
	capture__value(m, &a, FT_OP_DIED, FT_HOOK_mm_page_free, 1, 0, FT_DIED_FREED, 0);
	capture__end(m);
}

#define DRIVER                                                                                     \
	"{\"sites\": [{\"id\": 1, \"function\": \"drv_take\", \"offset\": 16},"                    \
	"{\"id\": 2, \"function\": \"drv_release\", \"offset\": 32},"                              \
	"{\"id\": 3, \"function\": \"drv_peek\", \"offset\": 48}]}"

enum { TAKE = 1, RELEASE, PEEK };

/* A page mapped once, with a get by a driver; of an exact source. */
static struct fixture driver(struct capture_builder *m)
{
	struct fixture a = capture__small(1, 63);

	m->source = "inline";
	a.flags |= FT_PF_LRU;
	capture__meta(m);
	capture__symbols(m, DRIVER);
	capture__task(m, FT_TASK_EXEC, 100, "driver");
	capture__at(m, &a, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap, 1, 0);
	capture__at(m, &a, FT_OP_RETURN, FT_HOOK_folio_add_new_anon_rmap, 1, 1);
	capture__op(m, &a, FT_OP_GET, TAKE, 1);
	return a;
}

/* The lost reference is found while the folio is still in use. */
static void surplus_in_use(struct capture_builder *m)
{
	struct fixture a = driver(m);

	capture__rest(m, &a, 2, a.refcount, 1);
	capture__end(m);
}

static void two_lost(struct capture_builder *m)
{
	struct fixture a = driver(m);

	capture__op(m, &a, FT_OP_GET, TAKE, 1);
	capture__op(m, &a, FT_OP_PUT, RELEASE, -1);
	capture__op(m, &a, FT_OP_GET, PEEK, 1);
	capture__rest(m, &a, 2, a.refcount, 1);
	capture__end(m);
}

/* A put that no probe saw: sum and count differ, and no record was lost. */
static void conservation_broken(struct capture_builder *m)
{
	struct fixture a = driver(m);

	capture__op(m, &a, FT_OP_GET, PEEK, 1);
	a.refcount--;
	capture__op(m, &a, FT_OP_PUT, RELEASE, -1);
	capture__rest(m, &a, 2, a.refcount, 1);
	capture__end(m);
}

/* Of one page a pin is 1024 references. */
static void probably_pinned(struct capture_builder *m)
{
	struct fixture a = capture__small(1, 64);

	capture__meta(m);
	capture__task(m, FT_TASK_EXEC, 100, "pinner");
	scenario__fault(m, &a);
	capture__rest(m, &a, 2, 1 + 2 * 1024, 1);
	capture__end(m);
}

/* A page without a known owner, and one that became a page table. */
static void not_judged(struct capture_builder *m)
{
	struct fixture a = capture__small(1, 65), b = capture__small(2, 66);

	capture__meta(m);
	capture__task(m, FT_TASK_EXEC, 100, "driver");
	a.flags = FT_PF_UPTODATE;
	capture__at(m, &a, FT_OP_ADOPTED, FT_HOOK_folio_add_lru, 3, 0);
	capture__rest(m, &a, 2, 3, 0);
	b.flags = FT_PF_TYPED;
	capture__at(m, &b, FT_OP_ADOPTED, FT_HOOK_folio_add_lru, 1, 0);
	capture__rest(m, &b, 2, 1, 0);
	capture__end(m);
}

const struct scenario scenarios[] = {
	{ "seed-leak", seed_leak },
	{ "seed-fix", seed_fix },
	{ "race", race },
	{ "cut-off", cut_off },
	{ "loss-tied", loss_tied },
	{ "loss-untied", loss_untied },
	{ "split-child-leak", split_child_leak },
	{ "adopted-clean", adopted_clean },
	{ "overput", overput },
	{ "pipe-held", pipe_held },
	{ "debug-lines", debug_lines },
	{ "freed-mapped", freed_mapped },
	{ "freed-held", freed_held },
	{ "surplus-in-use", surplus_in_use },
	{ "two-lost", two_lost },
	{ "conservation-broken", conservation_broken },
	{ "probably-pinned", probably_pinned },
	{ "not-judged", not_judged },
	{ "owners", scenario__owners },
};
const size_t nr_scenarios = sizeof(scenarios) / sizeof(*scenarios);

void scenario__build(const char *name, struct capture_builder *m)
{
	size_t i;

	for (i = 0; i < nr_scenarios; i++)
		if (!strcmp(scenarios[i].name, name)) {
			scenarios[i].record(m);
			return;
		}
	errx(1, "no scenario %s", name);
}
