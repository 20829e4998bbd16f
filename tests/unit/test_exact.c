// SPDX-License-Identifier: GPL-2.0
/* Operations seen one by one: names, stacks, the law of conservation, comparison. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stories.h"

#define SITES                                                                                       \
	"{\"sites\": [{\"id\": 1, \"function\": \"get_it\", \"offset\": 16},"                       \
	"{\"id\": 2, \"function\": \"put_it\", \"offset\": 32, \"module\": \"test_hmm\"},"          \
	"{\"id\": 3, \"function\": \"hidden\", \"offset\": 48, \"refused\": \"notrace function\"}," \
	"{\"id\": 4, \"function\": \"hidden\", \"offset\": 64, \"refused\": \"notrace function\"}]}"
#define FRAMES                                                                                     \
	"{\"frames\": [{\"address\": 4096, \"function\": \"get_it\", \"offset\": 17},"             \
	"{\"address\": 8192, \"function\": \"caller\", \"offset\": 5},"                            \
	"{\"address\": -8192, \"function\": \"caller\", \"offset\": 9, \"module\": \"test_hmm\"}]}"

enum { GET = 1, PUT = 2 };

static struct maker *start(const char *source)
{
	struct maker *m = maker__new();

	m->source = source;
	maker__meta(m);
	maker__symbols(m, SITES);
	return m;
}

static struct ft_run *finish(struct maker *m)
{
	struct ft_run *run;

	maker__flush(m);
	maker__symbols(m, SITES);
	maker__symbols(m, FRAMES);
	maker__end(m);
	run = maker__load(m, true);
	maker__free(m);
	return run;
}

static void born(struct maker *m, struct actor *a)
{
	maker__at(m, a, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap, 1, 0);
	maker__at(m, a, FT_OP_RETURN, FT_HOOK_folio_add_new_anon_rmap, 1, 1);
}

/* The frame of sites comes twice, and names come after the events. */
static void test_symbols(void **state)
{
	struct maker *m = start("inline");
	struct actor a = maker__small(1, 1);
	const uint64_t frames[] = { 4096, 0xffffffffc0000000ULL, 8192, (uint64_t)-8192 };
	const struct ft_stack *s;
	const struct ft_life *life;
	struct ft_run *run;
	(void)state;

	m->modules = "[{\"module\": \"test_hmm\", \"sites\": 4, \"window_ns\": 7000}]";
	m->books = "{\"hits\": 10, \"missed\": 1, \"exact\": true, \"entered\": 9, "
		   "\"filtered\": 5, \"false_sites\": 2, \"stack_missed\": 0}";
	maker__stack(m, 77, frames, 4);
	maker__stack(m, 77, frames, 4);
	maker__module(m, "test_hmm");
	born(m, &a);
	maker__op_of(m, &a, FT_OP_GET, FT_SRC_INLINE, GET, 1, 77);
	maker__op_of(m, &a, FT_OP_PUT, FT_SRC_INLINE, PUT, -1, 78);
	maker__rest(m, &a, 2, 1, 1);
	run = finish(m);
	life = life_of(run, 1);
	assert_int_equal(life->verdict, FT_VERDICT_BALANCED);
	assert_string_equal(life->events[2].site->function, "get_it");
	assert_int_equal(life->events[2].site->offset, 16);
	assert_string_equal(life->events[3].site->module, "test_hmm");
	assert_int_equal(life->events[3].stack, 0); /* never sent */
	s = ft_run__stack(run, &life->events[2]);
	assert_int_equal(s->depth, 3); /* without the trampoline */
	assert_false(s->cut);
	assert_ptr_equal(s->frames[0]->function, life->events[2].site->function);
	assert_ptr_equal(s->frames[1]->function, s->frames[2]->function);
	assert_int_equal(s->frames[2]->offset, 9);
	assert_int_equal(run->nr_stacks, 2);
	assert_int_equal(run->nr_modules, 1);
	assert_true(run->modules[0].armed && run->modules[0].loaded_ns);
	assert_int_equal(run->modules[0].window_ns, 7000);
	assert_true(run->books.there && run->books.exact);
	assert_int_equal(run->books.filtered, 5);
	ft_run__free(run);
}

