// SPDX-License-Identifier: GPL-2.0
/* Two captures side by side. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "diff.h"
#include "support/scenarios.h"

/* The same functions; of the second kernel at other places, one under another name. */
#define SYMBOLS_OF(isra, offset)                                                                   \
	"{\"sites\": [{\"id\": 1, \"function\": \"drv_pin\", \"offset\": " offset "},"             \
	"{\"id\": 2, \"function\": \"drv_unpin" isra "\", \"offset\": " offset "},"                \
	"{\"id\": 3, \"function\": \"zap\", \"offset\": 80},"                                      \
	"{\"id\": 4, \"function\": \"drv_later\", \"offset\": " offset "},"                        \
	"{\"id\": 5, \"function\": \"__folio_batch_add_and_move\", \"offset\": 31}]}"
#define SYMBOLS SYMBOLS_OF("", "16")
#define SYMBOLS_2 SYMBOLS_OF(".isra.0", "48")

enum { PIN = 1, UNPIN, ZAP, LATER, BATCH };

#define SPLIT FT_HOOK_folio_split

static struct capture_builder *start(const char *source, const char *symbols)
{
	struct capture_builder *m = capture__new();

	m->source = source;
	if (strstr(symbols, ".isra"))
		m->release = "6.12.1";
	capture__meta(m);
	capture__symbols(m, symbols);
	return m;
}

static void op(struct capture_builder *m, struct fixture *a, uint32_t site, int delta)
{
	capture__op_of(m, a, delta > 0 ? FT_OP_GET : FT_OP_PUT, FT_SRC_INLINE, site, delta, 0);
}

static void born(struct capture_builder *m, struct fixture *a)
{
	capture__at(m, a, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap, 1, 0);
	capture__at(m, a, FT_OP_RETURN, FT_HOOK_folio_add_new_anon_rmap, 1, 1);
}

static void call(struct capture_builder *m, struct fixture *a, unsigned int hook, int64_t value)
{
	capture__at(m, a, FT_OP_ENTER, hook, a->refcount, a->mapcount);
	capture__value(m, a, FT_OP_RETURN, hook, a->refcount, a->mapcount, value, 0);
}

/* Pinned, not split, unpinned (put: 0 is nobody), zapped. */
static void folio(struct capture_builder *m, uint32_t id, int64_t result, uint32_t put)
{
	struct fixture a = capture__large(id, 512 * id);

	born(m, &a);
	op(m, &a, PIN, 1);
	call(m, &a, SPLIT, result);
	if (put)
		op(m, &a, put, -1);
	a.mapcount = 0;
	op(m, &a, ZAP, -1);
	if (put)
		scenario__die(m, &a);
	else
		capture__rest(m, &a, 2, 1, 0);
}

static struct ft_run *finish(struct capture_builder *m)
{
	struct ft_run *run;

	capture__flush(m);
	capture__end(m);
	run = capture__load(m, true);
	capture__free(m);
	return run;
}

static struct ft_run *one(const char *symbols, int64_t result, uint32_t put)
{
	struct capture_builder *m = start("inline", symbols);

	folio(m, 1, result, put);
	return finish(m);
}

static struct ft_diff *diff(struct ft_run *a, struct ft_run *b)
{
	struct ft_diff *d;

	assert_int_equal(ft_diff__of(a, b, &d), 0);
	return d;
}

static void done(struct ft_diff *d, struct ft_run *a, struct ft_run *b)
{
	ft_diff__free(d);
	ft_run__free(a);
	ft_run__free(b);
}

static void test_same(void **state)
{
	struct ft_run *a = one(SYMBOLS, -EINVAL, UNPIN), *b = one(SYMBOLS, -EINVAL, UNPIN);
	struct ft_diff *d = diff(a, b);
	(void)state;

	assert_false(d->differ);
	assert_int_equal(d->same, 1);
	assert_int_equal(d->nr_timelines + d->nr_pairs + d->nr_calls, 0);
	done(d, a, b);
}

/* Names, not offsets; and a suffix of the compiler is none. */
static void test_two_kernels(void **state)
{
	struct ft_run *a = one(SYMBOLS, -EINVAL, UNPIN), *b = one(SYMBOLS_2, -EINVAL, UNPIN);
	struct ft_diff *d = diff(a, b);
	(void)state;

	assert_string_equal(b->release, "6.12.1");
	assert_false(d->differ);
	assert_int_equal(d->same, 1);
	done(d, a, b);
}

/* Where a batch is filled, how often a thing is tried, how many there are: chance. */
static void test_chance(void **state)
{
	struct capture_builder *m = start("inline", SYMBOLS);
	struct fixture a = capture__large(9, 4096);
	struct ft_run *one_folio = one(SYMBOLS, -EAGAIN, UNPIN), *two;
	struct ft_diff *d;
	(void)state;

	born(m, &a);
	op(m, &a, BATCH, 1);
	a.refcount--; /* out of it, unseen but by the count */
	op(m, &a, PIN, 1);
	call(m, &a, SPLIT, -EAGAIN);
	call(m, &a, SPLIT, -EAGAIN);
	op(m, &a, UNPIN, -1);
	a.mapcount = 0;
	op(m, &a, ZAP, -1);
	scenario__die(m, &a);
	folio(m, 1, -EAGAIN, UNPIN);
	two = finish(m);
	d = diff(one_folio, two);
	assert_int_equal(d->nr_timelines, 0);
	assert_int_equal(d->nr_calls, 0);
	done(d, one_folio, two);
}

