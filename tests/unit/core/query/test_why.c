// SPDX-License-Identifier: GPL-2.0
/* Splits and migrations that failed: who held the folio. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render.h"
#include "support/golden_text.h"
#include "support/scenarios.h"

#define SYMBOLS                                                                                    \
	"{\"sites\": [{\"id\": 1, \"function\": \"try_grab\", \"offset\": 16},"                    \
	"{\"id\": 2, \"function\": \"unpin_it\", \"offset\": 32},"                                 \
	"{\"id\": 3, \"function\": \"walk_get\", \"offset\": 48},"                                 \
	"{\"id\": 4, \"function\": \"walk_put\", \"offset\": 64},"                                 \
	"{\"id\": 5, \"function\": \"zap\", \"offset\": 80},"                                      \
	"{\"id\": 6, \"function\": \"__folio_batch_add_and_move\", \"offset\": 31},"               \
	"{\"id\": 7, \"function\": \"folio_isolate_lru\", \"offset\": 60}],"                       \
	"\"frames\": [{\"address\": 4096, \"function\": \"try_grab\", \"offset\": 17},"            \
	"{\"address\": 8192, \"function\": \"splice_to_pipe\", \"offset\": 5},"                    \
	"{\"address\": 12288, \"function\": \"walk_get\", \"offset\": 49},"                        \
	"{\"address\": 16384, \"function\": \"do_advice\", \"offset\": 9}]}"

enum { GRAB = 1, UNPIN, WALK, UNWALK, ZAP, BATCH, ISOLATE };
enum { NO_STACK, BY_SPLICE, BY_ADVICE };

#define SPLIT FT_HOOK_split_huge_page_to_list_to_order
#define OUTER FT_HOOK_folio_split
#define MOVE FT_HOOK_move_to_new_folio

static struct capture_builder *start(const char *source)
{
	static const uint64_t splice[] = { 4096, 8192 }, advice[] = { 12288, 16384 };
	struct capture_builder *m = capture__new();

	m->source = source;
	capture__meta(m);
	capture__symbols(m, SYMBOLS);
	capture__task(m, FT_TASK_SEEN, 100, "work");
	capture__task(m, FT_TASK_SEEN, 200, "other");
	capture__stack(m, BY_SPLICE, splice, 2);
	capture__stack(m, BY_ADVICE, advice, 2);
	return m;
}

static void born(struct capture_builder *m, struct fixture *a)
{
	capture__at(m, a, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap, 1, 0);
	capture__at(m, a, FT_OP_RETURN, FT_HOOK_folio_add_new_anon_rmap, 1, 1);
}

static void op(struct capture_builder *m, struct fixture *a, uint32_t site, int delta,
	       uint32_t stack)
{
	capture__op_of(m, a, delta > 0 ? FT_OP_GET : FT_OP_PUT, FT_SRC_INLINE, site, delta, stack);
}

/* As another task. */
static void op_by(struct capture_builder *m, uint32_t pid, struct fixture *a, uint32_t site,
		  int delta, uint32_t stack)
{
	uint32_t was = m->pid;

	m->pid = m->tgid = pid;
	op(m, a, site, delta, stack);
	m->pid = m->tgid = was;
}

static void call(struct capture_builder *m, struct fixture *a, unsigned int hook, int64_t value)
{
	capture__at(m, a, FT_OP_ENTER, hook, a->refcount, a->mapcount);
	capture__value(m, a, FT_OP_RETURN, hook, a->refcount, a->mapcount, value, 0);
}

static void gone(struct capture_builder *m, struct fixture *a)
{
	a->mapcount = 0;
	op(m, a, ZAP, -1, NO_STACK);
	scenario__die(m, a);
}

/* The caller walks, fails to split, and puts. */
static void try_split(struct capture_builder *m, struct fixture *a, int64_t value)
{
	op(m, a, WALK, 1, BY_ADVICE);
	call(m, a, SPLIT, value);
	op(m, a, UNWALK, -1, BY_ADVICE);
}