static void test_sites_once(void **state)
{
	struct ft_run *run = finish(start("inline"));
	size_t i, found = 0, attached = 0;
	(void)state;

	for (i = 0; i < run->nr_sites; i++) {
		if (run->sites[i]->role)
			continue;
		found++;
		attached += run->sites[i]->attached;
		if (!run->sites[i]->attached)
			assert_string_equal(run->sites[i]->why, "notrace function");
	}
	assert_int_equal(found, 4);
	assert_int_equal(attached, 2);
	ft_run__free(run);
}

static void test_malformed(void **state)
{
	struct maker *m = start("inline");
	struct ft_wire_stack wild = { .head = { FT_WIRE_STACK, sizeof(wild), 0, 0, 0 },
				      .depth = 9 };
	struct ft_wire_module cut = { .head = { FT_WIRE_MODULE, 16, 0, 0, 0 } };
	struct ft_run *run;
	(void)state;

	wild.id = 1;
	maker__raw(m, &wild, sizeof(wild));
	wild.depth = 0;
	wild.id = UINT32_MAX;
	maker__raw(m, &wild, sizeof(wild));
	maker__raw(m, &cut, 16);
	run = finish(m);
	assert_int_equal(run->nr_malformed, 3);
	ft_run__free(run);
}

struct law_row {
	const char *what;
	enum ft_law law;
	int64_t off;
	unsigned int overlaps, errors;
};

static void check_law(struct maker *m, const struct law_row *row)
{
	struct ft_run *run = finish(m);
	const struct ft_conservation *c = &life_of(run, 1)->conservation;

	if (c->law != row->law || c->off != row->off || c->overlaps != row->overlaps)
		fail_msg("%s: law %s, off %d, overlaps %u", row->what, ft_law__name(c->law),
			 (int)c->off, c->overlaps);
	assert_int_equal(run->loss.conservation_errors, row->errors);
	assert_int_equal(run->loss.overlaps, row->overlaps);
	assert_int_equal(run->nr_misfits, row->errors);
	if (row->errors) {
		assert_string_equal(run->misfits[0].before->function, "get_it");
		assert_string_equal(run->misfits[0].after->function, "put_it");
		assert_int_equal(run->misfits[0].off, row->off);
	}
	ft_run__free(run);
}

static void test_law_holds(void **state)
{
	struct maker *m = start("inline");
	struct actor a = maker__small(1, 1);
	(void)state;

	born(m, &a);
	maker__op(m, &a, FT_OP_GET, GET, 1);
	maker__op(m, &a, FT_OP_PUT, PUT, -1);
	maker__rest(m, &a, 2, 1, 1);
	check_law(m, &(struct law_row){ "holds", FT_LAW_HOLDS, 0, 0, 0 });
}

/* Another CPU's get was read before its own record. */
static void test_law_overlap(void **state)
{
	struct maker *m = start("inline");
	struct actor a = maker__small(1, 1);
	struct ft_wire_event e;
	(void)state;

	born(m, &a);
	a.refcount = 3;
	e = maker__record(m, &a, FT_OP_GET, GET);
	e.delta = 1;
	e.source = FT_SRC_INLINE;
	maker__put(m, &e);
	a.refcount = 2;
	maker__op(m, &a, FT_OP_GET, GET, 1);
	maker__op(m, &a, FT_OP_SUB, PUT, -2);
	maker__rest(m, &a, 2, 1, 1);
	check_law(m, &(struct law_row){ "overlap", FT_LAW_HOLDS, 0, 1, 0 });
}

/* way 0: a put was not seen; 1: its record was lost, and the account knows it;
 * 2: was lost, and the account does not add up. */
