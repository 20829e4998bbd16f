// SPDX-License-Identifier: GPL-2.0
/* Parts of the attribution, on made-up lives; no name in them is in any table. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/attribution.h"
#include "core/attribution_assign.h"

/* The cheapest way to give rows from row on a column each, by trying them all. */
static double by_trial(struct ft_assignment *a, size_t row, unsigned int taken)
{
	double best = DBL_MAX, cost;
	size_t j;

	if (row == a->rows)
		return 0;
	for (j = 0; j < a->columns; j++) {
		if (taken & 1U << j)
			continue;
		cost = *ft_assignment__at(a, row, j) + by_trial(a, row + 1, taken | 1U << j);
		if (cost < best)
			best = cost;
	}
	return best;
}

static void test_assignment(void **state)
{
	struct ft_assignment a;
	unsigned int seed = 1;
	size_t i, j, rows;
	int round;

	(void)state;
	for (round = 0; round < 200; round++) {
		rows = 1 + (size_t)rand_r(&seed) % 4;
		assert_int_equal(ft_assignment__init(&a, rows, rows + 1 + rand_r(&seed) % 3), 0);
		for (i = 0; i < a.rows; i++)
			for (j = 0; j < a.columns; j++)
				*ft_assignment__at(&a, i, j) = rand_r(&seed) % 40 - 20;
		ft_assignment__solve(&a);
		assert_true(fabs(a.total - by_trial(&a, 0, 0)) < 1e-9);
		for (j = 0; j < a.columns; j++)
			assert_true(fabs(ft_assignment__without(&a, j) + a.total -
					 by_trial(&a, 0, 1U << j)) < 1e-9);
		ft_assignment__free(&a);
	}
}

static const char *const caller_names[] = { "one_caller", "other_caller", "third_caller" };

/* A life told change by change; sites are numbered from 1. */
struct tale {
	struct ft_site site[40];
	struct ft_frame_name frame[3][2];
	const struct ft_frame_name *frames[3][2];
	struct ft_stack stack[3];
	struct ft_ref refs[2048];
	size_t nr;
	struct ft_ref next; /* what the next change has beside its site and delta */
	struct ft_classes classes;
	struct ft_tokens tokens;
	struct ft_attribution a;
};

static struct tale *tale__new(void)
{
	struct tale *t = calloc(1, sizeof(*t));
	size_t i, j;

	assert_non_null(t);
	for (i = 0; i < 40; i++)
		t->site[i] = (struct ft_site){ .function = "a_place", .offset = i };
	for (i = 0; i < 3; i++) {
		for (j = 0; j < 2; j++) {
			t->frame[i][j] = (struct ft_frame_name){
				.function = caller_names[i],
				.address = 100 * i + j,
			};
			t->frames[i][j] = &t->frame[i][j];
		}
		t->stack[i] = (struct ft_stack){ t->frames[i], 2, false };
	}
	t->next.invocation = 1;
	return t;
}

static void tale__free(struct tale *t)
{
	ft_classes__free(&t->classes);
	ft_tokens__free(&t->tokens);
	free(t);
}

static void change(struct tale *t, int site, int delta)
{
	struct ft_ref *r = &t->refs[t->nr++];

	t->next.t_ns += 1000;
	t->next.count += delta;
	*r = t->next;
	r->delta = delta;
	r->site = &t->site[site];
	r->stack = &t->stack[t->next.invocation % 3];
}

static const struct ft_suspect *best(struct tale *t, int64_t mapped, int64_t cached)
{
	struct ft_ref_end end = { .mapped = mapped, .cached = cached };

	end.surplus = t->next.count - mapped - cached;
	assert_int_equal(ft_tokens__of(&t->tokens, &t->classes, t->refs, t->nr, &end), 0);
	assert_int_equal(ft_attribution__of(&t->tokens, NULL, &t->a), 0);
	assert_true(t->a.lead->nr > 0);
	return &t->a.lead->suspect[0];
}

static uint64_t place(const struct tale *t, const struct ft_token *token)
{
	return t->classes.list[token->class].site->offset;
}

/* Faulted, taken twice in one call and put once in another place of it, unmapped. */
static void test_one_lost(void **state)
{
	struct tale *t = tale__new();

	(void)state;
	change(t, 1, 1);
	t->next.mapped = 1;
	t->next.invocation = 2;
	change(t, 2, 1);
	change(t, 3, -1);
	t->next.invocation = 3;
	change(t, 4, 1);
	t->next.mapped = 0;
	t->next.invocation = 4;
	change(t, 5, -1);
	assert_int_equal(place(t, best(t, 0, 0)->token), 4);
	assert_int_equal(t->a.confidence, FT_CERTAIN);
	assert_int_equal(t->a.lead->nr_over, 1);
	tale__free(t);
}

