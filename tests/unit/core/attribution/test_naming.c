// SPDX-License-Identifier: GPL-2.0
/*
 * From a capture to the name of the lost get. The functions are made up: no table of the
 * core knows them, as it does not know those of a driver.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/scenarios.h"

#define SYMBOLS                                                                                    \
	"{\"sites\": [{\"id\": 1, \"function\": \"drv_pin\", \"offset\": 16},"                     \
	"{\"id\": 2, \"function\": \"drv_unpin\", \"offset\": 32},"                                \
	"{\"id\": 3, \"function\": \"drv_peek\", \"offset\": 48},"                                 \
	"{\"id\": 4, \"function\": \"drv_unpeek\", \"offset\": 64},"                               \
	"{\"id\": 5, \"function\": \"zap\", \"offset\": 80},"                                      \
	"{\"id\": 6, \"function\": \"__folio_batch_add_and_move\", \"offset\": 31}],"              \
	"\"frames\": [{\"address\": 4096, \"function\": \"drv_any\", \"offset\": 17},"             \
	"{\"address\": 8192, \"function\": \"drv_ioctl\", \"offset\": 5}]}"

enum { PIN = 1, UNPIN, PEEK, UNPEEK, ZAP, BATCH };

static const uint64_t frames[] = { 4096, 8192 };

static struct capture_builder *start(void)
{
	struct capture_builder *m = capture__new();

	m->source = "inline";
	capture__meta(m);
	capture__symbols(m, SYMBOLS);
	capture__stack(m, 1, frames, 2);
	return m;
}

static void born(struct capture_builder *m, struct fixture *a)
{
	capture__at(m, a, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap, 1, 0);
	capture__at(m, a, FT_OP_RETURN, FT_HOOK_folio_add_new_anon_rmap, 1, 1);
}

static void get(struct capture_builder *m, struct fixture *a, uint32_t site)
{
	capture__op_of(m, a, FT_OP_GET, FT_SRC_INLINE, site, 1, 1);
}

static void put(struct capture_builder *m, struct fixture *a, uint32_t site)
{
	capture__op_of(m, a, FT_OP_PUT, FT_SRC_INLINE, site, -1, 1);
}

static void zap(struct capture_builder *m, struct fixture *a)
{
	a->mapcount = 0;
	put(m, a, ZAP);
}

/* Two gets and their puts in one call; then unmapped and freed. */
static void healthy(struct capture_builder *m, uint32_t id)
{
	struct fixture a = capture__small(id, id);

	born(m, &a);
	get(m, &a, PIN);
	get(m, &a, PEEK);
	put(m, &a, UNPEEK);
	capture__call(m, FT_HOOK_split_huge_pmd_address, false, 0);
	put(m, &a, UNPIN);
	capture__call(m, FT_HOOK_split_huge_pmd_address, true, 0);
	zap(m, &a);
	scenario__die(m, &a);
}

static struct ft_run *finish(struct capture_builder *m, bool keep_all)
{
	struct ft_run *run;

	capture__flush(m);
	capture__end(m);
	run = capture__load(m, keep_all);
	capture__free(m);
	return run;
}

/* The same without one of the two puts. */
static struct ft_run *leak(unsigned int nr_healthy, bool keep_all)
{
	struct capture_builder *m = start();
	struct fixture a = capture__small(100, 100);
	unsigned int i;

	for (i = 1; i <= nr_healthy; i++)
		healthy(m, i);
	a.flags |= FT_PF_LRU;
	born(m, &a);
	get(m, &a, PIN);
	get(m, &a, PEEK);
	put(m, &a, UNPEEK);
	capture__call(m, FT_HOOK_split_huge_pmd_address, false, 0);
	capture__call(m, FT_HOOK_split_huge_pmd_address, true, 0);
	zap(m, &a);
	capture__rest(m, &a, 2, 1, 0);
	return finish(m, keep_all);
}

static bool is_pin_or_peek(const struct ft_site *site)
{
	return (!strcmp(site->function, "drv_pin") && site->offset == 0x10) ||
	       (!strcmp(site->function, "drv_peek") && site->offset == 0x30);
}