static void test_law_broken(void **state)
{
	static const struct law_row rows[] = {
		{ "not seen", FT_LAW_BROKEN, -1, 0, 1 },
		{ "record lost", FT_LAW_PROVEN, -1, 0, 0 },
		{ "lost, account off", FT_LAW_LOST, -1, 0, 0 },
	};
	int way, round;
	(void)state;

	for (way = 0; way < 3; way++) {
		struct maker *m = start("inline");
		struct actor a = maker__small(1, 1);

		born(m, &a);
		maker__op(m, &a, FT_OP_ADD, GET, 2);
		a.refcount--;
		a.seq += way > 0;
		maker__op(m, &a, FT_OP_PUT, PUT, -1);
		for (round = 1; round < 3; round++)
			maker__value(m, &a, FT_OP_SNAPSHOT, FT_HOOK_settle, 1, 1, round,
				     way == 2 ? 1 : 0);
		check_law(m, &rows[way]);
	}
}

/* A life that is freed is checked before it is forgotten, and kept if it is off. */
static void test_law_freed(void **state)
{
	struct maker *m = start("inline");
	struct actor a = maker__small(1, 1), b = maker__small(2, 2);
	struct ft_run *run;
	(void)state;

	born(m, &b);
	maker__op(m, &b, FT_OP_PUT, PUT, -1);
	maker__at(m, &b, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 0);
	born(m, &a);
	maker__op(m, &a, FT_OP_GET, GET, 1);
	maker__op(m, &a, FT_OP_PUT, PUT, -1);
	maker__at(m, &a, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 0);
	maker__flush(m);
	maker__symbols(m, SITES);
	maker__end(m);
	run = maker__load(m, false);
	assert_null(life_of(run, 2));
	assert_non_null(life_of(run, 1));
	assert_int_equal(life_of(run, 1)->verdict, FT_VERDICT_FREED);
	assert_int_equal(life_of(run, 1)->conservation.law, FT_LAW_BROKEN);
	assert_int_equal(run->loss.conservation_errors, 1);
	assert_string_equal(run->misfits[0].before->function, "put_it");
	assert_string_equal(run->misfits[0].after->function, "mm_page_free");
	ft_run__free(run);
	maker__free(m);
}

/*
 * Two CPUs put. The first is stopped between its put and the record of it, until the
 * second has put the last reference and the folio is freed.
 */
static struct ft_run *late_put(bool comes, bool keep_all)
{
	struct maker *m = start("inline");
	struct actor a = maker__small(1, 1);
	struct ft_run *run;

	born(m, &a);
	maker__op(m, &a, FT_OP_GET, GET, 1);
	a.refcount--;
	maker__op(m, &a, FT_OP_PUT, PUT, -1);
	maker__at(m, &a, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 0);
	maker__flush(m);
	a.refcount++;
	if (comes)
		maker__op(m, &a, FT_OP_PUT, PUT, -1);
	maker__flush(m);
	maker__symbols(m, SITES);
	maker__end(m);
	run = maker__load(m, keep_all);
	maker__free(m);
	return run;
}

static void test_law_late(void **state)
{
	int keep;
	(void)state;

	for (keep = 0; keep < 2; keep++) {
		struct ft_run *run = late_put(true, keep);

		assert_int_equal(run->verdict, FT_RUN_PASS);
		assert_int_equal(run->count[FT_VERDICT_FREED], 1);
		assert_int_equal(run->loss.overlaps, 1);
		assert_int_equal(run->loss.conservation_errors, 0);
		assert_int_equal(run->nr_lives, keep); /* else forgotten like any other */
		ft_run__free(run);

		run = late_put(false, keep);
		assert_int_equal(run->loss.conservation_errors, 1);
		assert_int_equal(life_of(run, 1)->conservation.off, -1);
		ft_run__free(run);
	}
}

