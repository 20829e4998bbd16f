// SPDX-License-Identifier: GPL-2.0
/* Whose the units of a count are, as a sum in one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/util/arena.h"
#include "render/owners.h"

static struct ft_site get_site = { .function = "drv_get", .offset = 0x10 };
static struct ft_site put_site = { .function = "drv_put", .offset = 0x20 };
static struct ft_site call_site = { .function = "drv_call" };
static struct ft_event get = { .site = &get_site, .comm = "drive", .pid = 136 };
static struct ft_event put = { .site = &put_site, .comm = "drive", .pid = 136 };
static struct ft_event call = { .site = &call_site, .comm = "drive", .pid = 136 };

struct world {
	struct ft_run run;
	struct ft_folio folio;
	struct ft_lost lost[20];
};

static struct world start(enum ft_kind kind, uint32_t flags, int32_t refcount, int32_t mapcount,
			  int32_t pincount)
{
	struct world w = { .folio = { .id = 1, .born = true, .kind = kind } };
	struct ft_reading *r = &w.folio.final;

	w.run.arena = ft_arena__new();
	assert_non_null(w.run.arena);
	*r = (struct ft_reading){ .valid = true, .flags = flags, .at_rest = true };
	r->refcount = refcount;
	r->mapcount = mapcount;
	r->pincount = pincount;
	r->expected = ft_expected__of(kind, flags, 0, mapcount, pincount, FT_RULE_ZONE_IDLE_ONE);
	r->surplus = refcount - r->expected.total;
	w.folio.verdict = FT_VERDICT_INCONCLUSIVE;
	return w;
}

static struct ft_lost *lose(struct world *w, enum ft_owner_class whose, struct ft_event *e)
{
	w->folio.lost = w->lost;
	w->lost[w->folio.nr_lost] =
		(struct ft_lost){ .put = e == &put, .class = whose, .event = e, .site = e->site };
	return &w->lost[w->folio.nr_lost++];
}

static void bad(struct world *w, enum ft_verdict verdict, int64_t references, int64_t pins,
		int64_t mappings)
{
	w->folio.verdict = verdict;
	w->folio.ownerless = (struct ft_units){ references, pins, mappings };
}

static void check(struct world *w, const char *wanted)
{
	char *words;

	assert_int_equal(owners__text(&w->run, &w->folio, &words), 0);
	if (wanted)
		assert_string_equal(words, wanted);
	else
		assert_null(words);
	free(words);
	ft_arena__free(w->run.arena);
}

static void test_possible(void **state)
{
	struct world w = start(FT_KIND_ANON, FT_PF_ANON, 1026, 1, 0);
	(void)state;

	check(&w,
	      "refcount 1026 = 1 mapping + 1 pin (1024 references), may still be held + 1 of an "
	      "owner that is not known");
	w = start(FT_KIND_ANON, FT_PF_ANON, 2, 1, 0);
	lose(&w, FT_OWNER_OTHER, &get)->state = FT_OWNER_POSSIBLE;
	check(&w,
	      "refcount 2 = 1 mapping + 1 taken at drv_get+0x10 by drive/136, may still be held");
	w = start(FT_KIND_ANON, FT_PF_ANON | FT_PF_SWAPCACHE, 3, 1, 0);
	w.folio.reason = (struct ft_reason){ .code = FT_REASON_MAY_HAVE_LIVING_HOLDER,
					     .n = { 1, FT_OWNER_IO_URING } };
	check(&w, "refcount 3 = 1 mapping + 1 swap cache + 1 io_uring buffer, may still be held");
}

static void test_gone(void **state)
{
	struct world w = start(FT_KIND_ANON, FT_PF_ANON, 3, 1, 0);
	(void)state;

	bad(&w, FT_VERDICT_LEAK, 2, 0, 0);
	lose(&w, FT_OWNER_ISOLATION, &get);
	lose(&w, FT_OWNER_OTHER, &call);
	check(&w,
	      "refcount 3 = 1 mapping + 1 isolation taken at drv_get+0x10, never put back + 1 taken "
	      "in drv_call, never put");
	w = start(FT_KIND_ANON, FT_PF_ANON | FT_PF_LARGE, 3, 2, 1);
	bad(&w, FT_VERDICT_LEAK, 0, 1, 1);
	check(&w,
	      "refcount 3 = 1 mapping + 1 mapping that no page table has + 1 pin, never unpinned");
	/* inferred: between two readings, nobody knows in which function */
	w = start(FT_KIND_ANON, FT_PF_ANON, 1, 0, 0);
	bad(&w, FT_VERDICT_LEAK, 1, 0, 0);
	lose(&w, FT_OWNER_OTHER, &call)->site = NULL;
	w.lost[0].after = &call;
	check(&w, "refcount 1 = 1 taken before drv_call, never put");
}

