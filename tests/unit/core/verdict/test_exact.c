// SPDX-License-Identifier: GPL-2.0
/* Operations seen one by one: names, stacks, losses, whose a surplus is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/operations.h"
#include "support/verdict_text.h"

/* The frame of sites comes twice, and names come after the events. */
static void test_symbols(void **state)
{
	struct capture_builder *m = operations__start("inline");
	struct fixture a = capture__small(1, 1);
	const uint64_t frames[] = { 4096, 0xffffffffc0000000ULL, 8192, (uint64_t)-8192 };
	const struct ft_stack *s;
	const struct ft_folio *folio;
	struct ft_run *run;
	(void)state;

	m->modules = "[{\"module\": \"test_hmm\", \"sites\": 4, \"window_ns\": 7000}]";
	m->probe_accounting = "{\"hits\": 10, \"missed\": 1, \"exact\": true, \"entered\": 9, "
			      "\"filtered\": 5, \"false_sites\": 2, \"stack_missed\": 0}";
	capture__stack(m, 77, frames, 4);
	capture__stack(m, 77, frames, 4);
	capture__module(m, "test_hmm");
	operations__born(m, &a);
	capture__op_of(m, &a, FT_OP_GET, FT_SRC_INLINE, GET, 1, 77);
	capture__op_of(m, &a, FT_OP_PUT, FT_SRC_INLINE, PUT, -1, 78);
	capture__rest(m, &a, 2, 1, 1);
	run = operations__finish(m);
	folio = folio_of(run, 1);
	assert_int_equal(folio->verdict, FT_VERDICT_BALANCED);
	assert_string_equal(folio->events[2].site->function, "get_it");
	assert_int_equal(folio->events[2].site->offset, 16);
	assert_string_equal(folio->events[3].site->module, "test_hmm");
	assert_int_equal(folio->events[3].stack, 0); /* never sent */
	s = ft_run__stack(run, &folio->events[2]);
	assert_int_equal(s->depth, 3); /* without the trampoline */
	assert_false(s->cut);
	assert_ptr_equal(s->frames[0]->function, folio->events[2].site->function);
	assert_ptr_equal(s->frames[1]->function, s->frames[2]->function);
	assert_int_equal(s->frames[2]->offset, 9);
	assert_int_equal(run->nr_stacks, 2);
	assert_int_equal(run->nr_modules, 1);
	assert_true(run->modules[0].armed && run->modules[0].loaded_ns);
	assert_int_equal(run->modules[0].window_ns, 7000);
	assert_true(run->probe_accounting.there && run->probe_accounting.exact);
	assert_int_equal(run->probe_accounting.filtered, 5);
	ft_run__free(run);
}

static void test_sites_once(void **state)
{
	struct ft_run *run = operations__finish(operations__start("inline"));
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
	struct capture_builder *m = operations__start("inline");
	struct ft_wire_stack wild = { .head = { FT_WIRE_STACK, sizeof(wild), 0, 0, 0 },
				      .depth = 9 };
	struct ft_wire_module cut = { .head = { FT_WIRE_MODULE, 16, 0, 0, 0 } };
	struct ft_run *run;
	(void)state;

	wild.id = 1;
	capture__raw(m, &wild, sizeof(wild));
	wild.depth = 0;
	wild.id = UINT32_MAX;
	capture__raw(m, &wild, sizeof(wild));
	capture__raw(m, &cut, 16);
	run = operations__finish(m);
	assert_int_equal(run->nr_malformed, 3);
	ft_run__free(run);
}

/* Operations were missed: every folio adds up, or one cannot be summed up. */
static void test_missed(void **state)
{
	static const enum ft_reason_code because[] = { FT_REASON_NONE, FT_REASON_PROBE_HITS_MISSED,
						       FT_REASON_LIFETIMES_MISSED, FT_REASON_NONE,
						       FT_REASON_OPERATIONS_MISSED };
	int way;
	(void)state;

	for (way = 0; way < 5; way++) {
		struct capture_builder *m = operations__start("inline");
		struct fixture a = capture__small(1, 1);
		struct ft_run *run;

		operations__born(m, &a);
		capture__op(m, &a, FT_OP_GET, GET, 1);
		capture__op(m, &a, FT_OP_PUT, PUT, -1);
		if (way == 1 ||
		    way == 4) { /* a record of it was lost, too, and its sum is not known */
			a.seq++;
			a.refcount++;
			capture__op(m, &a, FT_OP_PUT, PUT, -1);
		}
		capture__value(m, &a, FT_OP_SNAPSHOT, FT_HOOK_settle, 1, 1, 1, 9);
		capture__value(m, &a, FT_OP_SNAPSHOT, FT_HOOK_settle, 1, 1, 2, 9);
		m->probe_accounting =
			"{\"hits\": 10, \"missed\": 3, \"exact\": true, \"entered\": 7, "
			"\"filtered\": 5, \"false_sites\": 0, \"stack_missed\": 0}";
		m->loss = way == 2 ? "{\"missed\": 4}" : "{\"missed\": 3}";
		if (way > 2) { /* not by probes, but by tracepoints */
			m->probe_accounting = NULL;
			m->loss = "{\"missed\": 3, \"missed_refs\": 3}";
		}
		run = operations__finish(m);
		assert_int_equal(way > 2 ? run->loss.missed_refs : run->loss.missed_probes, 3);
		assert_int_equal(run->verdict, because[way] ? FT_RUN_INCONCLUSIVE : FT_RUN_PASS);
		assert_int_equal(run->reason.code, because[way]);
		ft_run__free(run);
	}
}

