// SPDX-License-Identifier: GPL-2.0
/* Holder evidence and the watermark, in situations that real captures had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/reference_sequence.h"

/* An isolated folio goes back through a batch: folio_putback_lru() puts the reference of
 * the isolation before PG_lru is set again. */
static void test_given_back(void **state)
{
	struct sequence *t = sequence__new();
	int i;

	(void)state;
	t->site[4].function = "__folio_batch_add_and_move";
	t->site[6].function = "folio_batch_move_lru";
	t->next.count = t->next.mapped = 1;
	t->next.lru = true;
	sequence__change(t, 2, 1);
	sequence__change(t, 3, -1);
	t->next.entry_seq = 2;
	t->next.lru = false;
	sequence__change(t, 1, 1);
	sequence__change(t, 4, 1);
	sequence__change(t, 5, -1);
	t->next.lru = true;
	sequence__change(t, 6, -1);
	for (i = 7; i <= 9; i += 2) {
		t->next.entry_seq = (uint32_t)i;
		sequence__change(t, i, 1);
		sequence__change(t, i + 1, -1);
	}
	sequence__best(t, 0, 0);
	assert_int_equal(sequence__token_at(t, 2)->hold, FT_HOLD_ISOLATION);
	assert_int_equal(sequence__token_at(t, 4)->hold, FT_HOLD_ISOLATION);
	sequence__free(t);
}

/* The reference of the isolation is lost: the put of a later call has its own get. */
static void test_not_given_back(void **state)
{
	struct sequence *t = sequence__new();

	(void)state;
	t->next.count = t->next.mapped = 1;
	t->next.lru = true;
	sequence__change(t, 2, 1);
	sequence__change(t, 3, -1);
	t->next.entry_seq = 2;
	t->next.lru = false;
	sequence__change(t, 1, 1);
	t->next.entry_seq = 3;
	t->next.lru = true;
	sequence__change(t, 4, 1);
	sequence__change(t, 5, -1);
	assert_int_equal(sequence__place(t, sequence__best(t, 1, 0)->token), 1);
	assert_int_equal(sequence__token_at(t, 4)->hold, FT_HOLD_NONE);
	assert_int_equal(t->a.confidence, FT_CERTAIN);
	sequence__free(t);
}

/* finish_fault() maps all pages of a folio first and then takes the references for all but
 * one: the count is too low in between, which clears no get. */
static void test_mapped_early(void **state)
{
	struct sequence *t = sequence__new();

	(void)state;
	t->next.count = t->next.cached = 16;
	sequence__change(t, 1, 1);
	t->next.entry_seq = 2;
	sequence__change(t, 2, 1);
	t->next.mapped = 16;
	sequence__change(t, 3, 15);
	t->next.mapped = 0;
	t->next.entry_seq = 3;
	sequence__change(t, 4, -16);
	assert_int_equal(sequence__place(t, sequence__best(t, 0, 16)->token), 1);
	assert_false(sequence__token_at(t, 0)->cleared);
	sequence__free(t);
}

/* A zap puts what it unmapped when its batch is flushed, after operations of others: the
 * mapping's reference is not unput then. */
static void test_put_late(void **state)
{
	struct sequence *t = sequence__new();
	int late;

	(void)state;
	for (late = 0; late < 2; late++) {
		t->nr = 0;
		t->next = (struct ft_ref){ .entry_seq = 1, .count = 1, .cached = 1 };
		sequence__change(t, 1, 1);
		t->next.mapped = 1;
		t->next.entry_seq = 2;
		sequence__change(t, 2, 1);
		t->next.mapped = 0;
		t->next.entry_seq = 3;
		sequence__change(t, 3, 1);
		t->next.entry_seq = 2;
		if (late)
			sequence__change(t, 4, -1);
		sequence__best(t, 0, 1);
		assert_int_equal(sequence__token_at(t, 0)->hold, FT_HOLD_MAP);
		assert_int_equal(sequence__token_at(t, 0)->unput, !late);
	}
	sequence__free(t);
}

/* Two holders go away between two operations, with one put. */
static void test_one_of_two_put(void **state)
{
	struct sequence *t = sequence__new();

	(void)state;
	sequence__change(t, 1, 1);
	sequence__change(t, 2, 1);
	t->next.cached = 1;
	sequence__change(t, 3, 1);
	t->next.cached = 2;
	sequence__change(t, 4, -1);
	t->next.entry_seq = 2;
	t->next.cached = 0;
	sequence__change(t, 5, -1);
	sequence__best(t, 0, 0);
	assert_int_equal(sequence__token_at(t, 4)->hold, FT_HOLD_CACHE);
	assert_int_equal(t->a.confidence, FT_AMBIGUOUS);
	sequence__free(t);
}

/* A batch takes its reference just before the folio is mapped (a shmem fault of 6.1): the
 * reference is the batch's, although the mapcount rises with it. */
static void test_batch_before_map(void **state)
{
	struct sequence *t = sequence__new();

	(void)state;
	t->site[2].function = "__folio_batch_add_and_move";
	sequence__change(t, 1, 1);
	sequence__change(t, 2, 1);
	t->next.mapped = 1;
	sequence__change(t, 3, 1);
	sequence__best(t, 1, 0);
	assert_int_equal(sequence__token_at(t, 1)->hold, FT_HOLD_OPEN_BATCH);
	sequence__free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_given_back),     cmocka_unit_test(test_not_given_back),
		cmocka_unit_test(test_mapped_early),   cmocka_unit_test(test_put_late),
		cmocka_unit_test(test_one_of_two_put), cmocka_unit_test(test_batch_before_map),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
