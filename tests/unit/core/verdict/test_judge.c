// SPDX-License-Identifier: GPL-2.0
/* Verdicts: who is accused, who never is, and with which words. */
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
	const char *because; /* a word of the reason */
};

static const struct ending endings[] = {
	{ "mapped", 0, ANON | FT_PF_LRU, 1, 1, 0, FT_VERDICT_BALANCED, NULL },
	{ "unmapped, one left", 0, ANON | FT_PF_LRU, 1, 0, 0, FT_VERDICT_LEAK, "surplus 1" },
	{ "mapped, one too many", 0, ANON | FT_PF_LRU, 2, 1, 0, FT_VERDICT_LEAK, "surplus 1" },
	{ "two left", 0, ANON | FT_PF_LRU, 2, 0, 0, FT_VERDICT_LEAK, "surplus 2" },
	{ "in a batch or isolated", 0, ANON, 2, 1, 0, FT_VERDICT_INCONCLUSIVE, "LRU" },
	{ "isolated cannot explain two", 0, ANON, 3, 1, 0, FT_VERDICT_LEAK, "surplus 2" },
	{ "mlocked, off the list", 0, ANON | FT_PF_MLOCKED, 2, 1, 0, FT_VERDICT_LEAK, "surplus" },
	{ "unevictable, off the list", 0, ANON | FT_PF_UNEVICTABLE, 2, 1, 0, FT_VERDICT_LEAK,
	  "surplus" },
	{ "locked", 0, ANON | FT_PF_LRU | FT_PF_LOCKED, 2, 1, 0, FT_VERDICT_INCONCLUSIVE,
	  "locked" },
	{ "writeback", 0, FILE_LRU | FT_PF_WRITEBACK, 3, 1, 0, FT_VERDICT_INCONCLUSIVE,
	  "writeback" },
	{ "writeback, nothing too many", 0, FILE_LRU | FT_PF_WRITEBACK, 2, 1, 0,
	  FT_VERDICT_BALANCED, NULL },
	{ "poisoned", 0, ANON | FT_PF_HWPOISON, 1, 0, 0, FT_VERDICT_BALANCED, NULL },
	{ "poisoned, and one more", 0, ANON | FT_PF_HWPOISON | FT_PF_LRU, 2, 0, 0, FT_VERDICT_LEAK,
	  "surplus" },
	{ "pinned", 0, ANON | FT_PF_LRU, 1025, 1, 0, FT_VERDICT_INCONCLUSIVE,
	  "pinned \xc3\x97"
	  "1" },
	{ "pinned thrice and got", 0, ANON | FT_PF_LRU, 3074, 1, 0, FT_VERDICT_INCONCLUSIVE,
	  "pinned \xc3\x97"
	  "3" },
	{ "swap cache", 0, ANON | FT_PF_LRU | FT_PF_SWAPCACHE, 2, 1, 0, FT_VERDICT_BALANCED, NULL },
	{ "THP", 9, ANON | FT_PF_LRU | FT_PF_LARGE, 1, 1, 0, FT_VERDICT_BALANCED, NULL },
	{ "THP, pins seen", 9, ANON | FT_PF_LRU | FT_PF_LARGE, 3, 1, 2, FT_VERDICT_BALANCED, NULL },
	{ "THP, the seed's end", 9, ANON | FT_PF_LRU | FT_PF_LARGE, 1, 0, 0, FT_VERDICT_LEAK,
	  "expected: surplus 1" },
	{ "THP never rests in a batch", 9, ANON | FT_PF_LARGE, 2, 1, 0, FT_VERDICT_LEAK,
	  "surplus" },
	{ "THP isolated", 9, ANON | FT_PF_LARGE | FT_PF_LOCKED, 2, 1, 0, FT_VERDICT_INCONCLUSIVE,
	  "locked" },
	{ "THP by PTEs", 9, ANON | FT_PF_LRU | FT_PF_LARGE, 512, 512, 0, FT_VERDICT_BALANCED,
	  NULL },
	{ "file", 0, FILE_LRU, 1, 0, 0, FT_VERDICT_BALANCED, NULL },
	{ "file with buffers", 0, FILE_LRU | FT_PF_PRIVATE, 3, 1, 0, FT_VERDICT_BALANCED, NULL },
	{ "file, lookup not put", 0, FILE_LRU, 2, 0, 0, FT_VERDICT_LEAK, "surplus" },
	{ "btrfs: private_2 without a reference", 0, FILE_LRU | FT_PF_PRIVATE_2, 1, 0, 0,
	  FT_VERDICT_BALANCED, NULL },
	{ "netfs: private_2 with one", 0, FILE_LRU | FT_PF_PRIVATE_2, 2, 0, 0, FT_VERDICT_BALANCED,
	  NULL },
	{ "shmem", 0, FILE_LRU | FT_PF_SWAPBACKED, 2, 1, 0, FT_VERDICT_BALANCED, NULL },
	{ "shmem in the swap cache", 0, FT_PF_SWAPBACKED | FT_PF_SWAPCACHE | FT_PF_LRU, 1, 0, 0,
	  FT_VERDICT_BALANCED, NULL },
	{ "hugetlb, shared", 9, FT_PF_HUGETLB | FT_PF_LARGE | FT_PF_MAPPING, 513, 1, 0,
	  FT_VERDICT_BALANCED, NULL },
	{ "hugetlb, memfd pin not put", 9, FT_PF_HUGETLB | FT_PF_LARGE | FT_PF_MAPPING, 513, 0, 0,
	  FT_VERDICT_LEAK, "512 expected" },
	{ "device page, mapped", 0, DEVICE(1) | FT_PF_ANON | FT_PF_MAPPING, 1, 1, 0,
	  FT_VERDICT_BALANCED, NULL },
	{ "device page, idle", 0, DEVICE(1), 0, 0, 0, FT_VERDICT_BALANCED, NULL },
	{ "device page between init and finalize", 0, DEVICE(1) | FT_PF_LOCKED, 1, 0, 0,
	  FT_VERDICT_INCONCLUSIVE, "locked" },
	{ "device page kept", 0, DEVICE(1), 1, 0, 0, FT_VERDICT_LEAK, "surplus" },
	{ "device page, fewer than mapped", 0, DEVICE(1) | FT_PF_ANON | FT_PF_MAPPING, 0, 1, 0,
	  FT_VERDICT_OVERPUT, "below mapcount" },
	{ "FS_DAX", 0, DEVICE(3) | FT_PF_MAPPING, 1, 1, 0, FT_VERDICT_BALANCED, NULL },
	{ "FS_DAX, GUP not put", 0, DEVICE(3) | FT_PF_MAPPING, 2, 1, 0, FT_VERDICT_LEAK,
	  "surplus 1" },
	{ "device coherent, mapped", 0, DEVICE(2) | FT_PF_ANON | FT_PF_MAPPING, 1, 1, 0,
	  FT_VERDICT_BALANCED, NULL },
	{ "device coherent, kept", 0, DEVICE(2) | FT_PF_ANON | FT_PF_MAPPING, 2, 1, 0,
	  FT_VERDICT_LEAK, "surplus 1" },
	{ "KSM, in many page tables", 0, ANON | FT_PF_KSM | FT_PF_LRU, 40, 40, 0,
	  FT_VERDICT_BALANCED, NULL },
	{ "KSM, in the swap cache, one too many", 0, ANON | FT_PF_KSM | FT_PF_LRU | FT_PF_SWAPCACHE,
	  5, 3, 0, FT_VERDICT_LEAK, "surplus 1" },
	{ "KSM, put too often", 0, ANON | FT_PF_KSM | FT_PF_LRU, 2, 3, 0, FT_VERDICT_OVERPUT,
	  "below mapcount" },
	{ "over-put", 0, ANON | FT_PF_LRU, 1, 2, 0, FT_VERDICT_OVERPUT, "below mapcount" },
	{ "over-put THP by PTEs", 9, ANON | FT_PF_LRU | FT_PF_LARGE, 511, 512, 0,
	  FT_VERDICT_OVERPUT, "below mapcount 512" },
	{ "cache reference gone", 0, FILE_LRU | FT_PF_PRIVATE, 1, 0, 0, FT_VERDICT_OVERPUT,
	  "2 expected" },
	{ "frozen by reclaim", 0, FILE_LRU | FT_PF_LOCKED, 0, 0, 0, FT_VERDICT_INCONCLUSIVE,
	  "frozen" },
	{ "frozen, nobody there", 0, FILE_LRU, 0, 0, 0, FT_VERDICT_INCONCLUSIVE, "frozen" },
	{ "slab", 0, FT_PF_TYPED, 5, 0, 0, FT_VERDICT_NONE, NULL },
	{ "driver's page", 0, FT_PF_MOVABLE | FT_PF_MAPPING, 5, 0, 0, FT_VERDICT_NONE, NULL },
	{ "kernel page", 0, 0, 5, 2, 0, FT_VERDICT_NONE, NULL },
	{ "huge zero", 9, FT_PF_ZERO | FT_PF_LARGE, 7, 0, 0, FT_VERDICT_NONE, NULL },
	{ "zero page", 0, FT_PF_ZERO | FT_PF_RESERVED, 1, 900, 0, FT_VERDICT_NONE, NULL },
	{ "tail page: counts are not its own", 0, ANON | FT_PF_TAIL, 5, 1, 0, FT_VERDICT_NONE,
	  NULL },
};