/* vmspliced, by another task; the second try fails for the same reason. */
static void record_spliced(struct capture_builder *m)
{
	struct fixture a = capture__large(1, 512);

	born(m, &a);
	op_by(m, 200, &a, GRAB, 1, BY_SPLICE);
	try_split(m, &a, -EAGAIN);
	try_split(m, &a, (uint32_t)-EAGAIN); /* an int in the lower half */
	op_by(m, 200, &a, UNPIN, -1, NO_STACK);
	gone(m, &a);
}

static void record_pinned(struct capture_builder *m)
{
	struct fixture a = capture__large(2, 1024);

	born(m, &a);
	op(m, &a, GRAB, 1, BY_SPLICE);
	a.pincount = 1;
	try_split(m, &a, -EAGAIN);
	a.pincount = 0;
	op(m, &a, UNPIN, -1, NO_STACK);
	gone(m, &a);
}

/* One page: a pin is 1024, in one step or in two. It is isolated to be moved. */
static void record_pinned_page(struct capture_builder *m, uint32_t id, bool two_steps)
{
	struct fixture a = capture__small(id, 2048 + id);

	born(m, &a);
	op(m, &a, GRAB, two_steps ? 1 : 1024, BY_SPLICE);
	if (two_steps)
		capture__op_of(m, &a, FT_OP_ADD, FT_SRC_INLINE, GRAB, 1023, BY_SPLICE);
	op(m, &a, ISOLATE, 1, BY_ADVICE);
	a.flags &= ~FT_PF_LRU;
	call(m, &a, MOVE, -EAGAIN);
	a.flags |= FT_PF_LRU;
	op(m, &a, UNWALK, -1, BY_ADVICE);
	op(m, &a, UNPIN, -1024, NO_STACK);
	gone(m, &a);
}

/* Still in the batch of another CPU, which nobody drained. */
static void record_batched(struct capture_builder *m)
{
	struct fixture a = capture__small(5, 3000);

	born(m, &a);
	op_by(m, 200, &a, BATCH, 1, NO_STACK);
	op(m, &a, ISOLATE, 1, BY_ADVICE);
	a.flags &= ~FT_PF_LRU;
	call(m, &a, MOVE, -EAGAIN);
	a.flags |= FT_PF_LRU;
	op(m, &a, UNWALK, -1, BY_ADVICE);
	op_by(m, 200, &a, UNPIN, -1, NO_STACK);
	gone(m, &a);
}

/* Writeback, say; and a success. */
static void record_others(struct capture_builder *m)
{
	struct fixture a = capture__large(6, 4096);

	born(m, &a);
	try_split(m, &a, -EBUSY);
	try_split(m, &a, 0);
	try_split(m, &a, -EINVAL);
	gone(m, &a);
}

static struct ft_run *finish(struct capture_builder *m, struct ft_why **why)
{
	struct ft_run *run;

	capture__end(m);
	run = capture__load(m, true);
	capture__free(m);
	assert_int_equal(ft_why__of(run, why), 0);
	return run;
}

static struct ft_run *record(void (*scenario)(struct capture_builder *m), const char *source,
			     struct ft_why **why)
{
	struct capture_builder *m = start(source);

	scenario(m);
	return finish(m, why);
}

static const struct ft_transient *of_use(const struct ft_failure *f, enum ft_holder_kind what)
{
	size_t i;

	for (i = 0; i < f->nr_transients; i++)
		if (f->transients[i].what == what)
			return &f->transients[i];
	fail_msg("nobody holds it so");
	return NULL;
}

