// SPDX-License-Identifier: GPL-2.0
/*
 * What the calls of a function take and put, and what that says of one that keeps a
 * reference. The functions are made up, as in test_naming.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/scenarios.h"

#define SYMBOLS                                                                                    \
	"{\"sites\": [{\"id\": 1, \"function\": \"drv_pin\", \"offset\": 16},"                     \
	"{\"id\": 2, \"function\": \"drv_unpin\", \"offset\": 32},"                                \
	"{\"id\": 3, \"function\": \"zap\", \"offset\": 80},"                                      \
	"{\"id\": 4, \"function\": \"skb_append_pagefrags\", \"offset\": 157},"                    \
	"{\"id\": 5, \"function\": \"drv_peek\", \"offset\": 48}],"                                \
	"\"frames\": [{\"address\": 4096, \"function\": \"drv_any\", \"offset\": 17},"             \
	"{\"address\": 8192, \"function\": \"drv_ioctl\", \"offset\": 5},"                         \
	"{\"address\": 12288, \"function\": \"drv_any\", \"offset\": 19},"                         \
	"{\"address\": 16384, \"function\": \"drv_ioctl.cold\", \"offset\": 6}]}"

enum { PIN = 1, UNPIN, ZAP, SEND, PEEK };
/* stacks: the second is of an error path, which the compiler has moved away */
enum { HOT = 1, COLD };

static const uint64_t hot[] = { 4096, 8192 }, cold[] = { 12288, 16384 };

static struct capture_builder *start(void)
{
	struct capture_builder *m = capture__new();

	m->source = "inline";
	capture__meta(m);
	capture__symbols(m, SYMBOLS);
	capture__stack(m, HOT, hot, 2);
	capture__stack(m, COLD, cold, 2);
	return m;
}

static void born(struct capture_builder *m, struct fixture *a)
{
	capture__at(m, a, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap, 1, 0);
	capture__at(m, a, FT_OP_RETURN, FT_HOOK_folio_add_new_anon_rmap, 1, 1);
}

static void get(struct capture_builder *m, struct fixture *a, uint32_t site)
{
	capture__op_of(m, a, FT_OP_GET, FT_SRC_INLINE, site, 1, HOT);
}

static void put(struct capture_builder *m, struct fixture *a, uint32_t site, uint32_t stack)
{
	capture__op_of(m, a, FT_OP_PUT, FT_SRC_INLINE, site, -1, stack);
}

