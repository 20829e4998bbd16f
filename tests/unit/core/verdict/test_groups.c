// SPDX-License-Identifier: GPL-2.0
/* Findings: what is one, what is two, and whose story is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/util/arena.h"
#include "support/operations.h"

#define MANY 10000

/* Two folios that are alike, with what their lost references point to. */
struct pair {
	struct ft_run run;
	struct ft_folio folio[2], *list[2];
	struct ft_lost lost[2];
	struct ft_site site[2];
	struct ft_frame_name names[2][3];
	const struct ft_frame_name *frames[2][3];
	struct ft_stack stack[2];
};

static void pair_start(struct pair *p)
{
	size_t i, j;

	memset(p, 0, sizeof(*p));
	for (i = 0; i < 2; i++) {
		p->site[i] = (struct ft_site){ .function = "try_grab_folio_fast", .offset = 16 };
		p->names[i][0].function = "try_grab_folio_fast";
		p->names[i][1].function = "pin_user_pages_fast";
		p->names[i][2].function = "driver_pin";
		for (j = 0; j < 3; j++)
			p->frames[i][j] = &p->names[i][j];
		p->stack[i] = (struct ft_stack){ p->frames[i], 3, false };
		p->lost[i] = (struct ft_lost){
			.class = FT_OWNER_PIN,
			.state = FT_OWNER_GONE,
			.confidence = FT_LIKELY,
			.p = 0.8,
			.site = &p->site[i],
			.stack = &p->stack[i],
		};
		p->folio[i] = (struct ft_folio){
			.id = (uint32_t)i + 1,
			.order = 9,
			.kind = FT_KIND_ANON,
			.verdict = FT_VERDICT_LEAK,
			.reason = { .code = FT_REASON_PINS_LOST, .n = { 1, 1 } },
			.ownerless = { .pins = 1 },
			.lost = &p->lost[i],
			.nr_lost = 1,
		};
		p->list[i] = &p->folio[i];
	}
	p->run = (struct ft_run){
		.folios = p->list,
		.nr_folios = 2,
		.arena = ft_arena__new(),
	};
}

static size_t groups_of(struct pair *p)
{
	assert_int_equal(ft_run__group(&p->run), 0);
	return p->run.nr_groups;
}

static void pair_end(struct pair *p)
{
	ft_arena__free(p->run.arena);
}

/* How the second folio differs. */
static void same(struct pair *p)
{
	(void)p;
}

static void other_place(struct pair *p)
{
	p->site[1].offset = 160;
	p->folio[1].pfn = 7;
	p->folio[1].ownerless.pins = 3;
	p->folio[1].reason.n[0] = 3;
}

static void other_compiler(struct pair *p)
{
	p->names[1][2].function = "driver_pin.constprop.0";
	p->names[1][1].function = "__gup_longterm_locked.isra.0";
}

static void other_order(struct pair *p)
{
	p->folio[1].order = 0;
}

static void other_kind(struct pair *p)
{
	p->folio[1].kind = FT_KIND_FILE;
}

static void other_function(struct pair *p)
{
	p->names[1][2].function = "driver_pin_other";
}

static void other_class(struct pair *p)
{
	p->lost[1].class = FT_OWNER_FILE;
}

static void other_unit(struct pair *p)
{
	p->folio[1].ownerless = (struct ft_units){ .references = 1 };
}

static void other_verdict(struct pair *p)
{
	p->folio[1].verdict = FT_VERDICT_OVERPUT;
}

static void other_reason(struct pair *p)
{
	p->folio[1].reason.code = FT_REASON_PIN_PUT_AS_REFERENCE;
}

static void nothing_known(struct pair *p)
{
	p->folio[1].nr_lost = 0;
}

