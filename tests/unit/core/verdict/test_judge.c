// SPDX-License-Identifier: GPL-2.0
/* Verdicts by what the run around a folio was: processes left, readings, drains, losses. */
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

/* A THP of which one reference stays, and what is different about the end of the run. */
struct variant {
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

static const struct variant variants[] = {
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

static void test_variants(void **state)
{
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(variants) / sizeof(*variants); i++) {
		struct capture_builder *m = capture__new();
		struct fixture a = capture__large(1, 512);
		const struct ft_folio *folio;
		struct ft_run *run;

		capture__meta(m);
		scenario__fault(m, &a);
		scenario__unmap(m, &a, 1);
		variants[i].change(m, &a);
		capture__end(m);
		run = capture__load(m, false);
		folio = folio_of(run, 1);
		if (folio->verdict != variants[i].verdict ||
		    folio->reason.code != variants[i].because)
			fail_msg("%s: %s because %s", variants[i].what,
				 ft_verdict__name(folio->verdict), reason_word(&folio->reason));
		assert_int_equal(run->verdict, variants[i].run);
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

/* At refcount 0 a pin, or the swap cache, had it still. */
static void test_free_while_owned(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture pinned = capture__large(1, 512), swapped = capture__small(2, 2);
	struct fixture page = capture__small(3, 3);
	struct ft_run *run;
	(void)state;

	capture__meta(m);
	scenario__fault(m, &pinned);
	pinned.pincount = 2;
	capture__value(m, &pinned, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 0, FT_DIED_FREED, 0);
	scenario__fault(m, &swapped);
	swapped.flags |= FT_PF_SWAPBACKED | FT_PF_SWAPCACHE;
	capture__value(m, &swapped, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 0, FT_DIED_FREED, 0);
	scenario__fault(m, &page);
	page.pincount = 2; /* of a single page that is something else */
	capture__value(m, &page, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 0, FT_DIED_FREED, 0);
	capture__end(m);
	run = capture__load(m, true);
	assert_int_equal(folio_of(run, 1)->verdict, FT_VERDICT_OVERPUT);
	assert_int_equal(folio_of(run, 1)->reason.code, FT_REASON_FREED_PINNED);
	assert_int_equal(folio_of(run, 1)->reason.n[0], 2);
	assert_int_equal(folio_of(run, 2)->verdict, FT_VERDICT_OVERPUT);
	assert_int_equal(folio_of(run, 2)->reason.code, FT_REASON_FREED_IN_SWAP_CACHE);
	assert_int_equal(folio_of(run, 3)->verdict, FT_VERDICT_FREED);
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
		cmocka_unit_test(test_variants),	  cmocka_unit_test(test_not_drained),
		cmocka_unit_test(test_not_flushed),	  cmocka_unit_test(test_cut_off),
		cmocka_unit_test(test_free_while_mapped), cmocka_unit_test(test_free_while_held),
		cmocka_unit_test(test_free_while_owned),  cmocka_unit_test(test_losses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
