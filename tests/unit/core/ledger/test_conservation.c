// SPDX-License-Identifier: GPL-2.0
/* The conservation check: the count at rest is the first one plus all deltas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/operations.h"

struct conservation_row {
	const char *what;
	enum ft_conservation_state state;
	int64_t off;
	unsigned int overlaps, errors;
};

static void check_conservation(struct capture_builder *m, const struct conservation_row *row)
{
	struct ft_run *run = operations__finish(m);
	const struct ft_conservation *c = &folio_of(run, 1)->conservation;

	if (c->state != row->state || c->off != row->off || c->overlaps != row->overlaps)
		fail_msg("%s: check %s, off %d, overlaps %u", row->what,
			 ft_conservation_state__name(c->state), (int)c->off, c->overlaps);
	assert_int_equal(run->loss.conservation_errors, row->errors);
	assert_int_equal(run->loss.overlaps, row->overlaps);
	assert_int_equal(run->nr_violations, row->errors);
	if (row->errors) {
		assert_string_equal(run->violations[0].before->function, "get_it");
		assert_string_equal(run->violations[0].after->function, "put_it");
		assert_int_equal(run->violations[0].off, row->off);
	}
	ft_run__free(run);
}

static void test_conservation_holds(void **state)
{
	struct capture_builder *m = operations__start("inline");
	struct fixture a = capture__small(1, 1);
	(void)state;

	operations__born(m, &a);
	capture__op(m, &a, FT_OP_GET, GET, 1);
	capture__op(m, &a, FT_OP_PUT, PUT, -1);
	capture__rest(m, &a, 2, 1, 1);
	check_conservation(m,
			   &(struct conservation_row){ "holds", FT_CONSERVATION_HOLDS, 0, 0, 0 });
}

/* Another CPU's get was read before its own record. */
static void test_conservation_overlap(void **state)
{
	struct capture_builder *m = operations__start("inline");
	struct fixture a = capture__small(1, 1);
	struct ft_wire_event e;
	(void)state;

	operations__born(m, &a);
	a.refcount = 3;
	e = capture__record(m, &a, FT_OP_GET, GET);
	e.delta = 1;
	e.source = FT_SRC_INLINE;
	capture__put(m, &e);
	a.refcount = 2;
	capture__op(m, &a, FT_OP_GET, GET, 1);
	capture__op(m, &a, FT_OP_SUB, PUT, -2);
	capture__rest(m, &a, 2, 1, 1);
	check_conservation(m,
			   &(struct conservation_row){ "overlap", FT_CONSERVATION_HOLDS, 0, 1, 0 });
}

/* way 0: a put was not seen; 1: its record was lost, and the account knows it;
 * 2: was lost, and the account does not add up. */
static void test_conservation_broken(void **state)
{
	static const struct conservation_row rows[] = {
		{ "not seen", FT_CONSERVATION_BROKEN, -1, 0, 1 },
		{ "record lost", FT_CONSERVATION_PROVEN, -1, 0, 0 },
		{ "lost, account off", FT_CONSERVATION_LOST, -1, 0, 0 },
	};
	int way, round;
	(void)state;

	for (way = 0; way < 3; way++) {
		struct capture_builder *m = operations__start("inline");
		struct fixture a = capture__small(1, 1);

		operations__born(m, &a);
		capture__op(m, &a, FT_OP_ADD, GET, 2);
		a.refcount--;
		a.seq += way > 0;
		capture__op(m, &a, FT_OP_PUT, PUT, -1);
		for (round = 1; round < 3; round++)
			capture__value(m, &a, FT_OP_SNAPSHOT, FT_HOOK_settle, 1, 1, round,
				       way == 2 ? 1 : 0);
		check_conservation(m, &rows[way]);
	}
}

/* A freed folio is checked before it is forgotten, and kept if it does not add up. */
static void test_conservation_freed(void **state)
{
	struct capture_builder *m = operations__start("inline");
	struct fixture a = capture__small(1, 1), b = capture__small(2, 2);
	struct ft_run *run;
	(void)state;

	operations__born(m, &b);
	capture__op(m, &b, FT_OP_PUT, PUT, -1);
	capture__at(m, &b, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 0);
	operations__born(m, &a);
	capture__op(m, &a, FT_OP_GET, GET, 1);
	capture__op(m, &a, FT_OP_PUT, PUT, -1);
	capture__at(m, &a, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 0);
	capture__flush(m);
	capture__symbols(m, SITES);
	capture__end(m);
	run = capture__load(m, false);
	assert_null(folio_of(run, 2));
	assert_non_null(folio_of(run, 1));
	assert_int_equal(folio_of(run, 1)->verdict, FT_VERDICT_FREED);
	assert_int_equal(folio_of(run, 1)->conservation.state, FT_CONSERVATION_BROKEN);
	assert_int_equal(run->loss.conservation_errors, 1);
	assert_string_equal(run->violations[0].before->function, "put_it");
	assert_string_equal(run->violations[0].after->function, "mm_page_free");
	ft_run__free(run);
	capture__free(m);
}