/* Was there before: its surplus since is told by who took it. */
static void test_surplus_origin(void **state)
{
	static const struct {
		const char *what;
		bool followed, hidden;
		enum ft_verdict verdict;
		enum ft_reason_code because;
	} rows[] = {
		{ "the command's", true, false, FT_VERDICT_LEAK, FT_REASON_SURPLUS },
		{ "somebody else's", false, false, FT_VERDICT_INCONCLUSIVE,
		  FT_REASON_ADOPTED_OTHER_TASK },
		{ "not seen", true, true, FT_VERDICT_INCONCLUSIVE,
		  FT_REASON_ADOPTED_OPERATIONS_MISSING },
	};
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct capture_builder *m = operations__start("inline");
		struct fixture a = capture__small(1, 1);
		const struct ft_folio *folio;
		const uint32_t pid = m->pid;
		struct ft_run *run;

		a.flags = FT_PF_MAPPING | FT_PF_UPTODATE | FT_PF_LRU;
		capture__task(m, rows[i].followed ? FT_TASK_NEW : FT_TASK_SEEN, m->pid, "cmd");
		capture__at(m, &a, FT_OP_ADOPTED, FT_HOOK_folio_add_file_rmap_ptes, 3, 1);
		capture__op(m, &a, FT_OP_PUT, PUT, -1); /* the fault's */
		capture__op(m, &a, FT_OP_GET, GET, 1);
		capture__op(m, &a, FT_OP_PUT, PUT, -1);
		if (!rows[i].hidden)
			capture__op(m, &a, FT_OP_GET, GET, 1);
		capture__rest(m, &a, 2, 3, 1);
		run = operations__finish(m);
		folio = folio_of(run, 1);
		assert_int_equal(folio->baseline, 0);
		if (folio->verdict != rows[i].verdict || folio->reason.code != rows[i].because)
			fail_msg("%s: %s (%s)", rows[i].what, ft_verdict__name(folio->verdict),
				 reason_word(&folio->reason));
		if (folio->reason.code == FT_REASON_ADOPTED_OTHER_TASK) {
			assert_int_equal(folio->reason.n[1], pid);
			assert_string_equal(folio->reason.comm, "cmd");
			assert_string_equal(folio->reason.site->function, "get_it");
		}
		ft_run__free(run);
	}
}

/* The delta of a plain store is from the account, which sums up both sources. */
static void test_store_mended(void **state)
{
	struct capture_builder *m = operations__start("page_ref,inline");
	struct fixture a = capture__small(1, 1);
	struct ft_run *run;
	(void)state;

	operations__born(m, &a);
	capture__op_of(m, &a, FT_OP_SET, FT_SRC_PAGE_REF, FT_HOOK_page_ref_set, 4, 0);
	a.refcount = 5;
	capture__rest(m, &a, 2, 5, 1);
	run = operations__finish(m);
	assert_int_equal(folio_of(run, 1)->conservation.state, FT_CONSERVATION_HOLDS);
	ft_run__free(run);

	m = operations__start("page_ref,inline");
	a = capture__small(1, 1);
	operations__born(m, &a);
	a.refcount = -7;
	capture__op_of(m, &a, FT_OP_SET, FT_SRC_PAGE_REF, FT_HOOK_page_ref_set, 9, 0);
	capture__rest(m, &a, 2, 2, 1);
	run = operations__finish(m);
	assert_int_equal(folio_of(run, 1)->conservation.state, FT_CONSERVATION_HOLDS);
	assert_int_equal(folio_of(run, 1)->events[2].delta, 1);
	ft_run__free(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_symbols),	       cmocka_unit_test(test_sites_once),
		cmocka_unit_test(test_malformed),      cmocka_unit_test(test_missed),
		cmocka_unit_test(test_surplus_origin), cmocka_unit_test(test_store_mended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
