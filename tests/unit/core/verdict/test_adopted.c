// SPDX-License-Identifier: GPL-2.0
/* Folios that were there before: judged by what changed. */
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

static void adopt(struct capture_builder *m, struct fixture *a, int refcount, int mapcount)
{
	capture__at(m, a, FT_OP_ADOPTED, FT_HOOK_folio_add_file_rmap_ptes, refcount, mapcount);
}

/* There before: judged by what changed since the first stable reading. */
static void test_adopted(void **state)
{
	static const struct {
		const char *what;
		int first, last; /* surplus */
		bool locked;
		enum ft_verdict verdict;
		struct ft_reason because;
	} rows[] = {
		{ "clean", 0, 0, false, FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
		{ "it had one before", 1, 1, false, FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
		{ "it had one before, and lost it", 1, 0, false, FT_VERDICT_BALANCED,
		  BECAUSE(FT_REASON_NONE) },
		{ "grew", 0, 1, false, FT_VERDICT_INCONCLUSIVE,
		  BECAUSE(FT_REASON_ADOPTED_BOUNDARY_ONLY, 1) },
		{ "grew by two from one", 1, 3, false, FT_VERDICT_INCONCLUSIVE,
		  BECAUSE(FT_REASON_ADOPTED_BOUNDARY_ONLY, 2) },
		{ "no stable reading, clean", 3, 0, true, FT_VERDICT_BALANCED,
		  BECAUSE(FT_REASON_NONE) },
		{ "no stable reading", 0, 1, true, FT_VERDICT_INCONCLUSIVE,
		  BECAUSE(FT_REASON_ADOPTED_NO_STABLE_READING) },
		{ "one put too many", 0, -1, false, FT_VERDICT_OVERPUT,
		  BECAUSE(FT_REASON_DEFICIT, 2, 3) },
		{ "too few before already", -1, -1, false, FT_VERDICT_BALANCED,
		  BECAUSE(FT_REASON_NONE) },
	};
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct capture_builder *m = capture__new();
		struct fixture a = capture__small(1, 1);
		const struct ft_folio *folio;
		struct ft_run *run;

		a.flags = FILE_LRU | FT_PF_PRIVATE;
		capture__meta(m);
		a.flags |= rows[i].locked ? FT_PF_LOCKED : 0;
		adopt(m, &a, 12 + rows[i].first, 10);
		a.flags &= ~FT_PF_LOCKED;
		capture__rest(m, &a, 2, 3 + rows[i].last, 1);
		capture__end(m);
		run = capture__load(m, false);
		folio = folio_of(run, 1);
		if (folio->verdict != rows[i].verdict)
			fail_msg("%s: %s (%s)", rows[i].what, ft_verdict__name(folio->verdict),
				 reason_word(&folio->reason));
		assert_int_equal(folio->reason.code, rows[i].because.code);
		assert_memory_equal(folio->reason.n, rows[i].because.n, sizeof(folio->reason.n));
		assert_false(folio->born);
		assert_int_equal(folio->baseline, rows[i].locked ? 0 : rows[i].first);
		ft_run__free(run);
		capture__free(m);
	}
}

/* libc's page is mapped by everybody: no two readings agree, none is surplus. */
static void test_busy_but_clean(void **state)
{
	struct capture_builder *m = capture__new();
	struct ft_run *run;
	(void)state;

	scenario__build("adopted-clean", m);
	run = capture__load(m, false);
	assert_false(run->folios[0]->final.at_rest);
	assert_int_equal(run->folios[0]->verdict, FT_VERDICT_BALANCED);
	ft_run__free(run);
	capture__free(m);
}

/* Adopted, and the surplus came within one device migration, seen by its task. */
static void test_adopted_in_migration(void **state)
{
	int way;
	(void)state;

	for (way = 0; way < 3; way++) {
		struct capture_builder *m = capture__new();
		struct fixture a = capture__large(1, 512);
		struct ft_run *run;

		capture__meta(m);
		a.flags |= FT_PF_LOCKED;
		capture__at(m, &a, FT_OP_ADOPTED, FT_HOOK_set_pmd_migration_entry, 2, 1);
		capture__at(m, &a, FT_OP_ENTER, FT_HOOK_set_pmd_migration_entry, 2, 1);
		capture__at(m, &a, FT_OP_RETURN, FT_HOOK_set_pmd_migration_entry, 1, 0);
		if (way == 1)
			m->pid = 101; /* another task's checkpoint says nothing */
		capture__value(m, &a, FT_OP_CHECKPOINT, FT_HOOK___migrate_device_finalize, 2, 0, 0,
			       FT_AT_RMP_ENTRY | FT_CP_SRC_IS_DST);
		a.flags &= ~FT_PF_LOCKED;
		if (way == 2) { /* it went away, and somebody else came */
			capture__at(m, &a, FT_OP_RETURN, FT_HOOK_folio_add_lru, 0, 0);
		}
		capture__rest(m, &a, 2, 1, 0);
		capture__end(m);
		run = capture__load(m, false);
		assert_int_equal(run->folios[0]->baseline, 0);
		assert_int_equal(run->folios[0]->verdict,
				 way ? FT_VERDICT_INCONCLUSIVE : FT_VERDICT_LEAK);
		ft_run__free(run);
		capture__free(m);
	}
}

/* The record of the birth was lost: what was held before is not known. */
static void test_birth_lost(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture a = capture__large(1, 512), b = capture__large(2, 1024);
	struct ft_run *run;
	(void)state;

	capture__meta(m);
	a.seq = b.seq = 1;
	capture__at(m, &a, FT_OP_RETURN, FT_HOOK_folio_add_new_anon_rmap, 1, 1);
	capture__rest(m, &a, 2, 2, 1);
	capture__at(m, &b, FT_OP_RETURN, FT_HOOK_folio_add_new_anon_rmap, 1, 1);
	capture__rest(m, &b, 2, 1, 1);
	m->loss = "{\"ring\": 2}";
	capture__end(m);
	run = capture__load(m, false);
	assert_int_equal(folio_of(run, 1)->reason.code, FT_REASON_BIRTH_LOST);
	assert_int_equal(folio_of(run, 2)->verdict, FT_VERDICT_BALANCED);
	ft_run__free(run);
	capture__free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_adopted),
		cmocka_unit_test(test_busy_but_clean),
		cmocka_unit_test(test_adopted_in_migration),
		cmocka_unit_test(test_birth_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