/* A surplus of two: both calls that took one and did not put it. */
static void test_two_lost(void **state)
{
	struct tale *t = tale__new();
	int i;

	(void)state;
	change(t, 1, 1);
	t->next.mapped = 1;
	for (i = 2; i <= 4; i++) {
		t->next.invocation = (uint32_t)i;
		change(t, 2, 1);
		change(t, 3, -1);
		if (i == 3)
			continue;
		change(t, 5 + i, 1);
	}
	best(t, 1, 0);
	assert_int_equal(t->a.lead->nr_over, 2);
	assert_int_equal(place(t, t->a.lead->over[0]), 7);
	assert_int_equal(place(t, t->a.lead->over[1]), 9);
	tale__free(t);
}

/* The first of two was lost long before the second: that there was only one too many
 * by then does not clear it. */
static void test_two_apart(void **state)
{
	struct tale *t = tale__new();

	(void)state;
	change(t, 1, 1);
	t->next.mapped = 1;
	t->next.invocation = 2;
	change(t, 7, 1);
	t->next.invocation = 3;
	change(t, 2, 1);
	t->next.invocation = 4;
	change(t, 3, -1);
	t->next.invocation = 5;
	change(t, 9, 1);
	best(t, 1, 0);
	assert_int_equal(t->a.lead->nr_over, 2);
	assert_int_equal(place(t, t->a.lead->over[0]), 7);
	assert_int_equal(place(t, t->a.lead->over[1]), 9);
	tale__free(t);
}

/* One call takes a reference, unmaps, and puts one. Whether the put was its own or the
 * mapping's, nothing tells. */
static void test_contested(void **state)
{
	struct tale *t = tale__new();

	(void)state;
	change(t, 1, 1);
	t->next.mapped = 1;
	t->next.invocation = 2;
	change(t, 2, 1);
	t->next.mapped = 0;
	change(t, 3, -1);
	best(t, 0, 0);
	assert_int_equal(t->a.confidence, FT_AMBIGUOUS);
	assert_int_equal(place(t, t->a.lead->suspect[0].token) +
				 place(t, t->a.lead->suspect[1].token),
			 1 + 2);
	tale__free(t);
}

/* Once the count is one too low, what was wrong has happened: who puts later did not. */
static void test_over_put_before(void **state)
{
	struct tale *t = tale__new();
	size_t i;

	(void)state;
	change(t, 1, 1);
	t->next.mapped = 1;
	change(t, 2, 1);
	t->next.mapped = 2;
	t->next.invocation = 2;
	change(t, 3, -1);
	t->next.invocation = 3;
	change(t, 4, 1);
	t->next.invocation = 4;
	change(t, 5, -1);
	assert_int_equal(place(t, best(t, 2, 0)->token), 3);
	assert_int_equal(t->a.confidence, FT_CERTAIN);
	for (i = 0; i < t->tokens.nr; i++)
		if (!ft_token__is_pseudo(&t->tokens.list[i]))
			assert_int_equal(t->tokens.list[i].cleared,
					 place(t, &t->tokens.list[i]) > 3);
	tale__free(t);
}

static void over_put_once(struct tale *t, bool wrong)
{
	int i;

	change(t, 1, 1);
	t->next.mapped = 1;
	for (i = 2; i <= 5; i++) {
		t->next.invocation = (uint32_t)i;
		change(t, 2, 1);
		change(t, 3, -1);
		if (wrong && i == 4)
			change(t, 6, -1);
	}
}

/* The dual: one call puts twice what it took once. Which of the two is too many
 * only a balanced folio can tell. */
static void test_over_put(void **state)
{
	struct tale *t = tale__new();
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
	t->next = (struct ft_ref){ .invocation = 1 };
	over_put_once(t, true);
	first = place(t, best(t, 1, 0)->token);
	assert_true(first == 6 || first == 3);
	assert_int_equal(t->a.confidence, FT_AMBIGUOUS);
	assert_int_equal(ft_attribution__of(&t->tokens, &model, &t->a), 0);
	assert_int_equal(place(t, t->a.lead->suspect[0].token), 6);
	assert_true(t->a.lead->suspect[0].token->put);
	assert_int_equal(t->a.confidence, FT_LIKELY);
	ft_model__free(&model);
	ft_learner__free(&learner);
	tale__free(t);
}

