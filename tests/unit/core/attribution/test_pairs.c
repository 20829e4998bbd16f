// SPDX-License-Identifier: GPL-2.0
/* What other runs taught: collected by names, asked by names, and heard where a run is silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/attribution/pair_list.h"
#include "core/attribution/pair_table.h"

/* Gets and puts of one function each, as a run would have them. */
struct actors {
	struct ft_site site[4];
	struct ft_frame_name frame[8];
	struct ft_classes classes;
};

/* A token at a site, called by caller and, beyond, by outer. */
static struct ft_token token(struct actors *a, unsigned int nr, const char *function,
			     const char *caller, const char *outer, bool put)
{
	const struct ft_frame_name *frames[] = { &a->frame[0], &a->frame[2 * nr],
						 &a->frame[2 * nr + 1] };
	const struct ft_stack stack = { .frames = frames, .depth = 3 };
	struct ft_token t = { .at = (int)nr, .n = 1, .put = put };

	a->site[nr] = (struct ft_site){ .function = function, .offset = nr };
	a->frame[2 * nr].function = caller;
	a->frame[2 * nr + 1].function = outer;
	assert_int_equal(ft_classes__intern(&a->classes, &a->site[nr], &stack, &t.class), 0);
	t.place = a->classes.list[t.class].place;
	return t;
}

static const struct ft_pair taught[] = {
	{ { "get_it", { "lookup", "outer" } }, { "put_it", { "release", "outer" } }, 30 },
	{ { "get_it", { "lookup", "other" } }, { "put_it", { "forget", "other" } }, 70 },
	{ { "get_it", { "steal", "outer" } }, { .function = NULL }, 10 },
	{ { "(mapped)", { NULL } }, { "put_it", { "unmap", NULL } }, 5 },
};

static const struct ft_pairs all_taught = { (struct ft_pair *)(uintptr_t)taught, 4 };

static double p_of(const struct ft_pair_table *t, const struct actors *a, struct ft_token get,
		   struct ft_token put, enum ft_class_level level)
{
	return ft_pair_table__p(t, &a->classes.list[get.class], &a->classes.list[put.class], level,
				0.5);
}

static void test_back_off(void **state)
{
	struct ft_pair_table table = { 0 };
	struct actors a = { .site[0].id = 0 };
	struct ft_token exact, half, bare, put;
	(void)state;

	assert_int_equal(ft_pair_table__add(&table, &all_taught, 1), 0);
	exact = token(&a, 1, "get_it.isra.0", "lookup", "outer", false);
	put = token(&a, 2, "put_it", "release.constprop.0", "outer", true);
	/* each level has what it knows: all of 30; 30 of 100; 100 of 110 */
	assert_float_equal(p_of(&table, &a, exact, put, FT_LEVEL_CALLERS), 30.5 / 31, 1e-9);
	assert_float_equal(p_of(&table, &a, exact, put, FT_LEVEL_CALLER), 30.5 / 101, 1e-9);
	assert_float_equal(p_of(&table, &a, exact, put, FT_LEVEL_FUNCTION), 100.5 / 111, 1e-9);
	half = token(&a, 3, "get_it", "lookup", "unknown", false);
	assert_float_equal(p_of(&table, &a, half, put, FT_LEVEL_CALLERS), 0.5, 1e-9);
	assert_float_equal(p_of(&table, &a, half, put, FT_LEVEL_CALLER), 30.5 / 101, 1e-9);
	bare = token(&a, 3, "get_it", "unknown", "unknown", false);
	assert_float_equal(p_of(&table, &a, bare, put, FT_LEVEL_CALLER), 0.5, 1e-9);
	assert_true(ft_pair_table__known(&table, &a.classes.list[bare.class], FT_LEVEL_FUNCTION) >
		    0);
	assert_false(ft_pair_table__known(&table, &a.classes.list[put.class], FT_LEVEL_FUNCTION) >
		     0);
	ft_classes__free(&a.classes);
	ft_pair_table__free(&table);
}