static void test_taken_away(void **state)
{
	struct world w = start(FT_KIND_ANON, FT_PF_ANON | FT_PF_LARGE, -2, -1, -1);
	(void)state;

	bad(&w, FT_VERDICT_OVERPUT, 0, -1, -1);
	lose(&w, FT_OWNER_PIN, &put);
	check(&w, "refcount -2 = -1 pin unpinned too often at drv_put+0x20 - 1 mapping removed too "
		  "often");
	w = start(FT_KIND_ANON, FT_PF_ANON | FT_PF_LARGE, 0, 0, 1);
	bad(&w, FT_VERDICT_LEAK, -1, 1, 0);
	lose(&w, FT_OWNER_PIN, &get)->other = &put;
	check(&w, "refcount 0 = 1 pin taken at drv_get+0x10, never unpinned - 1 of a pin, put as a "
		  "plain reference at drv_put+0x20");
}

/* Before 6.15 a mapping of a DAX page took no reference. */
static void test_no_reference(void **state)
{
	struct world w = start(FT_KIND_FS_DAX, FT_PF_MAPPING, 1, 2, 0);
	(void)state;

	check(&w, "refcount 1 = 2 mappings (no reference) + 1 idle device page");
}

static void test_balanced(void **state)
{
	struct ft_found_owner found[] = {
		{ 1, FT_OWNER_MAPPING, 1, 1, 1, "a" },	  { 1, FT_OWNER_MAPPING, 1, 2, 2, "b" },
		{ 1, FT_OWNER_MAPPING, 1, 3, 3, "c" },	  { 1, FT_OWNER_MAPPING, 2, 4, 4, "d" },
		{ 1, FT_OWNER_IO_URING, 1, 99, 99, "o" },
	};
	struct world w = start(FT_KIND_ANON, FT_PF_ANON, 1029, 5, 0);
	(void)state;

	w.folio.verdict = FT_VERDICT_BALANCED;
	w.run.found_owners = found;
	w.run.nr_found_owners = 5;
	check(&w, "refcount 1029 = 5 mappings (a/1, b/2, c/3 and 1 more) + 1 io_uring buffer (1024 "
		  "references) of o/99 (alive)");
	/* the counts say as much */
	w = start(FT_KIND_ANON, FT_PF_ANON, 5, 5, 0);
	w.folio.verdict = FT_VERDICT_BALANCED;
	w.run.found_owners = found;
	w.run.nr_found_owners = 4;
	check(&w, NULL);
}

/* A line has an end. */
static void test_many(void **state)
{
	static struct ft_site sites[20];
	static struct ft_event events[20];
	struct world w = start(FT_KIND_ANON, FT_PF_ANON, 20, 0, 0);
	char *words;
	size_t i;
	(void)state;

	bad(&w, FT_VERDICT_LEAK, 20, 0, 0);
	for (i = 0; i < 20; i++) {
		sites[i] = (struct ft_site){ .function = "f", .offset = i + 1 };
		events[i] = get;
		events[i].site = &sites[i];
		lose(&w, FT_OWNER_OTHER, &events[i]);
	}
	assert_int_equal(owners__text(&w.run, &w.folio, &words), 0);
	assert_non_null(strstr(words, " + 1 taken at f+0xc, never put + 8 of 8 others"));
	assert_null(strstr(words, "f+0xd"));
	free(words);
	ft_arena__free(w.run.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_possible),   cmocka_unit_test(test_gone),
		cmocka_unit_test(test_taken_away), cmocka_unit_test(test_no_reference),
		cmocka_unit_test(test_balanced),   cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("owner_words", tests, NULL, NULL);
}
