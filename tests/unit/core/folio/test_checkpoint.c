// SPDX-License-Identifier: GPL-2.0
/* The seed's print points, and the interval that a lost reference is in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/scenarios.h"

#define DEVICE(type) (FT_PF_ZONE_DEVICE | (uint32_t)(type) << FT_PF_DEVICE_SHIFT)

/* The seed's table: what the function itself holds is expected. */
static void test_checkpoints(void **state)
{
	static const struct {
		enum ft_checkpoint_at at;
		int refcount, mapcount, expected;
	} leak[] = {
		{ FT_AT_FINALIZE_ENTRY, 2, 0, 1 },
		{ FT_AT_RMP_ENTRY, 2, 0, 1 },
		{ FT_AT_RMP_RETURN, 3, 1, 2 },
		{ FT_AT_FINALIZE_RETURN, 2, 1, 1 },
	};
	struct capture_builder *m = capture__new(), *f = capture__new();
	struct ft_run *run, *fixed;
	size_t i;
	(void)state;

	scenario__build("seed-leak", m);
	scenario__build("seed-fix", f);
	run = capture__load(m, false);
	fixed = capture__load(f, false);
	assert_int_equal(run->folios[0]->nr_checkpoints, 4);
	assert_int_equal(fixed->folios[0]->nr_checkpoints, 4);
	assert_null(fixed->folios[0]->events);
	for (i = 0; i < 4; i++) {
		const struct ft_checkpoint *a = &run->folios[0]->checkpoints[i];
		const struct ft_checkpoint *b = &fixed->folios[0]->checkpoints[i];

		assert_int_equal(a->at, leak[i].at);
		assert_int_equal(a->refcount, leak[i].refcount);
		assert_int_equal(a->mapcount, leak[i].mapcount);
		assert_int_equal(a->expected.total, leak[i].expected);
		assert_int_equal(a->surplus, 1);
		assert_int_equal(b->refcount, leak[i].refcount - 1);
		assert_int_equal(b->surplus, 0);
		assert_true(a->src_is_dst);
		assert_false(a->dst);
		assert_false(a->migrate);
		assert_int_equal(a->order, 9);
		assert_string_equal(a->in->function, "__migrate_device_finalize");
		assert_string_equal(a->comm, "hmm-tests");
	}
	ft_run__free(run);
	ft_run__free(fixed);
	capture__free(m);
	capture__free(f);
}

/* folio_add_lru() put a small folio into a batch: that one is expected, too. */
static void test_checkpoint_in_batch(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture a = capture__small(1, 1);
	const struct ft_checkpoint *c;
	struct ft_run *run;
	(void)state;

	a.flags = (ANON | FT_PF_LOCKED);
	capture__meta(m);
	capture__at(m, &a, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap, 1, 0);
	capture__at(m, &a, FT_OP_RETURN, FT_HOOK_folio_add_lru, 2, 0);
	capture__value(m, &a, FT_OP_CHECKPOINT, FT_HOOK___migrate_device_finalize, 2, 0, 3,
		       FT_AT_RMP_ENTRY | FT_CP_DST | FT_CP_MIGRATE | FT_CP_COMPOUND);
	a.flags |= FT_PF_LRU;
	capture__value(m, &a, FT_OP_CHECKPOINT, FT_HOOK___migrate_device_finalize, 2, 1, 3,
		       FT_AT_RMP_RETURN | FT_CP_DST);
	capture__value(m, &a, FT_OP_CHECKPOINT, FT_HOOK___migrate_device_finalize, 1, FT_UNKNOWN, 3,
		       FT_AT_FINALIZE_RETURN | FT_CP_DST);
	a.flags &= ~FT_PF_LOCKED;
	capture__rest(m, &a, 2, 1, 1);
	capture__end(m);
	run = capture__load(m, false);
	c = run->folios[0]->checkpoints;
	assert_int_equal(c[0].expected.total, 2);
	assert_int_equal(c[0].expected.term[FT_TERM_LRU_BATCH], 1);
	assert_int_equal(c[0].expected.term[FT_TERM_FUNCTION], 1);
	assert_int_equal(c[0].surplus, 0);
	assert_true(c[0].dst && c[0].migrate && c[0].compound && !c[0].src_is_dst);
	assert_int_equal(c[0].index, 3);
	assert_int_equal(c[1].expected.term[FT_TERM_LRU_BATCH], 0);
	assert_int_equal(c[1].surplus, 0);
	assert_int_equal(c[2].mapcount, FT_UNKNOWN);
	assert_int_equal(c[2].surplus, 0);
	ft_run__free(run);
	capture__free(m);
}

/* A CPU fault on device memory holds its page until it returns. */
static void test_checkpoint_of_fault(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture a = capture__small(1, 1);
	const struct ft_checkpoint *c;
	struct ft_run *run;
	(void)state;

	a.flags = DEVICE(1) | FT_PF_ANON | FT_PF_MAPPING | FT_PF_LOCKED;
	capture__meta(m);
	capture__at(m, &a, FT_OP_BORN, FT_HOOK_zone_device_page_init, 1, 0);
	capture__value(m, &a, FT_OP_CHECKPOINT, FT_HOOK___migrate_device_finalize, 2, 0, 0,
		       FT_AT_RMP_ENTRY | FT_CP_MIGRATE | FT_CP_FAULT);
	capture__value(m, &a, FT_OP_CHECKPOINT, FT_HOOK___migrate_device_finalize, 1, 0, 0,
		       FT_AT_FINALIZE_RETURN | FT_CP_MIGRATE | FT_CP_FAULT);
	capture__value(m, &a, FT_OP_DIED, FT_HOOK_free_zone_device_folio, 0, 0, FT_DIED_DEVICE, 0);
	capture__end(m);
	run = capture__load(m, false);
	c = run->folios[0]->checkpoints;
	assert_int_equal(c[0].expected.term[FT_TERM_FAULT], 1);
	assert_int_equal(c[0].expected.total, 2);
	assert_int_equal(c[0].surplus, 0);
	assert_int_equal(c[1].expected.total, 1);
	assert_int_equal(c[1].surplus, 0);
	assert_int_equal(run->folios[0]->how, FT_DIED_DEVICE);
	ft_run__free(run);
	capture__free(m);
}

