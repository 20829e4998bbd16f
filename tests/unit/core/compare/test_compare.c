// SPDX-License-Identifier: GPL-2.0
/* Both sources: page_ref counts, inline is compared with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/operations.h"

#define TRACE_FRAMES                                                                               \
	"{\"frames\": [{\"address\": 1, \"function\": \"__page_ref_mod\", \"offset\": 9},"         \
	"{\"address\": 2, \"function\": \"get_it.isra.0\", \"offset\": 17},"                       \
	"{\"address\": 3, \"function\": \"elsewhere\", \"offset\": 5},"                            \
	"{\"address\": 4, \"function\": \"hidden.cold\", \"offset\": 5}]}"

static struct ft_run *finish(struct capture_builder *m)
{
	struct ft_run *run;

	capture__flush(m);
	capture__symbols(m, TRACE_FRAMES);
	capture__end(m);
	run = capture__load(m, false);
	capture__free(m);
	return run;
}

/* What the tracepoint saw in get_it, elsewhere and hidden: the last has a refused site. */
enum { IN_GET = 1, ELSEWHERE, HIDDEN };

static struct capture_builder *start(struct fixture *a)
{
	struct capture_builder *m = operations__start("page_ref,inline");
	uint64_t frames[] = { 1, 2 };
	uint32_t i;

	for (i = IN_GET; i <= HIDDEN; i++, frames[1]++)
		capture__stack(m, i, frames, 2);
	*a = capture__small(1, 1);
	operations__born(m, a);
	return m;
}

static void traced(struct capture_builder *m, struct fixture *a, int delta, uint32_t where)
{
	capture__op_of(m, a, delta > 0 ? FT_OP_GET : FT_OP_PUT, FT_SRC_PAGE_REF,
		       FT_HOOK_page_ref_mod, delta, where);
}

/* By inline alone: the count is page_ref's affair. */
static void probed(struct capture_builder *m, struct fixture *a, unsigned int op, uint32_t site,
		   int delta)
{
	capture__op(m, a, op, site, delta);
	a->refcount -= delta;
}

/* Both sources: page_ref counts, inline is compared with it. */
static void test_compared(void **state)
{
	struct capture_builder *m = operations__start("page_ref,inline");
	struct fixture a = capture__small(1, 1);
	const uint64_t here[] = { 1, 2 }, there[] = { 1, 3 };
	const struct ft_comparison *c;
	struct ft_run *run;
	(void)state;

	capture__stack(m, 1, here, 2);
	capture__stack(m, 2, there, 2);
	operations__born(m, &a);
	capture__op(m, &a, FT_OP_GET, GET, 1); /* inline fires before the operation */
	a.refcount--;
	capture__op_of(m, &a, FT_OP_GET, FT_SRC_PAGE_REF, FT_HOOK_page_ref_mod, 1, 1);
	capture__op_of(m, &a, FT_OP_PUT, FT_SRC_PAGE_REF, FT_HOOK_page_ref_mod, -1, 2);
	capture__op(m, &a, FT_OP_PUT, PUT, -1); /* a tail call */
	a.refcount++;
	capture__op_of(m, &a, FT_OP_ADD, FT_SRC_PAGE_REF, FT_HOOK_page_ref_mod, 0, 2);
	capture__op_of(m, &a, FT_OP_ADD, FT_SRC_PAGE_REF, FT_HOOK_page_ref_mod, 2, 2);
	capture__op_of(m, &a, FT_OP_SUB, FT_SRC_PAGE_REF, FT_HOOK_page_ref_mod, -2, 1);
	capture__op(m, &a, FT_OP_SUB, PUT, -3);
	a.refcount += 3;
	capture__rest(m, &a, 2, 1, 1);
	run = finish(m);
	c = &run->comparison;
	assert_true(c->made);
	assert_int_equal(run->exact_source, FT_SRC_PAGE_REF);
	assert_int_equal(folio_of(run, 1)->conservation.state, FT_CONSERVATION_HOLDS);
	assert_int_equal(c->page_ref, 4); /* one of them changes nothing */
	assert_int_equal(c->inlined, 3);
	assert_int_equal(c->matched, 1);
	assert_int_equal(c->elsewhere, 1);
	assert_int_equal(c->differing, 1);
	assert_int_equal(c->nr_differences, 3);
	assert_string_equal(c->differences[0].function, "put_it");
	assert_int_equal(c->differences[0].only_inline, 1);
	assert_string_equal(c->differences[1].function, "get_it.isra.0");
	assert_int_equal(c->differences[1].only_page_ref, 1);
	assert_string_equal(c->differences[2].function, "elsewhere");
	assert_int_equal(c->differences[2].delta, 2);
	ft_run__free(run);
}

