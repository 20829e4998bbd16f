// SPDX-License-Identifier: GPL-2.0
/* Which folios a reader asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model.h"

static const struct ft_event events[] = { { .comm = "sh" }, { .comm = "hmm-tests" } };

static struct ft_folio thp(void)
{
	return (struct ft_folio){
		.pfn = 0x1200,
		.order = 9,
		.kind = FT_KIND_ANON,
		.events = (struct ft_event *)events,
		.nr_events = 2,
	};
}

static void test_orders(void **state)
{
	struct ft_filter f = { 0 };
	struct ft_folio folio = thp();
	(void)state;

	assert_true(ft_filter__is_empty(&f));
	assert_true(ft_filter__matches(&f, &folio));
	assert_int_equal(ft_filter__orders(&f, "0,9"), 0);
	assert_false(ft_filter__is_empty(&f));
	assert_int_equal(f.orders, 1 | 1 << 9);
	assert_true(ft_filter__matches(&f, &folio));
	folio.order = 4;
	assert_false(ft_filter__matches(&f, &folio));
}

static void test_kinds(void **state)
{
	struct ft_filter f = { 0 };
	struct ft_folio folio = thp();
	(void)state;

	assert_int_equal(ft_filter__kinds(&f, "file,device_private"), 0);
	assert_false(ft_filter__matches(&f, &folio));
	assert_int_equal(ft_filter__kinds(&f, "anon"), 0);
	assert_true(ft_filter__matches(&f, &folio));
}

/* A range finds every folio that it has a page of. */
static void test_pfns(void **state)
{
	static const struct {
		const char *list;
		bool match;
	} rows[] = {
		{ "0x1200", true },
		{ "4608", true },
		{ "0x13ff", true },
		{ "0x1400", false },
		{ "0x11ff", false },
		{ "0-0x1200", true },
		{ "0x1,0x13ff-0x14ff", true },
		{ "0-17,0x1400-0xffff", false },
	};
	struct ft_folio folio = thp();
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct ft_filter f = { 0 };

		assert_int_equal(ft_filter__pfns(&f, rows[i].list), 0);
		assert_int_equal(ft_filter__matches(&f, &folio), rows[i].match);
	}
	folio.pfn = FT_NO_PFN;
	assert_false(ft_filter__matches(
		&(struct ft_filter){ .nr_pfns = 1, .pfn = { { 0, UINT64_MAX } } }, &folio));
}

static void test_comm(void **state)
{
	struct ft_filter f = { .comm = "hmm-*" };
	struct ft_folio folio = thp();
	(void)state;

	assert_true(ft_filter__matches(&f, &folio));
	f.comm = "hmm";
	assert_false(ft_filter__matches(&f, &folio));
	/* all that is asked for must hold */
	f.comm = "sh";
	f.orders = 1;
	assert_false(ft_filter__matches(&f, &folio));
}

static void test_wrong(void **state)
{
	static const char *const orders[] = { "", "x", "9,", ",9", "64", "-1", "9 " };
	static const char *const kinds[] = { "", "anonymous", "anon,", "anon;file" };
	static const char *const pfns[] = { "", "-1", "0x", "5-4", "1-", "1--2", "0x10z", "1,,2" };
	struct ft_filter f = { 0 };
	char many[4 * FT_FILTER_PFNS + 4] = "1";
	(void)state;

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		assert_int_not_equal(ft_filter__orders(&f, orders[i]), 0);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		assert_int_not_equal(ft_filter__kinds(&f, kinds[i]), 0);
	for (size_t i = 0; i < sizeof(pfns) / sizeof(pfns[0]); i++)
		assert_int_not_equal(ft_filter__pfns(&f, pfns[i]), 0);
	memset(&f, 0, sizeof(f));
	for (int i = 1; i < FT_FILTER_PFNS; i++)
		strcat(many, ",1");
	assert_int_equal(ft_filter__pfns(&f, many), 0);
	assert_int_not_equal(ft_filter__pfns(&f, "1"), 0);
}

static void test_select(void **state)
{
	struct ft_folio a = thp(), b = thp(), *folios[] = { &a, &b };
	struct ft_run run = { .folios = folios, .nr_folios = 2 };
	struct ft_filter f = { 0 };
	(void)state;

	b.order = 0;
	assert_int_equal(ft_run__select(&run, &f), 2);
	assert_false(run.selected);
	f.orders = 1;
	assert_int_equal(ft_run__select(&run, &f), 1);
	assert_true(run.selected && a.hidden && !b.hidden);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders), cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_pfns),   cmocka_unit_test(test_comm),
		cmocka_unit_test(test_wrong),  cmocka_unit_test(test_select),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