/* The interval that the lost get is in, with what ran there. */
static void test_lost(void **state)
{
	struct capture_builder *m = capture__new();
	const struct ft_lost *lost;
	struct ft_run *run;
	(void)state;

	scenario__build("race", m);
	run = capture__load(m, false);
	assert_int_equal(run->folios[0]->nr_lost, 1);
	lost = run->folios[0]->lost;
	assert_false(lost->put);
	assert_string_equal(lost->event->site->function, "folio_split_unmapped");
	assert_int_equal(lost->event->op, FT_OP_ENTER);
	assert_string_equal(lost->after->site->function, "folio_isolate_lru");
	assert_string_equal(lost->in->function, "__migrate_device_pages");
	assert_int_equal(lost->confidence, FT_LIKELY);
	assert_int_equal(lost->reason.code, FT_REASON_INFERRED_BETWEEN);
	assert_int_equal(lost->nr_returned, 2);
	assert_string_equal(lost->returned[1].site->function, "split_huge_pmd_address");
	assert_ptr_equal(lost->event,
			 &run->folios[0]->events[lost->event - run->folios[0]->events]);
	ft_run__free(run);
	capture__free(m);
}

/* Two lost at different places are two, two at one place are reported once. */
static void test_lost_twice(void **state)
{
	int apart;
	(void)state;

	for (apart = 0; apart < 2; apart++) {
		struct capture_builder *m = capture__new();
		struct fixture a = capture__large(1, 512);
		struct ft_run *run;

		capture__meta(m);
		scenario__fault(m, &a);
		if (apart)
			capture__at(m, &a, FT_OP_ENTER, FT_HOOK_folio_split, 3, 1);
		capture__at(m, &a, FT_OP_ENTER, FT_HOOK_folio_split, 4, 1);
		capture__rest(m, &a, 2, 3, 1);
		capture__end(m);
		run = capture__load(m, false);
		assert_int_equal(run->folios[0]->verdict, FT_VERDICT_LEAK);
		assert_int_equal(run->folios[0]->nr_lost, 1 + apart);
		assert_int_equal(run->folios[0]->lost[0].confidence, FT_AMBIGUOUS);
		ft_run__free(run);
		capture__free(m);
	}
}

/* A locked folio has transient references: such a reading is no end of the interval. */
static void test_lost_not_transient(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture a = capture__large(1, 512);
	struct ft_run *run;
	(void)state;

	capture__meta(m);
	scenario__fault(m, &a);
	a.flags |= FT_PF_LOCKED;
	capture__at(m, &a, FT_OP_ENTER, FT_HOOK_remove_migration_ptes, 2, 1);
	a.flags &= ~FT_PF_LOCKED;
	capture__at(m, &a, FT_OP_ENTER, FT_HOOK_folio_remove_rmap_pmd, 2, 1);
	capture__rest(m, &a, 2, 1, 0);
	capture__end(m);
	run = capture__load(m, false);
	assert_int_equal(run->folios[0]->nr_lost, 1);
	assert_string_equal(run->folios[0]->lost->event->site->function, "folio_remove_rmap_pmd");
	assert_string_equal(run->folios[0]->lost->after->site->function, "folio_add_lru");
	ft_run__free(run);
	capture__free(m);
}

/* Only who cleared PG_lru has isolated the folio, whatever is returned. */
static void test_lost_not_isolated(void **state)
{
	int isolates;
	(void)state;

	for (isolates = 0; isolates < 2; isolates++) {
		struct capture_builder *m = capture__new();
		struct fixture a = capture__large(1, 512);
		const struct ft_lost *lost;
		struct ft_run *run;

		capture__meta(m);
		scenario__fault(m, &a);
		a.flags |= FT_PF_LOCKED;
		capture__call(m, FT_HOOK_migrate_device_unmap, false, 0);
		capture__at(m, &a, FT_OP_ENTER, FT_HOOK_folio_isolate_lru, 1, 0);
		if (isolates)
			a.flags &= ~FT_PF_LRU;
		capture__value(m, &a, FT_OP_RETURN, FT_HOOK_folio_isolate_lru, 2, 0, 1, 0);
		capture__call(m, FT_HOOK_migrate_device_unmap, true, 0);
		a.flags &= ~FT_PF_LOCKED;
		a.flags |= FT_PF_LRU;
		capture__rest(m, &a, 2, 1, 0);
		capture__end(m);
		run = capture__load(m, false);
		assert_int_equal(run->folios[0]->verdict, FT_VERDICT_LEAK);
		lost = run->folios[0]->lost;
		assert_string_equal(lost->after->site->function, "folio_isolate_lru");
		assert_int_equal(lost->after->op, isolates ? FT_OP_RETURN : FT_OP_ENTER);
		ft_run__free(run);
		capture__free(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_checkpoints),
		cmocka_unit_test(test_checkpoint_in_batch),
		cmocka_unit_test(test_checkpoint_of_fault),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_lost_twice),
		cmocka_unit_test(test_lost_not_transient),
		cmocka_unit_test(test_lost_not_isolated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