/* Two gets of one call and one put of it: both are named, neither is accused. */
static void test_tie(void **state)
{
	struct tale *t = tale__new();

	(void)state;
	change(t, 1, 1);
	t->next.mapped = 1;
	t->next.invocation = 2;
	change(t, 2, 1);
	change(t, 3, 1);
	change(t, 4, -1);
	best(t, 1, 0);
	assert_int_equal(t->a.confidence, FT_AMBIGUOUS);
	assert_int_equal(t->a.lead->nr, 3);
	assert_true(place(t, t->a.lead->suspect[0].token) == 2 ||
		    place(t, t->a.lead->suspect[0].token) == 3);
	assert_true(place(t, t->a.lead->suspect[1].token) == 2 ||
		    place(t, t->a.lead->suspect[1].token) == 3);
	tale__free(t);
}

/* 900 changes: one of 450 calls takes one more, before or after its usual pair. */
static void long_life(struct tale *t, bool between)
{
	uint32_t i;

	change(t, 1, 1);
	t->next.mapped = 1;
	for (i = 2; i < 450; i++) {
		t->next.invocation = i;
		change(t, 2, 1);
		if (i == 300 && between)
			change(t, 8, 1);
		change(t, 3, -1);
		if (i == 300 && !between)
			change(t, 8, 1);
	}
}

static void test_long(void **state)
{
	struct tale *t = tale__new();

	(void)state;
	long_life(t, false);
	assert_int_equal(place(t, best(t, 1, 0)->token), 8);
	assert_int_not_equal(t->a.confidence, FT_AMBIGUOUS);
	assert_true(t->tokens.nr <= 2 * FT_UNITS_MAX);
	assert_false(t->tokens.coarse);
	tale__free(t);
}

/* The pair with the wrong one of the two is not taken out as one without doubt. */
static void test_long_tie(void **state)
{
	struct tale *t = tale__new();
	uint64_t first, second;

	(void)state;
	long_life(t, true);
	first = place(t, best(t, 1, 0)->token);
	second = place(t, t->a.lead->suspect[1].token);
	assert_true((first == 2 && second == 8) || (first == 8 && second == 2));
	assert_int_equal(t->a.confidence, FT_AMBIGUOUS);
	tale__free(t);
}

/* Whatever a long life is made of, the work is bounded and the balance kept. */
static void test_long_wild(void **state)
{
	unsigned int seed = 7;
	struct tale *t = tale__new();
	int64_t gets = 0, puts = 0;
	size_t i;

	(void)state;
	for (i = 0; i < 2000; i++) {
		t->next.invocation = (uint32_t)rand_r(&seed) % 50;
		t->next.task = (uint32_t)rand_r(&seed) % 5;
		change(t, rand_r(&seed) % 40, t->next.count > 3 && rand_r(&seed) % 2 ? -1 : 1);
	}
	best(t, t->next.count - 2, 0);
	for (i = 0; i < t->tokens.nr; i++)
		*(t->tokens.list[i].put ? &puts : &gets) += t->tokens.list[i].n;
	assert_true(gets <= FT_UNITS_MAX && puts <= FT_UNITS_MAX);
	assert_int_equal(gets - puts, 2);
	tale__free(t);
}

/* A large folio of the page cache: 512 at once, and a lookup that is not put. */
static void test_block(void **state)
{
	struct tale *t = tale__new();

	(void)state;
	change(t, 1, 1);
	change(t, 2, 512);
	t->next.cached = 512;
	t->next.invocation = 2;
	change(t, 3, 1);
	change(t, 4, -1);
	change(t, 5, 1);
	t->next.invocation = 3;
	t->next.cached = 0;
	change(t, 6, -512);
	t->next.invocation = 1;
	change(t, 7, -1);
	assert_int_equal(place(t, best(t, 0, 0)->token), 5);
	assert_true(t->tokens.nr <= 6);
	tale__free(t);
}

/* A freeze and what follows are one change; times of two CPUs may be crossed. */
static void test_freeze_and_order(void **state)
{
	struct tale *t = tale__new();
	struct ft_ref swap;

	(void)state;
	change(t, 1, 1);
	t->next.mapped = 1;
	change(t, 2, 1);
	t->next.kind = FT_REF_FREEZE;
	change(t, 3, -2);
	t->next.kind = FT_REF_SET;
	change(t, 4, 2);
	t->next.kind = FT_REF_CHANGE;
	change(t, 5, -1);
	change(t, 6, 1);
	change(t, 7, 1);
	swap = t->refs[5];
	t->refs[5] = t->refs[6];
	t->refs[6] = swap;
	t->refs[5].count--;
	t->refs[6].count++;
	best(t, 1, 0);
	assert_int_equal(t->tokens.breaks, 0);
	assert_int_equal(t->tokens.nr, 6); /* with the one that stays mapped */
	tale__free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_assignment),
		cmocka_unit_test(test_one_lost),
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