static void end_as(struct capture_builder *m, struct fixture *a, const struct ending *e)
{
	capture__at(m, a, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap, 1, 0);
	capture__rest(m, a, 2, e->refcount, e->mapcount);
}

static void check(const struct ft_run *run, const struct ending *e, uint32_t id)
{
	const struct ft_folio *folio = folio_of(run, id);

	if (!folio || folio->verdict != e->verdict)
		fail_msg("%s: %s (%s), not %s", e->what,
			 folio ? ft_verdict__name(folio->verdict) : "nothing",
			 folio && folio->reason ? folio->reason : "", ft_verdict__name(e->verdict));
	if (e->because && (!folio->reason || !strstr(folio->reason, e->because)))
		fail_msg("%s: reason \"%s\" lacks \"%s\"", e->what,
			 folio->reason ? folio->reason : "", e->because);
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
	const char *because;
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
	{ "all gone", nothing, FT_VERDICT_LEAK, FT_RUN_FAIL, "surplus 1" },
	{ "a process lives", process_left, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE,
	  "3 processes" },
	{ "one reading", one_reading, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE, "not at rest" },
	{ "no reading", no_reading, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE, "not read" },
	{ "one round twice", same_round, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE,
	  "not at rest" },
	{ "counts move", counts_move, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE, "not at rest" },
	{ "flags move", flags_move, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE, "not at rest" },
	{ "event between", event_between, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE,
	  "not at rest" },
	{ "loss between", loss_between, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE,
	  "not at rest" },
	{ "event after", event_after, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE, "not at rest" },
	{ "torn", torn, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE, "not at rest" },
	{ "became slab", became_slab, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE,
	  "something else" },
	{ "lost its mapping", lost_its_mapping, FT_VERDICT_INCONCLUSIVE, FT_RUN_INCONCLUSIVE,
	  "something else" },
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
		    !strstr(folio->reason, simulations[i].because))
			fail_msg("%s: %s, %s", simulations[i].what,
				 ft_verdict__name(folio->verdict), folio->reason);
		assert_int_equal(run->verdict, simulations[i].run);
		assert_true(run->verdict != FT_RUN_INCONCLUSIVE || run->reason);
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
	assert_non_null(strstr(folio_of(run, 1)->reason, "journal"));
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
	assert_non_null(strstr(folio_of(run, 1)->reason, "drained"));
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
	assert_non_null(strstr(folio_of(run, 1)->reason, "cut off"));
	assert_non_null(strstr(folio_of(run, 2)->reason, "cut off before it was read"));
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
	assert_non_null(strstr(run->folios[0]->reason, "mapcount 2"));
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
	assert_non_null(strstr(folio_of(run, 1)->reason, "refcount 1"));
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
		enum ft_run_verdict verdict;
	} rows[] = {
		{ "{}", FT_RUN_PASS },
		{ "{\"ring\": 0, \"recursion\": 0}", FT_RUN_PASS },
		{ "{\"ring\": 1}", FT_RUN_INCONCLUSIVE },
		{ "{\"spool\": 1}", FT_RUN_INCONCLUSIVE },
		{ "{\"recursion\": 1}", FT_RUN_PASS }, /* readings */
		{ "{\"missed\": 1}", FT_RUN_INCONCLUSIVE },
		{ "{\"tracked_full\": 1}", FT_RUN_INCONCLUSIVE },
		{ "{\"tracked_busy\": 1}", FT_RUN_INCONCLUSIVE },
		{ "{\"tasks_full\": 1}", FT_RUN_INCONCLUSIVE },
		{ "{\"index_left\": 1}", FT_RUN_INCONCLUSIVE },
		{ "{\"child_left\": 1}", FT_RUN_INCONCLUSIVE },
		{ "{\"conservation_errors\": 1}", FT_RUN_PASS },
		{ "{\"overlaps\": 1}", FT_RUN_PASS },
		{ "{\"death_unseen\": 1}", FT_RUN_PASS },
		{ "{\"cause_to_come\": 1}", FT_RUN_INCONCLUSIVE },
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
		if (run->verdict != rows[i].verdict)
			fail_msg("%s: %s", rows[i].loss, ft_run_verdict__name(run->verdict));
		assert_true(run->verdict == FT_RUN_PASS || run->reason);
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