/* A run that has no such get asks the table; one that has decides by itself. */
static void test_model(void **state)
{
	struct ft_pair_table table = { 0 }, none = { 0 };
	struct ft_model model = { 0 };
	struct actors a = { .site[0].id = 0 };
	struct ft_token get = token(&a, 1, "get_it", "lookup", "outer", false);
	struct ft_token right = token(&a, 2, "put_it", "release", "outer", true);
	struct ft_token wrong = token(&a, 3, "put_else", "release", "outer", true);
	double alone;
	(void)state;

	assert_int_equal(ft_model__lean_on(&model, &none, &a.classes), 0);
	assert_true(ft_model__cost(&model, &get, &right) < 0 && !model.nr);
	assert_int_equal(ft_pair_table__add(&table, &all_taught, 1), 0);
	assert_int_equal(ft_model__lean_on(&model, &table, &a.classes), 0);
	assert_true(model.nr > 0);
	assert_true(ft_model__cost(&model, &get, NULL) < 0); /* no get is better known */
	assert_true(ft_model__may_lead(&model, -2, false) && ft_model__may_lead(&model, 1, true));
	assert_false(ft_model__may_lead(&model, 2, true) || ft_model__may_lead(&model, 1, false));
	assert_true(ft_model__cost(&model, &get, &right) < 1);
	assert_true(ft_model__cost(&model, &get, &wrong) > 3);
	ft_model__free(&model);

	assert_int_equal(ft_model__add(&model, &get, &wrong, 20, 20), 0);
	alone = ft_model__cost(&model, &get, &wrong);
	assert_int_equal(ft_model__lean_on(&model, &table, &a.classes), 0);
	assert_float_equal(ft_model__cost(&model, &get, &wrong), alone, 1e-9);
	assert_true(ft_model__may_lead(&model, 2, false));
	assert_true(ft_model__cost(&model, &get, &wrong) < ft_model__cost(&model, &get, &right));
	ft_model__free(&model);
	ft_classes__free(&a.classes);
	ft_pair_table__free(&table);
}

static void test_collected(void **state)
{
	struct ft_arena *arena = ft_arena__new();
	struct ft_pair_list list;
	struct ft_model model = { 0 };
	struct ft_pairs pairs;
	struct actors a = { .site[0].id = 0 };
	struct ft_token get = token(&a, 1, "get_it", "lookup", "outer", false);
	struct ft_token put = token(&a, 2, "put_it", "release", "outer", true);
	struct ft_token end = { .at = FT_AT_END, .n = 1, .put = true };
	(void)state;

	assert_int_equal(ft_classes__intern_holder(&a.classes, "mapped", &end.class), 0);
	assert_int_equal(ft_model__add(&model, &get, &put, 7, 1000), 0);
	assert_int_equal(ft_model__add(&model, &get, &end, 2.5, 3), 0);
	assert_int_equal(ft_model__add(&model, &get, NULL, 1, 1), 0);
	ft_pair_list__init(&list, arena);
	assert_int_equal(ft_pair_list__add_model(&list, &model, &a.classes), 0);
	assert_int_equal(ft_pair_list__add_all(&list, &all_taught), 0);
	assert_int_equal(ft_pair_list__finish(&list, &pairs), 0);
	assert_int_equal(pairs.nr, 6); /* one pair is in both */
	assert_string_equal(pairs.list[0].get.function, "(mapped)");
	assert_string_equal(pairs.list[1].put.caller[0], "forget");
	assert_null(pairs.list[2].put.function);
	assert_string_equal(pairs.list[3].put.function, "(mapped)");
	assert_int_equal(pairs.list[3].weight, 3); /* rounded up */
	assert_string_equal(pairs.list[4].put.function, "put_it");
	assert_string_equal(pairs.list[4].put.caller[0], "release");
	assert_int_equal(pairs.list[4].weight, 37);
	ft_pair_list__free(&list);
	ft_model__free(&model);
	ft_classes__free(&a.classes);
	ft_arena__free(arena);
}

static void test_bounded(void **state)
{
	struct ft_arena *arena = ft_arena__new();
	struct ft_pair_list list;
	struct ft_pairs pairs;
	struct ft_pair pair = { .get = { .function = "get" } };
	char name[32];
	unsigned int i;
	(void)state;

	ft_pair_list__init(&list, arena);
	for (i = 0; i < FT_PAIRS_MAX + 100; i++) {
		snprintf(name, sizeof(name), "put_%u", i);
		pair.put.function = name;
		pair.weight = i ? i : FT_PAIR_WEIGHT_MAX;
		assert_int_equal(ft_pair_list__add(&list, &pair), 0);
	}
	pair.put.function = "put_0"; /* a sum that does not overflow */
	assert_int_equal(ft_pair_list__add(&list, &pair), 0);
	assert_int_equal(ft_pair_list__finish(&list, &pairs), 0);
	assert_int_equal(pairs.nr, FT_PAIRS_MAX);
	assert_string_equal(pairs.list[0].put.function, "put_0");
	assert_int_equal(pairs.list[0].weight, FT_PAIR_WEIGHT_MAX);
	for (i = 1; i < pairs.nr; i++)
		assert_true(pairs.list[i].weight > 100); /* the lightest went */
	ft_pair_list__free(&list);
	ft_arena__free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_back_off),
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_collected),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