static void test_undecided(void **state)
{
	struct ft_run *run = leak(0, false);
	const struct ft_folio *folio = folio_of(run, 100);

	(void)state;
	assert_int_equal(folio->verdict, FT_VERDICT_LEAK);
	assert_int_equal(folio->nr_lost, 1);
	assert_int_equal(folio->lost[0].confidence, FT_AMBIGUOUS);
	assert_true(folio->lost[0].nr_candidates >= 2);
	assert_int_equal(folio->lost[0].reason.code, FT_REASON_CANDIDATES_UNDECIDED);
	assert_string_not_equal(folio->lost[0].site->function,
				folio->lost[0].reason.site->function);
	assert_true(is_pin_or_peek(folio->lost[0].site));
	assert_true(is_pin_or_peek(folio->lost[0].reason.site));
	assert_null(folio->lost[0].answered_by);
	assert_int_equal(folio->lost[0].answer.code, FT_REASON_ANSWER_UNKNOWN);
	ft_run__free(run);
}

/* Freed folios are forgotten in the first pass and read again in a second. */
static void test_learned(void **state)
{
	int keep_all;

	(void)state;
	for (keep_all = 0; keep_all < 2; keep_all++) {
		struct ft_run *run = leak(7, keep_all);
		const struct ft_lost *lost = folio_of(run, 100)->lost;

		assert_non_null(lost);
		assert_false(lost->put);
		assert_string_equal(lost->site->function, "drv_pin");
		assert_string_equal(lost->stack->frames[1]->function, "drv_ioctl");
		assert_int_equal(lost->confidence, FT_LIKELY);
		assert_string_equal(lost->answered_by->function, "drv_unpin");
		assert_string_equal(lost->answered_in->function, "split_huge_pmd_address");
		assert_int_equal(lost->answered, 7);
		assert_int_equal(lost->answer.n[0], 7);
		assert_int_equal(lost->nr_returned, 1);
		assert_ptr_equal(lost->returned[0].site, lost->answered_in);
		ft_run__free(run);
	}
}

/* A record that was lost may have been the missing put: never certain. */
static void test_record_lost(void **state)
{
	int lost;

	(void)state;
	for (lost = 0; lost < 2; lost++) {
		struct capture_builder *m = start();
		struct fixture a = capture__small(100, 100);
		const struct ft_folio *folio;
		struct ft_run *run;

		a.flags |= FT_PF_LRU;
		born(m, &a);
		get(m, &a, PIN);
		a.seq += (uint32_t)lost;
		zap(m, &a);
		capture__value(m, &a, FT_OP_SNAPSHOT, FT_HOOK_settle, 1, 0, 1, lost);
		capture__value(m, &a, FT_OP_SNAPSHOT, FT_HOOK_settle, 1, 0, 2, lost);
		run = finish(m, false);
		folio = folio_of(run, 100);
		assert_int_equal(folio->nr_lost, 1);
		assert_string_equal(folio->lost[0].site->function, "drv_pin");
		assert_int_equal(folio->lost[0].confidence, lost ? FT_LIKELY : FT_CERTAIN);
		ft_run__free(run);
	}
}

/* If the operations do not add up to the count, one was not seen, and that may be the
 * missing put. */
static void test_conservation_broken(void **state)
{
	int unseen;

	(void)state;
	for (unseen = 0; unseen < 2; unseen++) {
		struct capture_builder *m = start();
		struct fixture a = capture__small(100, 100);
		const struct ft_folio *folio;
		struct ft_run *run;

		a.flags |= FT_PF_LRU;
		born(m, &a);
		if (unseen) {
			a.refcount++;
			put(m, &a, UNPEEK);
		}
		get(m, &a, PIN);
		zap(m, &a);
		capture__rest(m, &a, 2, 1, 0);
		run = finish(m, false);
		folio = folio_of(run, 100);
		assert_int_equal(folio->conservation.state,
				 unseen ? FT_CONSERVATION_BROKEN : FT_CONSERVATION_HOLDS);
		assert_int_equal(folio->nr_lost, 1);
		assert_string_equal(folio->lost[0].site->function, "drv_pin");
		assert_int_equal(folio->lost[0].confidence, unseen ? FT_LIKELY : FT_CERTAIN);
		assert_int_equal(folio->lost[0].reason.code,
				 unseen ? FT_REASON_OTHERS_PAIRED_AS_SEEN :
					  FT_REASON_OTHERS_PAIRED);
		ft_run__free(run);
	}
}

static void test_over_put(void **state)
{
	struct capture_builder *m = start();
	struct fixture a = capture__small(100, 100);
	struct ft_run *run;
	const struct ft_folio *folio;

	(void)state;
	a.flags |= FT_PF_LRU;
	born(m, &a);
	get(m, &a, 7); /* a site without a name stays */
	a.mapcount = 2;
	get(m, &a, PIN);
	put(m, &a, UNPIN);
	put(m, &a, UNPEEK);
	capture__rest(m, &a, 2, 1, 2);
	run = finish(m, false);
	folio = folio_of(run, 100);
	assert_int_equal(folio->verdict, FT_VERDICT_OVERPUT);
	assert_int_equal(folio->nr_lost, 1);
	assert_true(folio->lost[0].put);
	assert_true(!strcmp(folio->lost[0].site->function, "drv_unpin") ||
		    !strcmp(folio->lost[0].site->function, "drv_unpeek"));
	ft_run__free(run);
}

