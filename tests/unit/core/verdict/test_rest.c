// SPDX-License-Identifier: GPL-2.0
/* What happens to a folio while it is read at the end, and after the last reading. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/scene.h"

/*
 * Tasks that live map and unmap a page of libc while it is read, as record -p and -a find
 * it. Two readings in order are a proof, if no mapping without a process is in all of them.
 */
struct moving {
	const char *what;
	int32_t at_first, at_last; /* mapcounts at the readings */
	uint32_t mapped_since;	   /* mappings made after the last */
	uint32_t found;		   /* mappings that the search found, after that */
	enum ft_verdict verdict;
};

static const struct moving moving[] = {
	{ "gone before the search", 0, 1, 0, 0, FT_VERDICT_BALANCED },
	{ "all of them found", 1, 2, 0, 2, FT_VERDICT_BALANCED },
	{ "one of two gone before the search", 2, 1, 0, 1, FT_VERDICT_BALANCED },
	{ "one lost", 1, 2, 0, 0, FT_VERDICT_INCONCLUSIVE },
	{ "one lost, another found", 2, 3, 0, 1, FT_VERDICT_INCONCLUSIVE },
	{ "found are later ones", 1, 1, 1, 1, FT_VERDICT_INCONCLUSIVE },
	{ "found with later ones", 1, 1, 1, 2, FT_VERDICT_BALANCED },
};

static void reads_while_mapped(struct capture_builder *m, struct fixture *a,
			       const struct moving *row)
{
	int32_t mapped = row->at_last;
	uint32_t i;

	capture__value(m, a, FT_OP_SNAPSHOT, FT_HOOK_settle, 1 + row->at_first, row->at_first, 1,
		       0);
	capture__at(m, a, FT_OP_ENTER, FT_HOOK_filemap_get_entry, 1 + row->at_first, row->at_first);
	capture__value(m, a, FT_OP_SNAPSHOT, FT_HOOK_settle, 1 + mapped, mapped, 2, 0);
	capture__at(m, a, FT_OP_ENTER, FT_HOOK_filemap_get_entry, 1 + mapped, mapped);
	for (i = 0; i < row->mapped_since; i++, mapped++) {
		capture__at(m, a, FT_OP_ENTER, FT_HOOK_folio_add_file_rmap_ptes, 2 + mapped,
			    mapped);
		capture__at(m, a, FT_OP_RETURN, FT_HOOK_folio_add_file_rmap_ptes, 2 + mapped,
			    mapped + 1);
	}
	if (row->found)
		capture__owner(m, a, FT_OWNER_MAPPING, row->found, 700, "cat");
}

static void test_moving(void **state)
{
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(moving) / sizeof(*moving); i++) {
		struct capture_builder *m = capture__new();
		struct fixture page = capture__small(1, 1);
		const struct ft_folio *folio;
		struct ft_run *run;

		m->search = &searched_whole;
		m->tasks_left = 3;
		capture__meta(m);
		page.flags = PAGE_OF_FILE;
		capture__at(m, &page, FT_OP_ADOPTED, FT_HOOK_filemap_get_entry, 1, 0);
		reads_while_mapped(m, &page, &moving[i]);
		capture__end(m);
		run = capture__load(m, true);
		folio = folio_of(run, 1);
		if (folio->verdict != moving[i].verdict)
			fail_msg("%s: %s because %s", moving[i].what,
				 ft_verdict__name(folio->verdict), reason_word(&folio->reason));
		if (folio->verdict == FT_VERDICT_INCONCLUSIVE)
			assert_int_equal(folio->reason.code, FT_REASON_NOT_AT_REST);
		ft_run__free(run);
		capture__free(m);
	}
}

/* A page of the page cache, of which the command takes a reference there, and keeps it. */
static void kept(struct scene *s, enum scene_site at)
{
	scene__init(s, "inline");
	s->capture->search = WHOLE;
	scene__born_cached(s);
	scene__as(s, COMMAND);
	scene__op(s, at, 1);
}

/* After the last reading somebody looks at a page that leaked: DAMON, which the kernel runs. */
static void look_after(int puts, enum ft_verdict verdict)
{
	struct ft_run *run;
	struct scene s;

	kept(&s, AT_GET);
	scene__rest(&s);
	scene__as(&s, KWORKER);
	scene__op(&s, AT_LOOKUP, 1);
	if (puts)
		scene__op(&s, AT_PUT, -puts);
	run = scene__end(&s);
	assert_int_equal(folio_of(run, 1)->verdict, verdict);
	if (verdict == FT_VERDICT_INCONCLUSIVE)
		assert_int_equal(folio_of(run, 1)->reason.code, FT_REASON_NOT_AT_REST);
	ft_run__free(run);
}

static void test_looked_at(void **state)
{
	(void)state;
	look_after(1, FT_VERDICT_LEAK);
	look_after(0, FT_VERDICT_INCONCLUSIVE);
	look_after(2, FT_VERDICT_INCONCLUSIVE);
}

/* It does so between two readings of a page that stays locked; its thread, or the one that locked. */
static void look_at_locked(uint32_t who, enum ft_verdict verdict, enum ft_reason_code code)
{
	struct ft_run *run;
	struct scene s;

	kept(&s, AT_COLLECT);
	s.folio.flags |= FT_PF_LOCKED;
	scene__rest(&s);
	scene__as(&s, who);
	scene__op(&s, AT_LOOKUP, 1);
	scene__op(&s, AT_PUT, -1);
	s.pause_ns = 0;
	scene__rest(&s);
	run = scene__end(&s);
	assert_int_equal(folio_of(run, 1)->verdict, verdict);
	assert_int_equal(folio_of(run, 1)->reason.code, code);
	ft_run__free(run);
}

static void test_looked_at_locked(void **state)
{
	(void)state;
	look_at_locked(KWORKER, FT_VERDICT_LEAK, FT_REASON_LOCKED_LOST);
	look_at_locked(COMMAND, FT_VERDICT_INCONCLUSIVE, FT_REASON_LOCKED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moving),
		cmocka_unit_test(test_looked_at),
		cmocka_unit_test(test_looked_at_locked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