static void test_refused(void **state)
{
	const struct ft_comparison *c;
	struct fixture a;
	struct capture_builder *m = start(&a);
	struct ft_run *run;
	(void)state;

	traced(m, &a, 1, HIDDEN);
	traced(m, &a, -1, IN_GET);
	probed(m, &a, FT_OP_PUT, GET, -1);
	probed(m, &a, FT_OP_GET, GET, 1); /* not what was seen in hidden() only */
	traced(m, &a, 1, IN_GET);
	traced(m, &a, -1, HIDDEN);
	capture__rest(m, &a, 2, 1, 1);
	run = finish(m);
	c = &run->comparison;
	assert_int_equal(c->matched, 2);
	assert_int_equal(c->elsewhere, 0);
	assert_int_equal(c->alone[FT_ALONE_REFUSED], 2);
	assert_int_equal(c->alone[FT_ALONE_UNEXPLAINED], 0);
	assert_int_equal(c->differences[0].why, FT_ALONE_REFUSED);
	ft_run__free(run);
}

/* What page_ref missed is explained if so many were counted, and its sum lacks it. */
static void test_missed_refs(void **state)
{
	static const struct {
		const char *loss;
		bool lacks;
		uint64_t missed;
	} rows[] = {
		{ "{\"missed\": 2, \"missed_refs\": 2}", true, 2 },
		{ "{\"missed\": 1, \"missed_refs\": 1}", true, 1 },
		{ "{\"missed\": 2, \"missed_refs\": 2}", false, 0 },
		{ "{}", true, 0 },
	};
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct fixture a;
		struct capture_builder *m = start(&a);
		struct ft_run *run;

		traced(m, &a, 1, IN_GET);
		traced(m, &a, 1, IN_GET);
		probed(m, &a, FT_OP_GET, GET, 1);
		probed(m, &a, FT_OP_GET, GET, 1);
		probed(m, &a, FT_OP_PUT, PUT, -1);
		probed(m, &a, FT_OP_PUT, PUT, -1);
		a.refcount -= rows[i].lacks ? 2 : 0;
		capture__rest(m, &a, 2, a.refcount, 1);
		m->loss = rows[i].loss;
		run = finish(m);
		assert_int_equal(run->comparison.alone[FT_ALONE_MISSED], rows[i].missed);
		assert_int_equal(run->comparison.alone[FT_ALONE_UNEXPLAINED], 2 - rows[i].missed);
		assert_int_equal(run->comparison.matched, 2);
		ft_run__free(run);
	}
}

/* What the probes missed, and records that are gone. */
static void test_missed_probes(void **state)
{
	int way;
	(void)state;

	for (way = 0; way < 3; way++) {
		struct fixture a;
		struct capture_builder *m = start(&a);
		struct ft_run *run;

		traced(m, &a, 1, IN_GET);
		traced(m, &a, -1, ELSEWHERE);
		if (way == 1)
			m->probe_accounting =
				"{\"hits\": 10, \"missed\": 1, \"exact\": true, "
				"\"entered\": 9, \"filtered\": 9, \"false_sites\": 0, "
				"\"stack_missed\": 0}";
		a.seq += way == 2;
		capture__rest(m, &a, 2, 1, 1);
		run = finish(m);
		assert_int_equal(run->comparison.alone[FT_ALONE_MISSED], way > 0);
		assert_int_equal(run->comparison.alone[FT_ALONE_UNEXPLAINED], 2 - (way > 0));
		ft_run__free(run);
	}
}