static void test_keys(void **state)
{
	static const struct {
		void (*change)(struct pair *);
		size_t groups;
	} rows[] = {
		{ same, 1 },	     { other_place, 1 },   { other_compiler, 1 },
		{ other_order, 2 },  { other_kind, 2 },	   { other_function, 2 },
		{ other_class, 2 },  { other_unit, 2 },	   { other_verdict, 2 },
		{ other_reason, 2 }, { nothing_known, 2 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pair p;

		pair_start(&p);
		rows[i].change(&p);
		assert_int_equal(groups_of(&p), rows[i].groups);
		assert_ptr_equal(p.folio[0].group->story, &p.folio[0]);
		assert_string_equal(p.folio[0].group->function, "driver_pin");
		pair_end(&p);
	}
}

/* A name that is surer, then p as it is printed, then the first. */
static void test_story(void **state)
{
	struct pair p;

	(void)state;
	pair_start(&p);
	p.lost[1].p = 0.801;
	assert_int_equal(groups_of(&p), 1);
	assert_ptr_equal(p.run.groups[0].story, &p.folio[0]);
	p.lost[1].p = 0.9;
	assert_int_equal(groups_of(&p), 1);
	assert_ptr_equal(p.run.groups[0].story, &p.folio[1]);
	p.lost[0].confidence = FT_CERTAIN;
	assert_int_equal(groups_of(&p), 1);
	assert_ptr_equal(p.run.groups[0].story, &p.folio[0]);
	pair_end(&p);
}

/* What is hidden counts for nothing, and comes back. */
static void test_hidden(void **state)
{
	struct ft_filter f = { .nr_pfns = 1, .pfn = { { 8, 8 } } };
	struct pair p;

	(void)state;
	pair_start(&p);
	p.folio[0].order = p.folio[1].order = 0;
	p.folio[0].pfn = 7;
	p.folio[1].pfn = 8;
	assert_int_equal(groups_of(&p), 1);
	assert_int_equal(p.run.groups[0].units.pins, 2);
	assert_int_equal(ft_run__select(&p.run, &f), 1);
	assert_int_equal(p.run.groups[0].nr, 1);
	assert_int_equal(p.run.groups[0].units.pins, 1);
	assert_ptr_equal(p.run.groups[0].story, &p.folio[1]);
	f.pfn[0].first = f.pfn[0].last = 9;
	assert_int_equal(ft_run__select(&p.run, &f), 0);
	assert_int_equal(p.run.groups[0].nr, 0);
	assert_null(p.run.groups[0].story);
	assert_int_equal(ft_run__select(&p.run, &(struct ft_filter){ 0 }), 2);
	assert_int_equal(p.run.groups[0].nr, 2);
	pair_end(&p);
}

/* An over-put comes before leaks, whichever was first. */
static void test_order(void **state)
{
	struct pair p;

	(void)state;
	pair_start(&p);
	p.folio[1].verdict = FT_VERDICT_OVERPUT;
	p.folio[1].ownerless = (struct ft_units){ .references = -1 };
	assert_int_equal(groups_of(&p), 2);
	assert_ptr_equal(p.run.groups[0].story, &p.folio[1]);
	assert_ptr_equal(p.folio[1].group, &p.run.groups[0]);
	p.folio[0].verdict = p.folio[1].verdict = FT_VERDICT_BALANCED;
	assert_int_equal(groups_of(&p), 0);
	assert_null(p.folio[1].group);
	pair_end(&p);
}

/* Ten thousand leaks of one place are one finding. What is kept of a folio is bounded: beside
 * its events, which the capture has as well, 2 KiB. */
static void test_many(void **state)
{
	struct capture_builder *m = operations__start("inline");
	struct fixture *all = calloc(MANY, sizeof(*all));
	struct ft_run *run;
	size_t i, events = 0;

	(void)state;
	assert_non_null(all);
	for (i = 0; i < MANY; i++) {
		all[i] = capture__small((uint32_t)i + 1, (unsigned int)i + 1);
		operations__born(m, &all[i]);
		capture__op(m, &all[i], FT_OP_GET, GET, 1);
		capture__op(m, &all[i], FT_OP_PUT, PUT, -1);
		capture__op(m, &all[i], FT_OP_GET, GET, 1);
		capture__rest(m, &all[i], 2, 2, 1);
		if (i % 1000 == 999)
			capture__flush(m);
	}
	run = operations__finish(m);
	free(all);
	assert_int_equal(run->count[FT_VERDICT_LEAK], MANY);
	assert_int_equal(run->nr_groups, 1);
	assert_int_equal(run->groups[0].nr, MANY);
	assert_int_equal(run->groups[0].units.references, MANY);
	assert_int_equal(run->groups[0].story->id, 1);
	for (i = 0; i < run->nr_folios; i++)
		events += run->folios[i]->nr_events * sizeof(struct ft_event);
	assert_true(ft_arena__bytes(run->arena) - events < (size_t)MANY * 2048);
	ft_run__free(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),   cmocka_unit_test(test_story),
		cmocka_unit_test(test_hidden), cmocka_unit_test(test_order),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests_name("groups", tests, NULL, NULL);
}
