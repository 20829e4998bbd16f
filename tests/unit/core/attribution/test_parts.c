// SPDX-License-Identifier: GPL-2.0
/* Cases of the attribution, on made-up sequences of gets and puts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/attribution/cost.h"
#include "support/reference_sequence.h"

/* A fault, a call with a get and its put, a get without one, an unmap. */
static void test_one_lost(void **state)
{
	struct sequence *t = sequence__new();

	(void)state;
	sequence__change(t, 1, 1);
	t->next.mapped = 1;
	t->next.entry_seq = 2;
	sequence__change(t, 2, 1);
	sequence__change(t, 3, -1);
	t->next.entry_seq = 3;
	sequence__change(t, 4, 1);
	t->next.mapped = 0;
	t->next.entry_seq = 4;
	sequence__change(t, 5, -1);
	assert_int_equal(sequence__place(t, sequence__best(t, 0, 0)->token), 4);
	assert_int_equal(t->a.confidence, FT_CERTAIN);
	assert_int_equal(t->a.lead->nr_unmatched, 1);
	sequence__free(t);
}

/* A surplus of 2: both calls that did not put their reference are found. */
static void test_two_lost(void **state)
{
	struct sequence *t = sequence__new();
	int i;

	(void)state;
	sequence__change(t, 1, 1);
	t->next.mapped = 1;
	for (i = 2; i <= 4; i++) {
		t->next.entry_seq = (uint32_t)i;
		sequence__change(t, 2, 1);
		sequence__change(t, 3, -1);
		if (i == 3)
			continue;
		sequence__change(t, 5 + i, 1);
	}
	sequence__best(t, 1, 0);
	assert_int_equal(t->a.lead->nr_unmatched, 2);
	assert_int_equal(sequence__place(t, t->a.lead->unmatched[0]), 7);
	assert_int_equal(sequence__place(t, t->a.lead->unmatched[1]), 9);
	sequence__free(t);
}

/* Of a surplus of 2 the first was lost long before the second: a surplus of only 1 in
 * between does not clear it. */
static void test_two_apart(void **state)
{
	struct sequence *t = sequence__new();

	(void)state;
	sequence__change(t, 1, 1);
	t->next.mapped = 1;
	t->next.entry_seq = 2;
	sequence__change(t, 7, 1);
	t->next.entry_seq = 3;
	sequence__change(t, 2, 1);
	t->next.entry_seq = 4;
	sequence__change(t, 3, -1);
	t->next.entry_seq = 5;
	sequence__change(t, 9, 1);
	sequence__best(t, 1, 0);
	assert_int_equal(t->a.lead->nr_unmatched, 2);
	assert_int_equal(sequence__place(t, t->a.lead->unmatched[0]), 7);
	assert_int_equal(sequence__place(t, t->a.lead->unmatched[1]), 9);
	sequence__free(t);
}

/* One call takes a reference, unmaps, and does one put: that may be of its own reference or
 * of the mapping's. */
static void test_contested(void **state)
{
	struct sequence *t = sequence__new();

	(void)state;
	sequence__change(t, 1, 1);
	t->next.mapped = 1;
	t->next.entry_seq = 2;
	sequence__change(t, 2, 1);
	t->next.mapped = 0;
	sequence__change(t, 3, -1);
	sequence__best(t, 0, 0);
	assert_int_equal(t->a.confidence, FT_AMBIGUOUS);
	assert_int_equal(sequence__place(t, t->a.lead->suspect[0].token) +
				 sequence__place(t, t->a.lead->suspect[1].token),
			 1 + 2);
	sequence__free(t);
}

/* Once the count is too low, the wrong put has been done: later puts are cleared. */
static void test_over_put_before(void **state)
{
	struct sequence *t = sequence__new();
	size_t i;

	(void)state;
	sequence__change(t, 1, 1);
	t->next.mapped = 1;
	sequence__change(t, 2, 1);
	t->next.mapped = 2;
	t->next.entry_seq = 2;
	sequence__change(t, 3, -1);
	t->next.entry_seq = 3;
	sequence__change(t, 4, 1);
	t->next.entry_seq = 4;
	sequence__change(t, 5, -1);
	assert_int_equal(sequence__place(t, sequence__best(t, 2, 0)->token), 3);
	assert_int_equal(t->a.confidence, FT_CERTAIN);
	for (i = 0; i < t->tokens.nr; i++)
		if (!ft_token__is_pseudo(&t->tokens.list[i]))
			assert_int_equal(t->tokens.list[i].cleared,
					 sequence__place(t, &t->tokens.list[i]) > 3);
	sequence__free(t);
}

static void over_put_once(struct sequence *t, bool wrong)
{
	int i;

	sequence__change(t, 1, 1);
	t->next.mapped = 1;
	for (i = 2; i <= 5; i++) {
		t->next.entry_seq = (uint32_t)i;
		sequence__change(t, 2, 1);
		sequence__change(t, 3, -1);
		if (wrong && i == 4)
			sequence__change(t, 6, -1);
	}
}