/*
 * No program saw the end, but the last put was seen: the folio was freed. Without it, or while the
 * folio is still what it was, nothing is inferred.
 */
static void test_death_inferred(void **state)
{
	static const struct {
		bool last_put, reused;
		int mapcount; /* at the last put */
		enum ft_verdict verdict;
	} rows[] = {
		{ true, true, 0, FT_VERDICT_FREED },
		{ false, true, 0, FT_VERDICT_INCONCLUSIVE },
		{ true, false, 0, FT_VERDICT_BALANCED },
		{ true, true, 1, FT_VERDICT_OVERPUT },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct capture_builder *m = operations__start("inline");
		struct fixture a = capture__small(1, 1);
		struct ft_run *run;

		operations__born(m, &a);
		a.mapcount = rows[i].mapcount;
		if (rows[i].last_put)
			capture__op(m, &a, FT_OP_PUT, PUT, -1);
		capture__op(m, &a, FT_OP_SET, GET, 1);
		if (rows[i].reused)
			a.flags = 0;
		capture__rest(m, &a, 2, 1, rows[i].reused ? 0 : 1);
		capture__flush(m);
		capture__end(m);
		run = capture__load(m, false);
		assert_int_equal(folio_of(run, 1)->verdict, rows[i].verdict);
		assert_int_equal(run->loss.death_unseen, folio_of(run, 1)->died);
		ft_run__free(run);
		capture__free(m);
	}
}

/*
 * Two CPUs put. The first is stopped between its put and the record of it, until the
 * second has put the last reference and the folio is freed.
 */
static struct ft_run *late_put(bool comes, bool keep_all)
{
	struct capture_builder *m = operations__start("inline");
	struct fixture a = capture__small(1, 1);
	struct ft_run *run;

	operations__born(m, &a);
	capture__op(m, &a, FT_OP_GET, GET, 1);
	a.refcount--;
	capture__op(m, &a, FT_OP_PUT, PUT, -1);
	capture__at(m, &a, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 0);
	capture__flush(m);
	a.refcount++;
	if (comes)
		capture__op(m, &a, FT_OP_PUT, PUT, -1);
	capture__flush(m);
	capture__symbols(m, SITES);
	capture__end(m);
	run = capture__load(m, keep_all);
	capture__free(m);
	return run;
}

static void test_conservation_late(void **state)
{
	int keep;
	(void)state;

	for (keep = 0; keep < 2; keep++) {
		struct ft_run *run = late_put(true, keep);

		assert_int_equal(run->verdict, FT_RUN_PASS);
		assert_int_equal(run->count[FT_VERDICT_FREED], 1);
		assert_int_equal(run->loss.overlaps, 1);
		assert_int_equal(run->loss.conservation_errors, 0);
		assert_int_equal(run->nr_folios, keep); /* else forgotten like any other */
		ft_run__free(run);

		run = late_put(false, keep);
		assert_int_equal(run->loss.conservation_errors, 1);
		assert_int_equal(folio_of(run, 1)->conservation.off, -1);
		ft_run__free(run);
	}
}

/* The first reading of an adopted folio came in the middle of somebody's get. */
static void test_conservation_adopted(void **state)
{
	struct capture_builder *m = operations__start("inline");
	struct fixture a = capture__small(1, 1);
	(void)state;

	capture__at(m, &a, FT_OP_ADOPTED, FT_HOOK_folio_add_lru, 4, 1);
	a.refcount = 2;
	capture__op(m, &a, FT_OP_PUT, PUT, -1);
	capture__op(m, &a, FT_OP_GET, GET, 1);
	capture__op(m, &a, FT_OP_PUT, PUT, -1);
	capture__rest(m, &a, 2, 1, 1);
	check_conservation(m,
			   &(struct conservation_row){ "adopted", FT_CONSERVATION_HOLDS, 0, 0, 0 });
}

/* The first reading is right, but the next two operations have each other's number. */
static void test_conservation_swapped(void **state)
{
	struct capture_builder *m = operations__start("inline");
	struct fixture a = capture__small(1, 1);
	(void)state;

	capture__at(m, &a, FT_OP_ADOPTED, FT_HOOK_folio_add_lru, 2, 1);
	a.refcount = 3;
	capture__op(m, &a, FT_OP_PUT, PUT, -1);
	capture__op(m, &a, FT_OP_GET, GET, 1);
	a.refcount = 2;
	capture__op(m, &a, FT_OP_GET, GET, 1);
	capture__op(m, &a, FT_OP_PUT, PUT, -1);
	capture__op(m, &a, FT_OP_PUT, PUT, -1);
	capture__rest(m, &a, 2, 1, 1);
	check_conservation(m,
			   &(struct conservation_row){ "swapped", FT_CONSERVATION_HOLDS, 0, 1, 0 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conservation_holds),
		cmocka_unit_test(test_conservation_overlap),
		cmocka_unit_test(test_conservation_broken),
		cmocka_unit_test(test_conservation_freed),
		cmocka_unit_test(test_death_inferred),
		cmocka_unit_test(test_conservation_late),
		cmocka_unit_test(test_conservation_adopted),
		cmocka_unit_test(test_conservation_swapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