static void test_spliced(void **state)
{
	struct ft_why *why;
	struct ft_run *run = record(record_spliced, "inline", &why);
	const struct ft_failure *f = why->failures;
	const struct ft_transient *h;
	(void)state;

	assert_int_equal(why->nr, 1);
	assert_int_equal(why->nr_times, 2);
	assert_int_equal(f->times, 2);
	assert_false(f->migration);
	assert_int_equal(f->value, -EAGAIN);
	assert_int_equal(f->expected.total, 2);
	assert_int_equal(f->extra, 1);
	assert_int_equal(f->unseen, 0);
	assert_int_equal(f->nr_transients, 2);
	h = of_use(f, FT_FOR_UNKNOWN);
	assert_string_equal(h->site->function, "try_grab");
	assert_string_equal(h->stack->frames[1]->function, "splice_to_pipe");
	assert_int_equal(h->event->pid, 200);
	assert_false(h->never_put);
	assert_string_equal(of_use(f, FT_FOR_CALLER)->site->function, "walk_get");
	assert_true(why->splits && why->migrations);
	ft_why__free(why);
	ft_run__free(run);
}

static void test_pinned(void **state)
{
	struct ft_why *why;
	struct ft_run *run = record(record_pinned, "inline", &why);
	(void)state;

	assert_int_equal(why->nr, 1);
	assert_int_equal(why->failures[0].extra, 1);
	assert_int_equal(why->failures[0].pins, 1);
	assert_string_equal(of_use(why->failures, FT_FOR_PIN)->site->function, "try_grab");
	assert_string_equal(of_use(why->failures, FT_FOR_CALLER)->site->function, "walk_get");
	ft_why__free(why);
	ft_run__free(run);
}

static void test_pinned_page(void **state)
{
	uint32_t steps;
	(void)state;

	for (steps = 0; steps < 2; steps++) {
		struct capture_builder *m = start("inline");
		struct ft_why *why;
		struct ft_run *run;

		record_pinned_page(m, 1, steps);
		run = finish(m, &why);
		assert_int_equal(why->nr, 1);
		assert_true(why->failures[0].migration);
		assert_int_equal(why->failures[0].pins, 1);
		assert_int_equal(why->failures[0].extra, 1);
		assert_int_equal(why->failures[0].unseen, 0);
		assert_int_equal(of_use(why->failures, FT_FOR_PIN)->references, 1);
		assert_string_equal(of_use(why->failures, FT_FOR_CALLER)->site->function,
				    "folio_isolate_lru");
		ft_why__free(why);
		ft_run__free(run);
	}
}

static void test_batched(void **state)
{
	struct ft_why *why;
	struct ft_run *run = record(record_batched, "inline", &why);
	(void)state;

	assert_int_equal(why->nr, 1);
	assert_int_equal(of_use(why->failures, FT_FOR_BATCH)->event->pid, 200);
	assert_string_equal(of_use(why->failures, FT_FOR_CALLER)->site->function,
			    "folio_isolate_lru");
	ft_why__free(why);
	ft_run__free(run);
}

/* No reference too many is no answer to "who". */
static void test_others(void **state)
{
	struct ft_why *why;
	struct ft_run *run = record(record_others, "inline", &why);
	(void)state;

	assert_int_equal(why->nr, 0);
	assert_int_equal(why->others, 1);
	ft_why__free(why);
	ft_run__free(run);
}

/* One function in another: reported once, at the inner one. */
static void test_nested(void **state)
{
	struct capture_builder *m = start("inline");
	struct fixture a = capture__large(1, 512);
	struct ft_why *why;
	struct ft_run *run;
	(void)state;

	born(m, &a);
	op(m, &a, GRAB, 1, BY_SPLICE);
	op(m, &a, WALK, 1, BY_ADVICE);
	capture__at(m, &a, FT_OP_ENTER, OUTER, 3, 1);
	call(m, &a, SPLIT, -EAGAIN);
	capture__value(m, &a, FT_OP_RETURN, OUTER, 3, 1, -EAGAIN, 0);
	op(m, &a, UNWALK, -1, BY_ADVICE);
	op(m, &a, UNPIN, -1, NO_STACK);
	gone(m, &a);
	run = finish(m, &why);
	assert_int_equal(why->nr_times, 1);
	assert_string_equal(why->failures[0].failed->site->function,
			    "split_huge_page_to_list_to_order");
	ft_why__free(why);
	ft_run__free(run);
}