/* An over-put: one call does two puts for one get. Only the model can decide which of the
 * two is wrong. */
static void test_over_put(void **state)
{
	struct sequence *t = sequence__new();
	struct ft_ref_end end = { .mapped = 1 };
	struct ft_learner learner = { 0 };
	struct ft_model model = { 0 };
	uint64_t first;

	(void)state;
	over_put_once(t, false);
	assert_int_equal(ft_tokens__of(&t->tokens, &t->classes, t->refs, t->nr, &end), 0);
	assert_int_equal(ft_learner__add(&learner, &t->tokens, 5), 0);
	assert_int_equal(ft_learner__learn(&learner, &model), 0);
	t->nr = 0;
	t->next = (struct ft_ref){ .entry_seq = 1 };
	over_put_once(t, true);
	first = sequence__place(t, sequence__best(t, 1, 0)->token);
	assert_true(first == 6 || first == 3);
	assert_int_equal(t->a.confidence, FT_AMBIGUOUS);
	assert_int_equal(ft_attribution__of(&t->tokens, &model, &t->a), 0);
	assert_int_equal(sequence__place(t, t->a.lead->suspect[0].token), 6);
	assert_true(t->a.lead->suspect[0].token->put);
	assert_int_equal(t->a.confidence, FT_LIKELY);
	ft_model__free(&model);
	ft_learner__free(&learner);
	sequence__free(t);
}

/* One call with two gets and one put: both are candidates, and neither is the answer. */
static void test_tie(void **state)
{
	struct sequence *t = sequence__new();

	(void)state;
	sequence__change(t, 1, 1);
	t->next.mapped = 1;
	t->next.entry_seq = 2;
	sequence__change(t, 2, 1);
	sequence__change(t, 3, 1);
	sequence__change(t, 4, -1);
	sequence__best(t, 1, 0);
	assert_int_equal(t->a.confidence, FT_AMBIGUOUS);
	assert_int_equal(t->a.lead->nr, 3);
	assert_true(sequence__place(t, t->a.lead->suspect[0].token) == 2 ||
		    sequence__place(t, t->a.lead->suspect[0].token) == 3);
	assert_true(sequence__place(t, t->a.lead->suspect[1].token) == 2 ||
		    sequence__place(t, t->a.lead->suspect[1].token) == 3);
	sequence__free(t);
}

/* 450 calls with a get and a put each, and one more get in one of them: inside of its pair
 * or behind it. */
static void long_folio(struct sequence *t, bool between)
{
	uint32_t i;

	sequence__change(t, 1, 1);
	t->next.mapped = 1;
	for (i = 2; i < 450; i++) {
		t->next.entry_seq = i;
		sequence__change(t, 2, 1);
		if (i == 300 && between)
			sequence__change(t, 8, 1);
		sequence__change(t, 3, -1);
		if (i == 300 && !between)
			sequence__change(t, 8, 1);
	}
}

static void test_long(void **state)
{
	struct sequence *t = sequence__new();

	(void)state;
	long_folio(t, false);
	assert_int_equal(sequence__place(t, sequence__best(t, 1, 0)->token), 8);
	assert_int_not_equal(t->a.confidence, FT_AMBIGUOUS);
	assert_true(t->tokens.nr <= 2 * FT_UNITS_MAX);
	assert_false(t->tokens.coarse);
	sequence__free(t);
}

/* Shrinking must not cancel the put with one of the two gets that may be its own. */
static void test_long_tie(void **state)
{
	struct sequence *t = sequence__new();
	uint64_t first, second;

	(void)state;
	long_folio(t, true);
	first = sequence__place(t, sequence__best(t, 1, 0)->token);
	second = sequence__place(t, t->a.lead->suspect[1].token);
	assert_true((first == 2 && second == 8) || (first == 8 && second == 2));
	assert_int_equal(t->a.confidence, FT_AMBIGUOUS);
	sequence__free(t);
}

/* However long and irregular: the number of tokens is bounded, the surplus stays. */
static void test_long_wild(void **state)
{
	unsigned int seed = 7;
	struct sequence *t = sequence__new();
	int64_t gets = 0, puts = 0;
	size_t i;

	(void)state;
	for (i = 0; i < 2000; i++) {
		t->next.entry_seq = (uint32_t)rand_r(&seed) % 50;
		t->next.task = (uint32_t)rand_r(&seed) % 5;
		sequence__change(t, rand_r(&seed) % 40,
				 t->next.count > 3 && rand_r(&seed) % 2 ? -1 : 1);
	}
	sequence__best(t, t->next.count - 2, 0);
	for (i = 0; i < t->tokens.nr; i++)
		*(t->tokens.list[i].put ? &puts : &gets) += t->tokens.list[i].n;
	assert_true(gets <= FT_UNITS_MAX && puts <= FT_UNITS_MAX);
	assert_int_equal(gets - puts, 2);
	sequence__free(t);
}