/* A reference of a folio in a per-CPU batch is not lost; but a drain empties the batches. */
static struct ft_run *in_batch(bool drained)
{
	struct capture_builder *m = start();
	struct fixture a = capture__small(100, 100);

	m->drained = drained;
	a.flags |= FT_PF_LRU;
	born(m, &a);
	get(m, &a, PIN);
	put(m, &a, UNPIN);
	get(m, &a, BATCH);
	zap(m, &a);
	capture__rest(m, &a, 2, 1, 0);
	return finish(m, false);
}

static void test_in_batch(void **state)
{
	struct ft_run *run = in_batch(false);

	(void)state;
	assert_int_equal(folio_of(run, 100)->verdict, FT_VERDICT_INCONCLUSIVE);
	assert_int_equal(folio_of(run, 100)->reason.code, FT_REASON_LRU_NOT_DRAINED);
	assert_int_equal(run->verdict, FT_RUN_INCONCLUSIVE);
	ft_run__free(run);
	run = in_batch(true);
	assert_int_equal(folio_of(run, 100)->verdict, FT_VERDICT_LEAK);
	assert_int_equal(folio_of(run, 100)->nr_lost, 1);
	assert_string_equal(folio_of(run, 100)->lost[0].site->function,
			    "__folio_batch_add_and_move");
	ft_run__free(run);
}

/* Another task looks at the folio between an unmap and the put that goes with it. */
static void test_put_after_another(void **state)
{
	struct capture_builder *m = start();
	struct fixture a = capture__small(100, 100);
	const struct ft_folio *folio;
	struct ft_run *run;
	(void)state;

	born(m, &a);
	m->entry_seq = 5;
	get(m, &a, PIN);
	get(m, &a, PIN);
	m->pid = 200;
	put(m, &a, UNPIN);
	m->pid = 100;
	m->entry_seq = 6;
	capture__at(m, &a, FT_OP_ENTER, FT_HOOK_folio_remove_rmap_ptes, 2, 1);
	capture__at(m, &a, FT_OP_RETURN, FT_HOOK_folio_remove_rmap_ptes, 2, 0);
	m->pid = 300;
	get(m, &a, PEEK);
	put(m, &a, UNPEEK);
	m->pid = 100;
	put(m, &a, ZAP);
	capture__rest(m, &a, 2, 1, 0);
	run = finish(m, false);
	folio = folio_of(run, 100);
	assert_int_equal(folio->nr_lost, 1);
	assert_string_equal(folio->lost[0].site->function, "drv_pin");
	assert_int_equal(folio->lost[0].confidence, FT_CERTAIN);
	ft_run__free(run);
}

/* A get in this system call, which fails; or it is the next one that does. */
static struct ft_run *system_call(bool next)
{
	struct capture_builder *m = start();
	struct fixture a = capture__small(100, 100);

	a.flags |= FT_PF_LRU;
	m->entry_seq = 5;
	born(m, &a);
	get(m, &a, PIN);
	m->entry_seq += next;
	capture__call(m, FT_HOOK_system_call, true, -12);
	m->entry_seq++;
	zap(m, &a);
	capture__rest(m, &a, 2, 1, 0);
	return finish(m, false);
}

static void test_system_call(void **state)
{
	struct ft_run *run = system_call(false);
	const struct ft_lost *lost = folio_of(run, 100)->lost;
	(void)state;

	assert_int_equal(folio_of(run, 100)->nr_lost, 1);
	assert_int_equal(lost->nr_returned, 1);
	assert_string_equal(lost->returned[0].site->function, "system_call");
	assert_int_equal(lost->returned[0].value, -12);
	ft_run__free(run);
	run = system_call(true);
	assert_int_equal(folio_of(run, 100)->nr_lost, 1);
	assert_int_equal(folio_of(run, 100)->lost->nr_returned, 0);
	ft_run__free(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_undecided),   cmocka_unit_test(test_learned),
		cmocka_unit_test(test_record_lost), cmocka_unit_test(test_over_put),
		cmocka_unit_test(test_in_batch),    cmocka_unit_test(test_conservation_broken),
		cmocka_unit_test(test_system_call), cmocka_unit_test(test_put_after_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