/* A reference that leaks is marked so. */
static void test_never_put(void **state)
{
	struct capture_builder *m = start("inline");
	struct fixture a = capture__large(1, 512);
	struct ft_why *why;
	struct ft_run *run;
	(void)state;

	born(m, &a);
	op_by(m, 200, &a, GRAB, 1, BY_SPLICE);
	try_split(m, &a, -EAGAIN);
	a.mapcount = 0;
	op(m, &a, ZAP, -1, NO_STACK);
	capture__rest(m, &a, 2, 1, 0);
	run = finish(m, &why);
	assert_int_equal(why->nr, 1);
	assert_true(of_use(why->failures, FT_FOR_UNKNOWN)->never_put);
	assert_false(of_use(why->failures, FT_FOR_CALLER)->never_put);
	ft_why__free(why);
	ft_run__free(run);
}

/* What the operations cannot explain is not blamed on anybody. */
static void test_gap(void **state)
{
	struct capture_builder *m = start("inline");
	struct fixture a = capture__large(1, 512);
	struct ft_why *why;
	struct ft_run *run;
	(void)state;

	born(m, &a);
	a.refcount++; /* its get is missing */
	a.seq++;
	try_split(m, &a, -EAGAIN);
	capture__rest(m, &a, 2, 2, 1);
	run = finish(m, &why);
	assert_int_equal(why->nr, 1);
	assert_int_equal(why->failures[0].extra, 1);
	assert_int_equal(why->failures[0].unseen, 1);
	assert_int_equal(why->failures[0].unknown.code, FT_REASON_BEFORE_FIRST_OPERATION);
	ft_why__free(why);
	ft_run__free(run);
}

/* The same without operations: how many, and since when. */
static void test_boundary(void **state)
{
	struct capture_builder *m = start("boundary");
	struct fixture a = capture__large(1, 512);
	const struct ft_failure *f;
	struct ft_why *why;
	struct ft_run *run;
	(void)state;

	born(m, &a);
	a.refcount = 3;
	call(m, &a, SPLIT, -EAGAIN);
	capture__rest(m, &a, 2, 1, 1);
	run = finish(m, &why);
	f = why->failures;
	assert_int_equal(why->nr, 1);
	assert_int_equal(f->extra, 1);
	assert_int_equal(f->nr_transients, 0);
	assert_int_equal(f->unknown.code, FT_REASON_BOUNDARY_ONLY);
	assert_string_equal(f->after->site->function, "folio_add_new_anon_rmap");
	assert_int_equal(f->before->op, FT_OP_ENTER);
	ft_why__free(why);
	ft_run__free(run);
}

static char *render(const struct ft_run *run, const struct ft_why *why, int what, size_t *len)
{
	const struct ft_text_options opts = { .verbose = what == 1 };
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	assert_non_null(out);
	assert_int_equal(what == 2 ? ft_json__why(run, why, &(struct ft_json_options){ 0 }, out) :
				     ft_text__why(run, why, &opts, out),
			 0);
	fclose(out);
	return text;
}

static void test_golden(void **state)
{
	static const char *const name[] = { "render/why.txt", "render/why-v.txt",
					    "render/why.json" };
	struct capture_builder *m = start("inline");
	struct ft_why *why;
	struct ft_run *run;
	size_t len;
	int i;
	(void)state;

	record_spliced(m);
	record_pinned(m);
	record_pinned_page(m, 3, false);
	record_batched(m);
	record_others(m);
	run = finish(m, &why);
	for (i = 0; i < 3; i++) {
		char *text = render(run, why, i, &len);

		golden__check(name[i], text, len);
	}
	ft_why__free(why);
	ft_run__free(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spliced),	    cmocka_unit_test(test_pinned),
		cmocka_unit_test(test_pinned_page), cmocka_unit_test(test_batched),
		cmocka_unit_test(test_others),	    cmocka_unit_test(test_nested),
		cmocka_unit_test(test_never_put),   cmocka_unit_test(test_gap),
		cmocka_unit_test(test_boundary),    cmocka_unit_test(test_golden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