static void zap(struct capture_builder *m, struct fixture *a)
{
	m->entry_seq++;
	a->mapcount = 0;
	put(m, a, ZAP, HOT);
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

/* A call of drv_ioctl, which takes as many references by drv_pin and puts those of puts. */
static void ioctl_call(struct capture_builder *m, struct fixture *a, int gets, int puts)
{
	m->entry_seq++;
	while (gets--)
		get(m, a, PIN);
	while (puts--)
		put(m, a, UNPIN, HOT);
}

static void freed_after(struct capture_builder *m, uint32_t id, int each)
{
	struct fixture a = capture__small(id, id);

	m->entry_seq++;
	born(m, &a);
	ioctl_call(m, &a, each, each);
	zap(m, &a);
	scenario__die(m, &a);
}

/* After balanced calls (every third one takes more) one that does not put all, or too many. */
static struct ft_run *calls(unsigned int nr, int more, int gets, int puts, bool keep_all)
{
	struct capture_builder *m = start();
	struct fixture a = capture__small(100, 100);
	unsigned int i;

	for (i = 1; i <= nr; i++)
		freed_after(m, i, i % 3 ? 1 : 1 + more);
	a.flags |= FT_PF_LRU;
	m->entry_seq++;
	born(m, &a);
	if (puts > gets) { /* two mappings, so that one reference is left */
		capture__op_of(m, &a, FT_OP_GET, FT_SRC_INLINE, 7, 1, 0);
		a.mapcount = 2;
	}
	ioctl_call(m, &a, gets, puts);
	if (gets > puts)
		zap(m, &a);
	capture__rest(m, &a, 2, a.refcount, a.mapcount);
	return finish(m, keep_all);
}

static void assert_calls(const struct ft_run *run, uint64_t of, uint64_t balanced, uint32_t each,
			 uint32_t took, uint32_t puts)
{
	const struct ft_lost *lost = folio_of(run, 100)->lost;

	assert_non_null(lost);
	assert_int_equal(lost->put, puts > took);
	/* drv_pin and drv_unpin never do both: the function around them is told */
	assert_non_null(lost->calls.function);
	assert_string_equal(lost->calls.function, "drv_ioctl");
	assert_int_equal(lost->calls.calls, of);
	assert_int_equal(lost->calls.balanced, balanced);
	assert_int_equal(lost->calls.each, each);
	assert_int_equal(lost->calls.took, took);
	assert_int_equal(lost->calls.put, puts);
}

static void test_calls(void **state)
{
	int keep_all;

	(void)state;
	for (keep_all = 0; keep_all < 2; keep_all++) {
		struct ft_run *run = calls(20, 0, 1, 0, keep_all);

		assert_calls(run, 21, 20, 1, 1, 0);
		ft_run__free(run);
		run = calls(20, 0, 3, 2, keep_all);
		assert_calls(run, 21, 20, 1, 3, 2);
		ft_run__free(run);
		/* those take different numbers */
		run = calls(20, 2, 1, 0, keep_all);
		assert_calls(run, 21, 20, 0, 1, 0);
		ft_run__free(run);
		run = calls(20, 0, 1, 2, keep_all);
		assert_calls(run, 21, 20, 1, 1, 2);
		ft_run__free(run);
	}
}

/* Two calls show nothing; three do. */
static void test_few_calls(void **state)
{
	struct ft_run *run = calls(2, 0, 1, 0, false);

	(void)state;
	assert_int_equal(folio_of(run, 100)->nr_lost, 1);
	assert_null(folio_of(run, 100)->lost->calls.function);
	ft_run__free(run);
	run = calls(3, 0, 1, 0, false);
	assert_calls(run, 4, 3, 1, 1, 0);
	ft_run__free(run);
}

/* What is put by a later call says nothing about one call. */
static void test_calls_that_keep(void **state)
{
	struct capture_builder *m = start();
	struct fixture a;
	struct ft_run *run;
	uint32_t i;

	(void)state;
	for (i = 1; i <= 20; i++) {
		a = capture__small(i, i);
		born(m, &a);
		ioctl_call(m, &a, 1, 0);
		ioctl_call(m, &a, 0, 1);
		zap(m, &a);
		scenario__die(m, &a);
	}
	a = capture__small(100, 100);
	a.flags |= FT_PF_LRU;
	born(m, &a);
	ioctl_call(m, &a, 1, 0);
	zap(m, &a);
	capture__rest(m, &a, 2, 1, 0);
	run = finish(m, false);
	assert_int_equal(folio_of(run, 100)->nr_lost, 1);
	assert_null(folio_of(run, 100)->lost->calls.function);
	assert_int_equal(folio_of(run, 100)->lost->answer.code, FT_REASON_ANSWERED_IN_LATER_CALL);
	ft_run__free(run);
}

/* What goes from task to task is not put by the call that takes it. */
static void test_calls_that_pass_on(void **state)
{
	struct capture_builder *m = start();
	struct fixture a;
	struct ft_run *run;
	uint32_t i;

	(void)state;
	for (i = 1; i <= 21; i++) {
		a = capture__small(i, i);
		a.flags |= FT_PF_LRU;
		born(m, &a);
		m->entry_seq++;
		get(m, &a, SEND);
		if (i <= 20)
			put(m, &a, UNPIN, HOT);
		zap(m, &a);
		if (i <= 20)
			scenario__die(m, &a);
	}
	capture__rest(m, &a, 2, 1, 0);
	run = finish(m, false);
	assert_int_equal(folio_of(run, 21)->nr_lost, 1);
	assert_null(folio_of(run, 21)->lost->calls.function);
	ft_run__free(run);
}

/* A function and the part of it that is moved away are one. */
static void test_cold(void **state)
{
	struct capture_builder *m = start();
	struct fixture a;
	struct ft_run *run;
	uint32_t i;

	(void)state;
	for (i = 1; i <= 20; i++) {
		a = capture__small(i, i);
		born(m, &a);
		ioctl_call(m, &a, 1, 0);
		put(m, &a, UNPIN, COLD);
		zap(m, &a);
		scenario__die(m, &a);
	}
	a = capture__small(100, 100);
	a.flags |= FT_PF_LRU;
	born(m, &a);
	ioctl_call(m, &a, 1, 0);
	zap(m, &a);
	capture__rest(m, &a, 2, 1, 0);
	run = finish(m, false);
	assert_calls(run, 21, 20, 1, 1, 0);
	ft_run__free(run);
}

/* Most calls of drv_ioctl do something else: they show nothing of one that pins. */
static void test_wide(void **state)
{
	struct capture_builder *m = start();
	struct fixture a;
	struct ft_run *run;
	uint32_t i;

	(void)state;
	for (i = 1; i <= 20; i++) {
		a = capture__small(i, i);
		born(m, &a);
		m->entry_seq++;
		get(m, &a, PEEK);
		put(m, &a, PEEK, HOT);
		zap(m, &a);
		scenario__die(m, &a);
	}
	freed_after(m, 21, 1);
	a = capture__small(100, 100);
	a.flags |= FT_PF_LRU;
	born(m, &a);
	ioctl_call(m, &a, 1, 0);
	zap(m, &a);
	capture__rest(m, &a, 2, 1, 0);
	run = finish(m, false);
	assert_int_equal(folio_of(run, 100)->nr_lost, 1);
	assert_null(folio_of(run, 100)->lost->calls.function);
	ft_run__free(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_few_calls),
		cmocka_unit_test(test_calls_that_keep),
		cmocka_unit_test(test_calls_that_pass_on),
		cmocka_unit_test(test_cold),
		cmocka_unit_test(test_wide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