/* The first reading of an adopted folio came in the middle of somebody's get. */
static void test_law_adopted(void **state)
{
	struct maker *m = start("inline");
	struct actor a = maker__small(1, 1);
	(void)state;

	maker__at(m, &a, FT_OP_ADOPTED, FT_HOOK_folio_add_lru, 4, 1);
	a.refcount = 2;
	maker__op(m, &a, FT_OP_PUT, PUT, -1);
	maker__op(m, &a, FT_OP_GET, GET, 1);
	maker__op(m, &a, FT_OP_PUT, PUT, -1);
	maker__rest(m, &a, 2, 1, 1);
	check_law(m, &(struct law_row){ "adopted", FT_LAW_HOLDS, 0, 0, 0 });
}

/* Probe hits were missed: every folio adds up, or one cannot be summed up. */
static void test_missed(void **state)
{
	int way;
	(void)state;

	for (way = 0; way < 3; way++) {
		struct maker *m = start("inline");
		struct actor a = maker__small(1, 1);
		struct ft_run *run;

		born(m, &a);
		maker__op(m, &a, FT_OP_GET, GET, 1);
		maker__op(m, &a, FT_OP_PUT, PUT, -1);
		if (way == 1) { /* a record of it was lost, too, and its sum is not known */
			a.seq++;
			a.refcount++;
			maker__op(m, &a, FT_OP_PUT, PUT, -1);
		}
		maker__value(m, &a, FT_OP_SNAPSHOT, FT_HOOK_settle, 1, 1, 1, 9);
		maker__value(m, &a, FT_OP_SNAPSHOT, FT_HOOK_settle, 1, 1, 2, 9);
		m->books = "{\"hits\": 10, \"missed\": 3, \"exact\": true, \"entered\": 7, "
			   "\"filtered\": 5, \"false_sites\": 0, \"stack_missed\": 0}";
		m->loss = way == 2 ? "{\"missed\": 4}" : "{\"missed\": 3}";
		run = finish(m);
		assert_int_equal(run->loss.missed_probes, 3);
		assert_int_equal(run->verdict, way ? FT_RUN_INCONCLUSIVE : FT_RUN_PASS);
		if (way)
			assert_non_null(strstr(run->reason, way == 2 ? "births" : "probe hits"));
		ft_run__free(run);
	}
}

/* Was there before: its surplus since is told by who took it. */
static void test_growth(void **state)
{
	static const struct {
		const char *what;
		bool followed, hidden;
		enum ft_verdict verdict;
		const char *because;
	} rows[] = {
		{ "the command's", true, false, FT_VERDICT_LEAK, "surplus 1" },
		{ "somebody else's", false, false, FT_VERDICT_INCONCLUSIVE, "not of the command" },
		{ "not seen", true, true, FT_VERDICT_INCONCLUSIVE, "not every operation" },
	};
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct maker *m = start("inline");
		struct actor a = maker__small(1, 1);
		const struct ft_life *life;
		struct ft_run *run;

		a.flags = FT_PF_MAPPING | FT_PF_UPTODATE | FT_PF_LRU;
		maker__task(m, rows[i].followed ? FT_TASK_NEW : FT_TASK_SEEN, m->pid, "cmd");
		maker__at(m, &a, FT_OP_ADOPTED, FT_HOOK_folio_add_file_rmap_ptes, 3, 1);
		maker__op(m, &a, FT_OP_PUT, PUT, -1); /* the fault's */
		maker__op(m, &a, FT_OP_GET, GET, 1);
		maker__op(m, &a, FT_OP_PUT, PUT, -1);
		if (!rows[i].hidden)
			maker__op(m, &a, FT_OP_GET, GET, 1);
		maker__rest(m, &a, 2, 3, 1);
		run = finish(m);
		life = life_of(run, 1);
		assert_int_equal(life->baseline, 0);
		if (life->verdict != rows[i].verdict || !strstr(life->reason, rows[i].because))
			fail_msg("%s: %s (%s)", rows[i].what, ft_verdict__name(life->verdict),
				 life->reason ? life->reason : "");
		ft_run__free(run);
	}
}