static void check_fix(struct ft_run *a, struct ft_run *b, bool a_leaks)
{
	struct ft_diff *d = diff(a, b);
	const struct ft_diff_timeline *s = d->timelines;
	const struct ft_diff_line *l = &s->line[s->first];
	size_t i;

	assert_true(d->differ);
	assert_int_equal(d->nr_timelines, 1);
	assert_non_null(s->a);
	assert_non_null(s->b);
	assert_int_equal(s->reason.code, FT_REASON_PUT_IN_OTHER_RUN);
	assert_int_equal(s->reason.n[0], !a_leaks);
	assert_string_equal(s->reason.site->function, "drv_pin");
	assert_int_equal(strncmp(s->put->function, "drv_unpin", 9), 0); /* or its .isra */
	/* the put is the first divergence */
	assert_int_equal((a_leaks ? l->b : l->a)->what, FT_STEP_PUT);
	assert_null(a_leaks ? l->a : l->b);
	for (i = 0; i < d->nr_pairs; i++)
		assert_string_equal(d->pairs[i].get, "drv_pin");
	assert_int_equal(d->nr_pairs, 2);
	done(d, a, b);
}

static void test_fix(void **state)
{
	(void)state;
	check_fix(one(SYMBOLS, -EINVAL, 0), one(SYMBOLS, -EINVAL, UNPIN), true);
	check_fix(one(SYMBOLS, -EINVAL, UNPIN), one(SYMBOLS, -EINVAL, 0), false);
	check_fix(one(SYMBOLS, -EINVAL, 0), one(SYMBOLS_2, -EINVAL, UNPIN), true);
}

/* Another put, another result: told, and nothing is wrong with it. */
static void test_other_put(void **state)
{
	struct ft_run *a = one(SYMBOLS, -EINVAL, UNPIN), *b = one(SYMBOLS, -EBUSY, LATER);
	struct ft_diff *d = diff(a, b);
	(void)state;

	assert_int_equal(d->nr_timelines, 1);
	assert_int_equal(d->timelines[0].reason.code, FT_REASON_NONE);
	assert_int_equal(d->timelines[0].line[d->timelines[0].first].a->result, -EINVAL);
	assert_int_equal(d->nr_pairs, 2);
	assert_int_equal(d->nr_calls, 2);
	assert_false(d->calls[0].missing);
	done(d, a, b);
}

/* What ends otherwise comes first, then what diverges first. */
static void test_order(void **state)
{
	struct capture_builder *m = start("inline", SYMBOLS), *n = start("inline", SYMBOLS);
	struct ft_run *a, *b;
	struct ft_diff *d;
	(void)state;

	folio(m, 1, -EINVAL, UNPIN);
	folio(m, 2, -ENOMEM, 0);
	a = finish(m);
	folio(n, 1, -EBUSY, UNPIN);
	folio(n, 2, -ENOMEM, UNPIN);
	b = finish(n);
	d = diff(a, b);
	assert_int_equal(d->nr_timelines, 2);
	assert_int_equal(d->timelines[0].a->folio->id, 2);
	assert_int_equal(d->timelines[0].b->folio->id, 2);
	assert_int_equal(d->timelines[1].a->folio->id, 1);
	assert_true(d->timelines[0].t_ns > d->timelines[1].t_ns);
	done(d, a, b);
}

/* A timeline that the other run has none like. */
static void test_alone(void **state)
{
	struct capture_builder *m = start("inline", SYMBOLS);
	struct fixture small = capture__small(2, 9000);
	struct ft_run *a, *b = one(SYMBOLS, -EINVAL, UNPIN);
	struct ft_diff *d;
	(void)state;

	folio(m, 1, -EINVAL, UNPIN);
	born(m, &small);
	call(m, &small, SPLIT, -EINVAL);
	small.mapcount = 0;
	op(m, &small, ZAP, -1);
	scenario__die(m, &small);
	a = finish(m);
	d = diff(a, b);
	assert_int_equal(d->same, 1);
	assert_int_equal(d->nr_timelines, 1);
	assert_int_equal(d->timelines[0].a->folio->id, 2);
	assert_null(d->timelines[0].b);
	done(d, a, b);
}

/* Without operations the counts tell. */
static struct ft_run *by_boundaries(bool lost)
{
	struct capture_builder *m = start("boundary", SYMBOLS);
	struct fixture a = capture__large(1, 512);

	born(m, &a);
	capture__call(m, FT_HOOK_migrate_vma_pages, false, 0);
	call(m, &a, SPLIT, -EINVAL);
	a.refcount += lost;
	call(m, &a, FT_HOOK_folio_add_lru, 0);
	capture__call(m, FT_HOOK_migrate_vma_pages, true, 0);
	a.refcount--;
	a.mapcount = 0;
	if (lost)
		capture__rest(m, &a, 2, 1, 0);
	else
		scenario__die(m, &a);
	return finish(m);
}

static void test_boundary(void **state)
{
	struct ft_run *a = by_boundaries(true), *b = by_boundaries(false);
	struct ft_diff *d = diff(a, b);
	const struct ft_diff_timeline *s = d->timelines;
	(void)state;

	assert_false(d->operations);
	assert_int_equal(d->nr_timelines, 1);
	assert_true(s->line[s->first].differs);
	assert_string_equal(s->line[s->first].a->function, "folio_add_lru");
	assert_int_equal(s->reason.code, FT_REASON_SURPLUS_IN_ONE_RUN);
	assert_int_equal(s->reason.n[0], 0);
	assert_string_equal(s->before->function, "folio_split");
	assert_string_equal(s->differs->function, "folio_add_lru");
	done(d, a, b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),	  cmocka_unit_test(test_two_kernels),
		cmocka_unit_test(test_chance),	  cmocka_unit_test(test_fix),
		cmocka_unit_test(test_other_put), cmocka_unit_test(test_order),
		cmocka_unit_test(test_alone),	  cmocka_unit_test(test_boundary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
