// SPDX-License-Identifier: GPL-2.0
/* What is told by call: closed calls, mappings by what rmap did there, expected pairs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/attribution/rmap.h"
#include "core/attribution/shares.h"
#include "support/reference_sequence.h"

/* A call that put what it took is closed; what one took and none put is left, and certain. */
static void test_closed(void **state)
{
	struct sequence *t = sequence__new();

	(void)state;
	t->next.count = t->next.mapped = 1;
	sequence__change(t, 2, 1);
	sequence__change(t, 3, -1);
	t->next.entry_seq = 2;
	sequence__change(t, 4, 1);
	assert_int_equal(sequence__place(t, sequence__best(t, 1, 0)->token), 4);
	assert_true(sequence__token_at(t, 0)->closed && sequence__token_at(t, 1)->closed);
	assert_false(sequence__token_at(t, 2)->closed);
	assert_int_equal(t->a.confidence, FT_CERTAIN);
	sequence__free(t);
}

/* A call that first puts what another took, and then takes one itself, is not closed. */
static void test_exchange(void **state)
{
	struct sequence *t = sequence__new();

	(void)state;
	t->next.count = t->next.mapped = 1;
	sequence__change(t, 2, 1);
	t->next.entry_seq = 2;
	sequence__change(t, 3, -1);
	sequence__change(t, 4, 1);
	assert_int_equal(sequence__place(t, sequence__best(t, 1, 0)->token), 4);
	assert_false(sequence__token_at(t, 1)->closed || sequence__token_at(t, 2)->closed);
	sequence__free(t);
}

/* An interrupt is no part of the call that it came into. */
static void test_interrupt(void **state)
{
	struct sequence *t = sequence__new();

	(void)state;
	t->next.count = t->next.mapped = 1;
	sequence__change(t, 2, 1);
	t->next.interrupt = true;
	sequence__change(t, 3, -1);
	t->next.interrupt = false;
	t->next.entry_seq = 2;
	sequence__change(t, 4, 1);
	sequence__best(t, 1, 0);
	assert_false(sequence__token_at(t, 0)->closed || sequence__token_at(t, 1)->closed);
	sequence__free(t);
}

/* Of refs of tasks 1 and 2, of which task 1 maps the folio once, or removes a mapping. */
static void match(struct ft_ref *list, size_t nr, uint32_t from, uint32_t until, int32_t n)
{
	struct ft_rmap_step step = { .task = 1,
				     .entry_seq = 1,
				     .n = n,
				     .left = n,
				     .from = from,
				     .until = until };
	struct ft_refs refs = { .list = list, .nr = nr, .steps = &step, .nr_steps = 1 };

	assert_int_equal(ft_refs__match_steps(&refs), 0);
}

/* Another CPU's get beside a mapping: the reference is of the call that mapped. */
static void test_beside_a_mapping(void **state)
{
	struct ft_ref list[] = {
		{ .task = 1, .entry_seq = 1, .delta = 1, .count = 2, .mapped = 1 },
		{ .task = 2, .entry_seq = 1, .delta = 1, .count = 3, .mapped = 1 },
		{ .task = 2, .entry_seq = 1, .delta = -1, .count = 2, .mapped = 2 },
	};

	(void)state;
	match(list, 3, 2, 2, 1);
	assert_int_equal(list[0].maps, 1);
	assert_int_equal(list[1].maps, 0);
	assert_int_equal(list[1].mapped, 2); /* from the ref behind its get on */
	assert_int_equal(list[2].mapped, 2);
}

/* A put of another between an unmap and its put: the mapping counts until that. */
static void test_put_late(void **state)
{
	struct ft_ref list[] = {
		{ .task = 2, .entry_seq = 1, .delta = 1, .count = 2, .mapped = 1 },
		{ .task = 2, .entry_seq = 1, .delta = -1, .count = 1, .mapped = 0 },
		{ .task = 1, .entry_seq = 1, .delta = -1, .count = 0, .mapped = 0 },
	};

	(void)state;
	match(list, 3, 1, 1, -1);
	assert_int_equal(list[1].maps, 0);
	assert_int_equal(list[2].maps, -1);
	assert_int_equal(list[1].mapped, 1);
	assert_int_equal(list[2].mapped, 0);
}

/* What the place never takes for a mapping is none, however near. */
static void test_no_mapping(void **state)
{
	struct ft_ref list[] = {
		{ .task = 1, .entry_seq = 1, .delta = 1, .count = 2 },
		{ .task = 1, .entry_seq = 1, .delta = 1, .count = 3, .no_mapping = true },
	};

	(void)state;
	match(list, 2, 2, 2, 1);
	assert_int_equal(list[0].maps, 1);
	assert_int_equal(list[1].maps, 0);
}

/* Two gets and two puts that fit either way: each pair is an example for its part. */
static void test_shares(void **state)
{
	struct sequence *t = sequence__new();
	struct ft_ref_end end = { .mapped = 1 };
	struct ft_shares x = { 0 };
	double nested, crossed;

	(void)state;
	t->next.count = t->next.mapped = 1;
	sequence__change(t, 2, 1);
	sequence__change(t, 3, 1);
	sequence__change(t, 4, -1);
	sequence__change(t, 5, -1);
	assert_int_equal(ft_tokens__of(&t->tokens, &t->classes, t->refs, t->nr, &end), 0);
	assert_int_equal(ft_shares__of(&x, &t->tokens, NULL), 0);
	nested = ft_shares__of_pair(&x, x.nr_gets - 1, 0);  /* 3, put by 4 */
	crossed = ft_shares__of_pair(&x, x.nr_gets - 1, 1); /* 3, put by 5 */
	assert_true(nested > crossed && crossed > 0.2);
	assert_float_equal(nested + crossed, 1, 0.05);
	ft_shares__free(&x);
	sequence__free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closed),	  cmocka_unit_test(test_exchange),
		cmocka_unit_test(test_interrupt), cmocka_unit_test(test_beside_a_mapping),
		cmocka_unit_test(test_put_late),  cmocka_unit_test(test_no_mapping),
		cmocka_unit_test(test_shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