#define TRACE_FRAMES                                                                               \
	"{\"frames\": [{\"address\": 1, \"function\": \"__page_ref_mod\", \"offset\": 9},"         \
	"{\"address\": 2, \"function\": \"get_it.isra.0\", \"offset\": 17},"                       \
	"{\"address\": 3, \"function\": \"elsewhere\", \"offset\": 5}]}"

/* Both sources: page_ref counts, inline is compared with it. */
static void test_compared(void **state)
{
	struct maker *m = start("page_ref,inline");
	struct actor a = maker__small(1, 1);
	const uint64_t here[] = { 1, 2 }, there[] = { 1, 3 };
	const struct ft_comparison *c;
	struct ft_run *run;
	(void)state;

	maker__stack(m, 1, here, 2);
	maker__stack(m, 2, there, 2);
	born(m, &a);
	maker__op(m, &a, FT_OP_GET, GET, 1); /* inline fires before the operation */
	a.refcount--;
	maker__op_of(m, &a, FT_OP_GET, FT_SRC_PAGE_REF, FT_HOOK_page_ref_mod, 1, 1);
	maker__op_of(m, &a, FT_OP_PUT, FT_SRC_PAGE_REF, FT_HOOK_page_ref_mod, -1, 2);
	maker__op(m, &a, FT_OP_PUT, PUT, -1);
	a.refcount++;
	maker__rest(m, &a, 2, 1, 1);
	maker__flush(m);
	maker__symbols(m, TRACE_FRAMES);
	maker__end(m);
	run = maker__load(m, false);
	c = &run->comparison;
	assert_true(c->made);
	assert_int_equal(run->exact_source, FT_SRC_PAGE_REF);
	assert_int_equal(life_of(run, 1)->conservation.law, FT_LAW_HOLDS);
	assert_int_equal(c->page_ref, 2);
	assert_int_equal(c->inlined, 2);
	assert_int_equal(c->matched, 1);
	assert_int_equal(c->differing, 1);
	assert_int_equal(c->nr_differences, 2);
	assert_string_equal(c->differences[0].function, "elsewhere");
	assert_int_equal(c->differences[0].only_page_ref, 1);
	assert_string_equal(c->differences[1].function, "put_it");
	assert_int_equal(c->differences[1].only_inline, 1);
	ft_run__free(run);
	maker__free(m);
}

/* The delta of a plain store is from the account, which sums up both sources. */
static void test_store_mended(void **state)
{
	struct maker *m = start("page_ref,inline");
	struct actor a = maker__small(1, 1);
	struct ft_run *run;
	(void)state;

	born(m, &a);
	maker__op_of(m, &a, FT_OP_SET, FT_SRC_PAGE_REF, FT_HOOK_page_ref_set, 4, 0);
	a.refcount = 5;
	maker__rest(m, &a, 2, 5, 1);
	run = finish(m);
	assert_int_equal(life_of(run, 1)->conservation.law, FT_LAW_HOLDS);
	ft_run__free(run);

	m = start("page_ref,inline");
	a = maker__small(1, 1);
	born(m, &a);
	a.refcount = -7;
	maker__op_of(m, &a, FT_OP_SET, FT_SRC_PAGE_REF, FT_HOOK_page_ref_set, 9, 0);
	maker__rest(m, &a, 2, 2, 1);
	run = finish(m);
	assert_int_equal(life_of(run, 1)->conservation.law, FT_LAW_HOLDS);
	assert_int_equal(life_of(run, 1)->events[2].delta, 1);
	ft_run__free(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbols),	     cmocka_unit_test(test_sites_once),
		cmocka_unit_test(test_malformed),    cmocka_unit_test(test_law_holds),
		cmocka_unit_test(test_law_overlap),  cmocka_unit_test(test_law_broken),
		cmocka_unit_test(test_law_freed),    cmocka_unit_test(test_law_late),
		cmocka_unit_test(test_law_adopted),  cmocka_unit_test(test_missed),
		cmocka_unit_test(test_growth),	     cmocka_unit_test(test_compared),
		cmocka_unit_test(test_store_mended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