/* Another CPU began to follow the folio, or saw it die, in the midst of an operation. */
static void test_edge(void **state)
{
	const struct ft_comparison *c;
	struct fixture a;
	struct capture_builder *m = start(&a);
	struct ft_run *run;
	(void)state;

	m->cpu = 1;
	m->pid++;
	traced(m, &a, 1, IN_GET);
	traced(m, &a, 1, IN_GET);	   /* but this one began when the folio was followed */
	probed(m, &a, FT_OP_PUT, PUT, -1); /* and this one had the time to be traced */
	probed(m, &a, FT_OP_PUT, PUT, -1);
	m->cpu = 0;
	m->pid--;
	capture__value(m, &a, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 0, FT_DIED_FREED, 0);
	run = finish(m);
	c = &run->comparison;
	assert_int_equal(c->alone[FT_ALONE_EDGE], 2);
	assert_int_equal(c->alone[FT_ALONE_UNEXPLAINED], 2);
	assert_int_equal(c->nr_differences, 4);
	assert_int_equal(c->differences[0].why, FT_ALONE_UNEXPLAINED);
	assert_int_equal(c->differences[1].why, FT_ALONE_UNEXPLAINED);
	ft_run__free(run);
}

/*
 * The program on a tracepoint ran so late that the memory has another owner by then: what
 * was done then is not taken for the like of what is done now, by another thread or the same.
 */
static void late(bool same_thread)
{
	struct fixture a;
	struct capture_builder *m = start(&a);
	struct ft_run *run;

	m->cpu = 1;
	m->pid++;
	traced(m, &a, -1, IN_GET);
	m->cpu -= !same_thread;
	m->pid -= !same_thread;
	probed(m, &a, FT_OP_PUT, GET, -1);
	traced(m, &a, -1, IN_GET);
	run = finish(m);
	assert_int_equal(run->comparison.matched, 1);
	assert_int_equal(run->comparison.alone[FT_ALONE_EDGE], 1);
	assert_int_equal(run->comparison.nr_differences, 1);
	ft_run__free(run);
}

static void test_late(void **state)
{
	(void)state;
	late(false);
	late(true);
}

/* The same count, but another operation; and the same, however far away. */
static void test_op_and_distance(void **state)
{
	const struct ft_comparison *c;
	struct fixture a;
	struct capture_builder *m = start(&a);
	struct ft_run *run;
	int i;
	(void)state;

	traced(m, &a, 1, IN_GET);
	capture__op_of(m, &a, FT_OP_SET, FT_SRC_PAGE_REF, FT_HOOK_page_ref_set, 3, IN_GET);
	for (i = 0; i < 5000; i++)
		capture__value(m, &a, FT_OP_SNAPSHOT, FT_HOOK_settle, a.refcount, 1, 1, 9);
	probed(m, &a, FT_OP_TRY_GET, GET, 1);
	probed(m, &a, FT_OP_UNFREEZE, GET, 3); /* a plain store, too */
	run = finish(m);
	c = &run->comparison;
	assert_int_equal(c->matched, 1);
	assert_int_equal(c->nr_differences, 2);
	assert_int_not_equal(c->differences[0].op, c->differences[1].op);
	ft_run__free(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compared),    cmocka_unit_test(test_refused),
		cmocka_unit_test(test_missed_refs), cmocka_unit_test(test_missed_probes),
		cmocka_unit_test(test_edge),	    cmocka_unit_test(test_op_and_distance),
		cmocka_unit_test(test_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
