// SPDX-License-Identifier: GPL-2.0
/* Verdicts: who is accused, who never is, and for which reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/scenarios.h"
#include "support/verdict_text.h"

#define FILE_LRU (FT_PF_MAPPING | FT_PF_UPTODATE | FT_PF_LRU)
#define DEVICE(type) (FT_PF_ZONE_DEVICE | (uint32_t)(type) << FT_PF_DEVICE_SHIFT)

/* One folio that lives to the end: what it is, and what it is read as there. */
struct ending {
	const char *what;
	uint8_t order;
	uint32_t flags;
	int32_t refcount, mapcount, pincount;
	enum ft_verdict verdict;
	struct ft_reason because;
};

static const struct ending endings[] = {
	{ "mapped", 0, ANON | FT_PF_LRU, 1, 1, 0, FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
	{ "unmapped, one left", 0, ANON | FT_PF_LRU, 1, 0, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 1, 0, 1) },
	{ "mapped, one too many", 0, ANON | FT_PF_LRU, 2, 1, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 2, 1, 1) },
	{ "two left", 0, ANON | FT_PF_LRU, 2, 0, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 2, 0, 2) },
	{ "in a batch or isolated", 0, ANON, 2, 1, 0, FT_VERDICT_INCONCLUSIVE,
	  BECAUSE(FT_REASON_NOT_ON_LRU) },
	{ "isolated cannot explain two", 0, ANON, 3, 1, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 3, 1, 2) },
	{ "mlocked, off the list", 0, ANON | FT_PF_MLOCKED, 2, 1, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 2, 1, 1) },
	{ "unevictable, off the list", 0, ANON | FT_PF_UNEVICTABLE, 2, 1, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 2, 1, 1) },
	{ "locked", 0, ANON | FT_PF_LRU | FT_PF_LOCKED, 2, 1, 0, FT_VERDICT_INCONCLUSIVE,
	  BECAUSE(FT_REASON_LOCKED) },
	{ "writeback", 0, FILE_LRU | FT_PF_WRITEBACK, 3, 1, 0, FT_VERDICT_INCONCLUSIVE,
	  BECAUSE(FT_REASON_WRITEBACK) },
	{ "writeback, nothing too many", 0, FILE_LRU | FT_PF_WRITEBACK, 2, 1, 0,
	  FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
	{ "poisoned", 0, ANON | FT_PF_HWPOISON, 1, 0, 0, FT_VERDICT_BALANCED,
	  BECAUSE(FT_REASON_NONE) },
	{ "poisoned, and one more", 0, ANON | FT_PF_HWPOISON | FT_PF_LRU, 2, 0, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 2, 0, 2) },
	{ "pinned", 0, ANON | FT_PF_LRU, 1025, 1, 0, FT_VERDICT_INCONCLUSIVE,
	  BECAUSE(FT_REASON_PROBABLY_PINNED, 1, 1024) },
	{ "pinned thrice and got", 0, ANON | FT_PF_LRU, 3074, 1, 0, FT_VERDICT_INCONCLUSIVE,
	  BECAUSE(FT_REASON_PROBABLY_PINNED, 3, 1024) },
	{ "swap cache", 0, ANON | FT_PF_LRU | FT_PF_SWAPCACHE, 2, 1, 0, FT_VERDICT_BALANCED,
	  BECAUSE(FT_REASON_NONE) },
	{ "THP", 9, ANON | FT_PF_LRU | FT_PF_LARGE, 1, 1, 0, FT_VERDICT_BALANCED,
	  BECAUSE(FT_REASON_NONE) },
	{ "THP, pins seen", 9, ANON | FT_PF_LRU | FT_PF_LARGE, 3, 1, 2, FT_VERDICT_BALANCED,
	  BECAUSE(FT_REASON_NONE) },
	{ "THP, the seed's end", 9, ANON | FT_PF_LRU | FT_PF_LARGE, 1, 0, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 1, 0, 1) },
	{ "THP never rests in a batch", 9, ANON | FT_PF_LARGE, 2, 1, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 2, 1, 1) },
	{ "THP isolated", 9, ANON | FT_PF_LARGE | FT_PF_LOCKED, 2, 1, 0, FT_VERDICT_INCONCLUSIVE,
	  BECAUSE(FT_REASON_LOCKED) },
	{ "THP by PTEs", 9, ANON | FT_PF_LRU | FT_PF_LARGE, 512, 512, 0, FT_VERDICT_BALANCED,
	  BECAUSE(FT_REASON_NONE) },
	{ "file", 0, FILE_LRU, 1, 0, 0, FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
	{ "file with buffers", 0, FILE_LRU | FT_PF_PRIVATE, 3, 1, 0, FT_VERDICT_BALANCED,
	  BECAUSE(FT_REASON_NONE) },
	{ "file, lookup not put", 0, FILE_LRU, 2, 0, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 2, 1, 1) },
	{ "btrfs: private_2 without a reference", 0, FILE_LRU | FT_PF_PRIVATE_2, 1, 0, 0,
	  FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
	{ "netfs: private_2 with one", 0, FILE_LRU | FT_PF_PRIVATE_2, 2, 0, 0, FT_VERDICT_BALANCED,
	  BECAUSE(FT_REASON_NONE) },
	{ "shmem", 0, FILE_LRU | FT_PF_SWAPBACKED, 2, 1, 0, FT_VERDICT_BALANCED,
	  BECAUSE(FT_REASON_NONE) },
	{ "shmem in the swap cache", 0, FT_PF_SWAPBACKED | FT_PF_SWAPCACHE | FT_PF_LRU, 1, 0, 0,
	  FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
	{ "hugetlb, shared", 9, FT_PF_HUGETLB | FT_PF_LARGE | FT_PF_MAPPING, 513, 1, 0,
	  FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
	{ "hugetlb, memfd pin not put", 9, FT_PF_HUGETLB | FT_PF_LARGE | FT_PF_MAPPING, 513, 0, 0,
	  FT_VERDICT_LEAK, BECAUSE(FT_REASON_SURPLUS, 513, 512, 1) },
	{ "device page, mapped", 0, DEVICE(1) | FT_PF_ANON | FT_PF_MAPPING, 1, 1, 0,
	  FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
	{ "device page, idle", 0, DEVICE(1), 0, 0, 0, FT_VERDICT_BALANCED,
	  BECAUSE(FT_REASON_NONE) },
	{ "device page between init and finalize", 0, DEVICE(1) | FT_PF_LOCKED, 1, 0, 0,
	  FT_VERDICT_INCONCLUSIVE, BECAUSE(FT_REASON_LOCKED) },
	{ "device page kept", 0, DEVICE(1), 1, 0, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 1, 0, 1) },
	{ "device page, fewer than mapped", 0, DEVICE(1) | FT_PF_ANON | FT_PF_MAPPING, 0, 1, 0,
	  FT_VERDICT_OVERPUT, BECAUSE(FT_REASON_BELOW_MAPCOUNT, 0, 1) },
	{ "FS_DAX", 0, DEVICE(3) | FT_PF_MAPPING, 1, 1, 0, FT_VERDICT_BALANCED,
	  BECAUSE(FT_REASON_NONE) },
	{ "FS_DAX, GUP not put", 0, DEVICE(3) | FT_PF_MAPPING, 2, 1, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 2, 1, 1) },
	{ "device coherent, mapped", 0, DEVICE(2) | FT_PF_ANON | FT_PF_MAPPING, 1, 1, 0,
	  FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
	{ "device coherent, kept", 0, DEVICE(2) | FT_PF_ANON | FT_PF_MAPPING, 2, 1, 0,
	  FT_VERDICT_LEAK, BECAUSE(FT_REASON_SURPLUS, 2, 1, 1) },
	{ "KSM, in many page tables", 0, ANON | FT_PF_KSM | FT_PF_LRU, 40, 40, 0,
	  FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
	{ "KSM, in the swap cache, one too many", 0, ANON | FT_PF_KSM | FT_PF_LRU | FT_PF_SWAPCACHE,
	  5, 3, 0, FT_VERDICT_LEAK, BECAUSE(FT_REASON_SURPLUS, 5, 4, 1) },
	{ "KSM, put too often", 0, ANON | FT_PF_KSM | FT_PF_LRU, 2, 3, 0, FT_VERDICT_OVERPUT,
	  BECAUSE(FT_REASON_BELOW_MAPCOUNT, 2, 3) },
	{ "over-put", 0, ANON | FT_PF_LRU, 1, 2, 0, FT_VERDICT_OVERPUT,
	  BECAUSE(FT_REASON_BELOW_MAPCOUNT, 1, 2) },
	{ "over-put THP by PTEs", 9, ANON | FT_PF_LRU | FT_PF_LARGE, 511, 512, 0,
	  FT_VERDICT_OVERPUT, BECAUSE(FT_REASON_BELOW_MAPCOUNT, 511, 512) },
	{ "cache reference gone", 0, FILE_LRU | FT_PF_PRIVATE, 1, 0, 0, FT_VERDICT_OVERPUT,
	  BECAUSE(FT_REASON_DEFICIT, 1, 2) },
	{ "frozen by reclaim", 0, FILE_LRU | FT_PF_LOCKED, 0, 0, 0, FT_VERDICT_INCONCLUSIVE,
	  BECAUSE(FT_REASON_MAYBE_FROZEN) },
	{ "frozen, nobody there", 0, FILE_LRU, 0, 0, 0, FT_VERDICT_INCONCLUSIVE,
	  BECAUSE(FT_REASON_REFCOUNT_ZERO) },
	{ "slab", 0, FT_PF_TYPED, 5, 0, 0, FT_VERDICT_NONE, BECAUSE(FT_REASON_NONE) },
	{ "driver's page", 0, FT_PF_MOVABLE | FT_PF_MAPPING, 5, 0, 0, FT_VERDICT_NONE,
	  BECAUSE(FT_REASON_NONE) },
	{ "kernel page", 0, 0, 5, 2, 0, FT_VERDICT_NONE, BECAUSE(FT_REASON_NONE) },
	{ "huge zero", 9, FT_PF_ZERO | FT_PF_LARGE, 7, 0, 0, FT_VERDICT_NONE,
	  BECAUSE(FT_REASON_NONE) },
	{ "zero page", 0, FT_PF_ZERO | FT_PF_RESERVED, 1, 900, 0, FT_VERDICT_NONE,
	  BECAUSE(FT_REASON_NONE) },
	{ "tail page: counts are not its own", 0, ANON | FT_PF_TAIL, 5, 1, 0, FT_VERDICT_NONE,
	  BECAUSE(FT_REASON_NONE) },
};

static void end_as(struct capture_builder *m, struct fixture *a, const struct ending *e)
{
	capture__at(m, a, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap, 1, 0);
	capture__rest(m, a, 2, e->refcount, e->mapcount);
}

static void check(const struct ft_run *run, const struct ending *e, uint32_t id)
{
	const struct ft_folio *folio = folio_of(run, id);
	const struct ft_reason *got, *want = &e->because;

	assert_non_null(folio);
	got = &folio->reason;
	if (folio->verdict != e->verdict || got->code != want->code)
		fail_msg("%s: %s because %s, not %s because %s", e->what,
			 ft_verdict__name(folio->verdict), reason_word(got),
			 ft_verdict__name(e->verdict), reason_word(want));
	if (memcmp(got->n, want->n, sizeof(got->n)))
		fail_msg("%s: %s of %lld, %lld, %lld", e->what, reason_word(got),
			 (long long)got->n[0], (long long)got->n[1], (long long)got->n[2]);
}

static void test_endings(void **state)
{
	struct capture_builder *m = capture__new();
	uint64_t not_judged = 0;
	struct ft_run *run;
	uint32_t i;
	(void)state;

	capture__meta(m);
	for (i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		const struct ending *e = &endings[i];
		struct fixture a = capture__small(i + 1, 1000 * (i + 1));

		a.order = e->order;
		a.flags = e->flags;
		a.pincount = e->pincount;
		end_as(m, &a, e);
	}
	capture__end(m);
	run = capture__load(m, false);
	for (i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		check(run, &endings[i], i + 1);
	for (i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		not_judged += endings[i].verdict == FT_VERDICT_NONE;
	assert_int_equal(run->count[FT_VERDICT_NONE], not_judged);
	assert_int_equal(run->verdict, FT_RUN_FAIL);
	ft_run__free(run);
	capture__free(m);
}

/* A THP of which one reference stays, with the world around it different. */
struct simulator {
	const char *what;
	void (*change)(struct capture_builder *m, struct fixture *a);
	enum ft_verdict verdict;
	enum ft_run_verdict run;
	enum ft_reason_code because;
};

static void nothing(struct capture_builder *m, struct fixture *a)
{
	capture__rest(m, a, 2, 1, 0);
}

static void process_left(struct capture_builder *m, struct fixture *a)
{
	capture__rest(m, a, 2, 1, 0);
	m->tasks_left = 3;
}

static void one_reading(struct capture_builder *m, struct fixture *a)
{
	capture__rest(m, a, 1, 1, 0);
}

static void no_reading(struct capture_builder *m, struct fixture *a)
{
	(void)m;
	(void)a;
}

static void same_round(struct capture_builder *m, struct fixture *a)
{
	capture__value(m, a, FT_OP_SNAPSHOT, FT_HOOK_settle, 1, 0, 4, 0);
	capture__value(m, a, FT_OP_SNAPSHOT, FT_HOOK_settle, 1, 0, 4, 0);
}

static void counts_move(struct capture_builder *m, struct fixture *a)
{
	capture__rest(m, a, 1, 2, 0);
	capture__value(m, a, FT_OP_SNAPSHOT, FT_HOOK_settle, 1, 0, 2, 0);
}

static void flags_move(struct capture_builder *m, struct fixture *a)
{
	capture__rest(m, a, 1, 1, 0);
	a->flags &= ~FT_PF_LRU;
	capture__value(m, a, FT_OP_SNAPSHOT, FT_HOOK_settle, 1, 0, 2, 0);
}

static void event_between(struct capture_builder *m, struct fixture *a)
{
	capture__rest(m, a, 1, 1, 0);
	capture__at(m, a, FT_OP_ENTER, FT_HOOK_folio_isolate_lru, 1, 0);
	capture__value(m, a, FT_OP_SNAPSHOT, FT_HOOK_settle, 1, 0, 2, 0);
}

static void loss_between(struct capture_builder *m, struct fixture *a)
{
	capture__rest(m, a, 1, 1, 0);
	a->seq++;
	capture__value(m, a, FT_OP_SNAPSHOT, FT_HOOK_settle, 1, 0, 2, 0);
	m->loss = "{\"ring\": 1}";
}

static void event_after(struct capture_builder *m, struct fixture *a)
{
	capture__rest(m, a, 2, 1, 0);
	capture__at(m, a, FT_OP_ENTER, FT_HOOK_folio_isolate_lru, 1, 0);
}

static void torn(struct capture_builder *m, struct fixture *a)
{
	capture__rest(m, a, 1, 1, 0);
	capture__value(m, a, FT_OP_SNAPSHOT, FT_HOOK_settle, 1, FT_UNKNOWN, 2, 0);
}

static void became_slab(struct capture_builder *m, struct fixture *a)
{
	a->flags = FT_PF_TYPED;
	capture__rest(m, a, 2, 1, 0);
}

static void lost_its_mapping(struct capture_builder *m, struct fixture *a)
{
	a->flags &= ~(FT_PF_ANON | FT_PF_MAPPING);
	capture__rest(m, a, 2, 1, 0);
}

static const struct simulator simulations[] = {
	{ "all gone", nothing, FT_VERDICT_LEAK, FT_RUN_FAIL, FT_REASON_SURPLUS },
	{ "a process lives", process_left, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE,
	  FT_REASON_TASKS_LEFT },
	{ "one reading", one_reading, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE,
	  FT_REASON_NOT_AT_REST },
	{ "no reading", no_reading, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE,
	  FT_REASON_NOT_READ },
	{ "one round twice", same_round, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE,
	  FT_REASON_NOT_AT_REST },
	{ "counts move", counts_move, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE,
	  FT_REASON_NOT_AT_REST },
	{ "flags move", flags_move, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE,
	  FT_REASON_NOT_AT_REST },
	{ "event between", event_between, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE,
	  FT_REASON_NOT_AT_REST },
	{ "loss between", loss_between, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE,
	  FT_REASON_NOT_AT_REST },
	{ "event after", event_after, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE,
	  FT_REASON_NOT_AT_REST },
	{ "torn", torn, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE, FT_REASON_NOT_AT_REST },
	{ "became slab", became_slab, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE,
	  FT_REASON_MEMORY_REUSED },
	{ "lost its mapping", lost_its_mapping, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE,
	  FT_REASON_MEMORY_REUSED },
};

static void test_simulations(void **state)
{
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(simulations) / sizeof(*simulations); i++) {
		struct capture_builder *m = capture__new();
		struct fixture a = capture__large(1, 512);
		const struct ft_folio *folio;
		struct ft_run *run;

		capture__meta(m);
		scenario__fault(m, &a);
		scenario__unmap(m, &a, 1);
		simulations[i].change(m, &a);
		capture__end(m);
		run = capture__load(m, false);
		folio = folio_of(run, 1);
		if (folio->verdict != simulations[i].verdict ||
		    folio->reason.code != simulations[i].because)
			fail_msg("%s: %s because %s", simulations[i].what,
				 ft_verdict__name(folio->verdict), reason_word(&folio->reason));
		assert_int_equal(run->verdict, simulations[i].run);
		assert_int_equal(run->reason.code, run->verdict == FT_RUN_INCONCLUSIVE ?
							   FT_REASON_FOLIOS_INCONCLUSIVE :
							   FT_REASON_NONE);
		assert_non_null(folio->events);
		ft_run__free(run);
		capture__free(m);
	}
}

/* A page of a file may be its journal's until that is committed; anonymous memory is not. */
static void test_not_flushed(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture page = capture__small(1, 1), anon = capture__small(2, 2);
	struct ft_run *run;
	(void)state;

	m->flushed = false;
	capture__meta(m);
	page.flags = FILE_LRU;
	capture__at(m, &page, FT_OP_BORN, FT_HOOK_filemap_add_folio, 1, 0);
	capture__rest(m, &page, 2, 2, 0);
	scenario__fault(m, &anon);
	capture__rest(m, &anon, 2, 2, 1);
	capture__end(m);
	run = capture__load(m, false);
	assert_int_equal(folio_of(run, 1)->verdict, FT_VERDICT_INCONCLUSIVE);
	assert_int_equal(folio_of(run, 1)->reason.code, FT_REASON_JOURNAL_PENDING);
	assert_int_equal(folio_of(run, 2)->verdict, FT_VERDICT_LEAK);
	ft_run__free(run);
	capture__free(m);
}

/* Without the drain a small folio is not accused; a large one is not in a batch. */
static void test_not_drained(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture small = capture__small(1, 1), large = capture__large(2, 512);
	struct ft_run *run;
	(void)state;

	m->drained = false;
	capture__meta(m);
	scenario__fault(m, &small);
	capture__rest(m, &small, 2, 2, 1);
	scenario__fault(m, &large);
	capture__rest(m, &large, 2, 2, 1);
	capture__end(m);
	run = capture__load(m, false);
	assert_int_equal(folio_of(run, 1)->verdict, FT_VERDICT_INCONCLUSIVE);
	assert_int_equal(folio_of(run, 1)->reason.code, FT_REASON_LRU_NOT_DRAINED);
	assert_int_equal(folio_of(run, 2)->verdict, FT_VERDICT_LEAK);
	ft_run__free(run);
	capture__free(m);
}

/* A capture without END: what is surplus there may have been put later. */
static void test_cut_off(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture a = capture__large(1, 512), b = capture__large(2, 1024);
	struct ft_run *run;
	(void)state;

	capture__meta(m);
	scenario__fault(m, &a);
	capture__rest(m, &a, 2, 2, 1);
	scenario__fault(m, &b);
	capture__flush(m);
	run = capture__load(m, false);
	assert_false(run->complete);
	assert_int_equal(run->exit_status, -1);
	assert_int_equal(run->bytes_dropped, 0);
	assert_int_equal(folio_of(run, 1)->reason.code, FT_REASON_CUT_OFF_BEFORE_PUT);
	assert_int_equal(folio_of(run, 2)->reason.code, FT_REASON_CUT_OFF_BEFORE_READ);
	assert_true(folio_of(run, 2)->final.valid);
	assert_false(folio_of(run, 2)->final.at_rest);
	assert_int_equal(run->verdict, FT_RUN_INCONCLUSIVE);
	ft_run__free(run);
	capture__free(m);
}

static void test_free_while_mapped(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture a = capture__small(1, 1), b = capture__small(2, 2);
	struct ft_run *run;
	(void)state;

	capture__meta(m);
	scenario__fault(m, &a);
	capture__value(m, &a, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 2, FT_DIED_FREED, 0);
	scenario__fault(m, &b);
	capture__value(m, &b, FT_OP_DIED, FT_HOOK_mm_page_free, 0, FT_UNKNOWN, FT_DIED_FREED, 0);
	capture__end(m);
	run = capture__load(m, false);
	assert_int_equal(run->nr_folios, 1);
	assert_int_equal(run->folios[0]->verdict, FT_VERDICT_OVERPUT);
	assert_true(run->folios[0]->free_while_mapped);
	assert_int_equal(run->folios[0]->reason.code, FT_REASON_FREED_MAPPED);
	assert_int_equal(run->folios[0]->reason.n[0], 2);
	assert_int_equal(run->count[FT_VERDICT_FREED], 1);
	assert_int_equal(run->verdict, FT_RUN_FAIL);
	ft_run__free(run);
	capture__free(m);
}

/* A folio dies at 0; of a device page the driver decides. */
static void test_free_while_held(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture a = capture__small(1, 1), b = capture__small(2, 2), c = capture__small(3, 3);
	struct ft_run *run;
	(void)state;

	capture__meta(m);
	scenario__fault(m, &a);
	capture__value(m, &a, FT_OP_DIED, FT_HOOK_mm_page_free, 1, 0, FT_DIED_FREED, 0);
	scenario__fault(m, &b);
	capture__value(m, &b, FT_OP_DIED, FT_HOOK_mm_page_free, 1, 0, FT_DIED_UNSEEN, 0);
	scenario__fault(m, &c);
	c.flags |= DEVICE(1);
	capture__value(m, &c, FT_OP_DIED, FT_HOOK_free_zone_device_page, 1, 0, FT_DIED_DEVICE, 0);
	capture__end(m);
	run = capture__load(m, false);
	assert_int_equal(folio_of(run, 1)->verdict, FT_VERDICT_OVERPUT);
	assert_true(folio_of(run, 1)->free_while_held);
	assert_int_equal(ft_folio__severity(folio_of(run, 1)), FT_SEVERITY_FREED_MAPPED);
	assert_int_equal(folio_of(run, 1)->reason.code, FT_REASON_FREED_HELD);
	assert_int_equal(folio_of(run, 1)->reason.n[0], 1);
	assert_int_equal(run->count[FT_VERDICT_FREED], 2);
	assert_int_equal(run->verdict, FT_RUN_FAIL);
	ft_run__free(run);
	capture__free(m);
}

/* Causes of loss: which of them leave a run without a pass. */
static void test_losses(void **state)
{
	static const struct {
		const char *loss;
		enum ft_reason_code because; /* of inconclusive */
	} rows[] = {
		{ "{}", FT_REASON_NONE },
		{ "{\"ring\": 0, \"recursion\": 0}", FT_REASON_NONE },
		{ "{\"ring\": 1}", FT_REASON_RECORDS_LOST },
		{ "{\"spool\": 1}", FT_REASON_RECORDS_LOST },
		{ "{\"recursion\": 1}", FT_REASON_NONE }, /* readings */
		{ "{\"missed\": 1}", FT_REASON_LIFETIMES_MISSED },
		{ "{\"tracked_full\": 1}", FT_REASON_FOLIOS_NOT_TRACKED },
		{ "{\"tracked_busy\": 1}", FT_REASON_FOLIOS_NOT_TRACKED },
		{ "{\"tasks_full\": 1}", FT_REASON_TASKS_NOT_FOLLOWED },
		{ "{\"index_left\": 1}", FT_REASON_MIGRATION_ENTRIES_LEFT },
		{ "{\"child_left\": 1}", FT_REASON_CHILDREN_NOT_TRACKED },
		{ "{\"conservation_errors\": 1}", FT_REASON_NONE },
		{ "{\"overlaps\": 1}", FT_REASON_NONE },
		{ "{\"death_unseen\": 1}", FT_REASON_NONE },
		{ "{\"cause_to_come\": 1}", FT_REASON_LOSS_UNKNOWN },
	};
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct capture_builder *m = capture__new();
		struct fixture a = capture__small(1, 1);
		struct ft_run *run;

		capture__meta(m);
		scenario__fault(m, &a);
		capture__rest(m, &a, 2, 1, 1);
		m->loss = rows[i].loss;
		capture__end(m);
		run = capture__load(m, false);
		if (run->reason.code != rows[i].because)
			fail_msg("%s: %s", rows[i].loss, reason_word(&run->reason));
		assert_int_equal(run->verdict, rows[i].because ? FT_RUN_INCONCLUSIVE : FT_RUN_PASS);
		ft_run__free(run);
		capture__free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_endings),		cmocka_unit_test(test_simulations),
		cmocka_unit_test(test_not_drained),	cmocka_unit_test(test_not_flushed),
		cmocka_unit_test(test_cut_off),		cmocka_unit_test(test_free_while_mapped),
		cmocka_unit_test(test_free_while_held), cmocka_unit_test(test_losses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