/* A large folio enters the page cache with 512 references at once; a lookup is not put. */
static void test_block(void **state)
{
	struct sequence *t = sequence__new();

	(void)state;
	sequence__change(t, 1, 1);
	sequence__change(t, 2, 512);
	t->next.cached = 512;
	t->next.entry_seq = 2;
	sequence__change(t, 3, 1);
	sequence__change(t, 4, -1);
	sequence__change(t, 5, 1);
	t->next.entry_seq = 3;
	t->next.cached = 0;
	sequence__change(t, 6, -512);
	t->next.entry_seq = 1;
	sequence__change(t, 7, -1);
	assert_int_equal(sequence__place(t, sequence__best(t, 0, 0)->token), 5);
	assert_true(t->tokens.nr <= 6);
	sequence__free(t);
}

/* The same p is certain in a short lifetime and only likely in a long one. */
static void test_long_doubt(void **state)
{
	struct sequence *t = sequence__new();
	int pairs, i;
	double p;

	(void)state;
	for (pairs = 1; pairs <= 51; pairs += 50) {
		t->nr = 0;
		t->next = (struct ft_ref){ .entry_seq = 1, .count = 1, .mapped = 1 };
		for (i = 0; i < pairs; i++) {
			sequence__change(t, 2, 1);
			sequence__change(t, 3, -1);
		}
		t->next.task = 1;
		sequence__change(t, 4, 1);
		t->next.task = 2;
		sequence__change(t, 5, 1);
		t->next.task = 1;
		t->next.entry_seq = 2; /* in one call both would be closed, and nothing in doubt */
		sequence__change(t, 6, -1);
		p = sequence__best(t, 1, 0)->p;
		assert_int_equal(sequence__place(t, t->a.lead->suspect[0].token), 5);
		assert_true(p > 0.7 && p < 0.95);
		assert_int_equal(t->a.confidence, pairs == 1 ? FT_CERTAIN : FT_LIKELY);
	}
	sequence__free(t);
}

/* A freeze and the set that ends it are one change; refs of two CPUs may be in the wrong
 * order. */
static void test_freeze_and_order(void **state)
{
	struct sequence *t = sequence__new();
	struct ft_ref swap;

	(void)state;
	sequence__change(t, 1, 1);
	t->next.mapped = 1;
	sequence__change(t, 2, 1);
	t->next.kind = FT_REF_FREEZE;
	sequence__change(t, 3, -2);
	t->next.kind = FT_REF_SET;
	sequence__change(t, 4, 2);
	t->next.kind = FT_REF_CHANGE;
	sequence__change(t, 5, -1);
	sequence__change(t, 6, 1);
	sequence__change(t, 7, 1);
	swap = t->refs[5];
	t->refs[5] = t->refs[6];
	t->refs[6] = swap;
	t->refs[5].count--;
	t->refs[6].count++;
	sequence__best(t, 1, 0);
	assert_int_equal(t->tokens.breaks, 0);
	assert_int_equal(t->tokens.nr, 6); /* with the one that stays mapped */
	sequence__free(t);
}

/* Pins are left that nobody has: one of them is lost, whatever others did with theirs. */
static void test_unowned_pin(void **state)
{
	struct ft_token list[] = {
		{ .at = 0, .n = 1, .class = 1, .place = 1, .hold = FT_HOLD_MAP },
		{ .at = 1, .n = 1, .class = 2, .place = 2, .hold = FT_HOLD_PIN, .unowned = true },
		{ .at = 2, .n = 1, .class = 3, .place = 3, .hold = FT_HOLD_MAP, .put = true },
	};
	const struct ft_tokens tokens = { .list = list, .nr = 3, .surplus = 1 };
	struct ft_model model = { 0 };
	struct ft_assignment solved;
	struct ft_sides sides;
	(void)state;

	/* a driver's pins, that it put where mappings are put */
	assert_int_equal(ft_model__add(&model, &list[1], &list[2], 50, 1000), 0);
	assert_int_equal(ft_sides__of(&sides, &tokens), 0);
	assert_int_equal(ft_sides__assign(&sides, &model, &solved), 0);
	assert_int_equal(solved.row_of[0], 0);
	assert_true(solved.row_of[1] < 0);
	ft_assignment__free(&solved);
	ft_sides__free(&sides);
	ft_model__free(&model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_lost),
		cmocka_unit_test(test_unowned_pin),
		cmocka_unit_test(test_two_lost),
		cmocka_unit_test(test_two_apart),
		cmocka_unit_test(test_contested),
		cmocka_unit_test(test_over_put_before),
		cmocka_unit_test(test_over_put),
		cmocka_unit_test(test_tie),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_long_tie),
		cmocka_unit_test(test_long_wild),
		cmocka_unit_test(test_block),
		cmocka_unit_test(test_freeze_and_order),
		cmocka_unit_test(test_long_doubt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
