// SPDX-License-Identifier: GPL-2.0
/* Whose each unit is: pins, mappings, and counts that are never in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/scene.h"

#define NR(rows) (sizeof(rows) / sizeof(*(rows)))
static void one(struct scene *s)
{
	scene__born_cached(s);
	scene__as(s, COMMAND);
	scene__pin(s, 1);
}

static void fast(struct scene *s)
{
	scene__born_cached(s);
	scene__as(s, COMMAND);
	scene__op(s, AT_GUP, 1);
	scene__op(s, AT_GUP, FT_PIN_BIAS - 1);
}

/* What is looked at and put is no pin, whoever had the folio before. */
static void beside_a_get(struct scene *s)
{
	scene__adopt(s, AT_GUP, 2, 0);
	scene__op(s, AT_GUP, 1);
	scene__op(s, AT_GUP, FT_PIN_BIAS - 1);
	scene__as(s, COMMAND);
	scene__op(s, AT_GUP, 1);
	scene__op(s, AT_PUT, -1);
}

static void three_less_one(struct scene *s)
{
	scene__born_cached(s);
	scene__as(s, COMMAND);
	scene__pin(s, 3);
	scene__as(s, COMMAND);
	scene__unpin(s, 1);
}

static void dozen(struct scene *s)
{
	scene__born_cached(s);
	scene__pin(s, 12);
}

static void and_a_get(struct scene *s)
{
	one(s);
	scene__as(s, COMMAND);
	scene__op(s, AT_GET, 1);
}

static void put_plainly(struct scene *s)
{
	one(s);
	scene__as(s, COMMAND);
	scene__op(s, AT_PUT, -1);
}

static void two_put_plainly(struct scene *s)
{
	scene__born_cached(s);
	scene__as(s, COMMAND);
	scene__pin(s, 2);
	scene__as(s, COMMAND);
	scene__op(s, AT_PUT, -1);
	scene__op(s, AT_PUT, -1);
}

static void one_of_two_put_plainly(struct scene *s)
{
	scene__born_cached(s);
	scene__as(s, COMMAND);
	scene__pin(s, 2);
	scene__as(s, COMMAND);
	scene__op(s, AT_PUT, -1);
	scene__unpin(s, 1);
}

static void pinned_and_back(struct scene *s)
{
	scene__born_cached(s);
	scene__pin(s, 5);
	scene__unpin(s, 5);
}

static void unpinned_twice(struct scene *s)
{
	one(s);
	scene__unpin(s, 2);
}

static void huge(struct scene *s)
{
	scene__born_huge(s);
	scene__map(s);
	scene__as(s, COMMAND);
}

/* Both its mappings go, so that what is left is pins. */
static void unmapped(struct scene *s)
{
	scene__as(s, COMMAND);
	scene__unmap(s);
	scene__unmap(s);
}

static void huge_one(struct scene *s)
{
	huge(s);
	scene__pin(s, 1);
	unmapped(s);
}

static void huge_many(struct scene *s)
{
	huge(s);
	scene__pin(s, 512);
	scene__as(s, COMMAND);
	scene__unpin(s, 511);
	unmapped(s);
}

static void huge_put_plainly(struct scene *s)
{
	huge(s);
	scene__pin(s, 1);
	scene__as(s, COMMAND);
	scene__op(s, AT_PUT, -1);
	capture__owner(s->capture, &s->folio, FT_OWNER_MAPPING, 2, OUTSIDER, "outsider");
}

static void huge_unpinned_twice(struct scene *s)
{
	huge(s);
	scene__pin(s, 1);
	scene__as(s, COMMAND);
	scene__unpin(s, 2);
}

static void in_a_ring(struct scene *s)
{
	scene__born_cached(s);
	scene__op(s, AT_RING, FT_PIN_BIAS);
}

static void in_a_found_ring(struct scene *s)
{
	in_a_ring(s);
	capture__owner(s->capture, &s->folio, FT_OWNER_IO_URING, 1, OUTSIDER, "outsider");
}

static void half_in_a_found_ring(struct scene *s)
{
	scene__pin(s, 0);
	in_a_found_ring(s);
	scene__op(s, AT_GUP, FT_PIN_BIAS);
}

static void by_a_living_task(struct scene *s)
{
	one(s);
	s->capture->tasks_left = 1;
}

static void by_an_outsider(struct scene *s)
{
	scene__born_cached(s);
	scene__as(s, OUTSIDER);
	scene__pin(s, 1);
}

static const struct scene_row pins[] = {
	{ "a pin", one, WHOLE, LEAK(PINS_LOST, 1), NAMED(1, GUP, PIN) },
	{ "a pin, not searched", one, NOTHING, LEAK(PINS_LOST, 1), NAMED(1, GUP, PIN) },
	{ "a pin, old", one, OLD, LEAK(PINS_LOST, 1), NAMED(1, GUP, PIN) },
	{ "a pin in two steps", fast, WHOLE, LEAK(PINS_LOST, 1), NAMED(1, GUP, PIN) },
	{ "a pin beside a get", beside_a_get, WHOLE, LEAK(PINS_LOST, 1), NAMED(1, GUP, PIN) },
	{ "three, one unpinned", three_less_one, WHOLE, LEAK(PINS_LOST, 2), NAMED(2, GUP, PIN) },
	{ "a dozen", dozen, WHOLE, LEAK(PINS_LOST, 12), NAMED(8, GUP, PIN) },
	{ "a pin and a get", and_a_get, WHOLE, LEAK(PINS_LOST, 1, 1), SOME(2) },
	{ "put plainly", put_plainly, WHOLE, LEAK(PIN_PUT_AS_REFERENCE, 1), NAMED(1, GUP, PIN) },
	{ "two put plainly", two_put_plainly, WHOLE, LEAK(PIN_PUT_AS_REFERENCE, 2),
	  NAMED(2, GUP, PIN) },
	{ "one of two put plainly", one_of_two_put_plainly, WHOLE, LEAK(PIN_PUT_AS_REFERENCE, 1),
	  NAMED(1, GUP, PIN) },
	{ "pinned and unpinned", pinned_and_back, WHOLE, FINE },
	{ "unpinned twice", unpinned_twice, WHOLE, OVERPUT(NEGATIVE_COUNT, -1023, 0, 0), ANY },
	{ "huge", huge_one, WHOLE, LEAK(PINS_LOST, 1), NAMED(1, GUP, PIN) },
	{ "512, 511 unpinned", huge_many, WHOLE, LEAK(PINS_LOST, 1), NAMED(1, GUP, PIN) },
	{ "huge, put plainly", huge_put_plainly, WHOLE, LEAK(PIN_PUT_AS_REFERENCE, 1),
	  NAMED(1, GUP, PIN) },
	{ "huge, unpinned twice", huge_unpinned_twice, WHOLE, OVERPUT(NEGATIVE_COUNT, 1, 2, -1),
	  ANY },
	{ "in a ring that is found", in_a_found_ring, BUSY, FINE },
	{ "one of two in a ring", half_in_a_found_ring, BUSY, LEAK(PINS_LOST, 1), ANY },
	{ "a ring is open", in_a_ring, BUSY, OPEN(MAY_HAVE_LIVING_HOLDER, 1, FT_OWNER_IO_URING),
	  SOME(1) },
	{ "no ring is open", in_a_ring, WHOLE, LEAK(PINS_LOST, 1), NAMED(1, RING, PIN) },
	{ "rings, not searched", in_a_ring, NOTHING,
	  OPEN(MAY_HAVE_LIVING_HOLDER, 1, FT_OWNER_IO_URING), SOME(1) },
	{ "by a living task", by_a_living_task, WHOLE, OPEN(TASKS_LEFT, 1, 1), SOME(1) },
	{ "by a living outsider", by_an_outsider, WHOLE, OPEN(HELD_BY_OTHER_TASK, 1, OUTSIDER),
	  SOME(1) },
};

static void test_pins(void **state)
{
	(void)state;
	scene__check(pins, NR(pins));
}

static void put_plainly_sites(bool large)
{
	const struct ft_lost *lost;
	struct ft_run *run;
	struct scene s;

	scene__init(&s, "inline");
	s.capture->search = WHOLE;
	if (large)
		huge_put_plainly(&s);
	else
		put_plainly(&s);
	scene__rest(&s);
	run = scene__end(&s);
	lost = folio_of(run, 1)->lost;
	assert_int_equal(folio_of(run, 1)->nr_lost, 1);
	assert_string_equal(lost->site->function, "try_grab_folio_fast");
	assert_non_null(lost->other);
	assert_int_equal(lost->other->op, FT_OP_PUT);
	assert_string_equal(lost->other_site->function, "put_it");
	assert_int_equal(folio_of(run, 1)->ownerless.pins, 1);
	assert_int_equal(folio_of(run, 1)->ownerless.references, -1);
	ft_run__free(run);
}

/* Both sites are named: where it was pinned, and where it was put. */
static void test_put_plainly(void **state)
{
	(void)state;
	put_plainly_sites(false);
	put_plainly_sites(true);
}

static void mapped(struct scene *s)
{
	scene__born(s);
}

static void mapped_alive(struct scene *s)
{
	scene__born(s);
	s->capture->tasks_left = 1;
}

static void mapped_found(struct scene *s)
{
	mapped_alive(s);
	capture__owner(s->capture, &s->folio, FT_OWNER_MAPPING, 1, COMMAND, "command");
}

static void mapped_twice(struct scene *s)
{
	mapped_found(s);
	scene__map(s);
}

static void mapped_by_two(struct scene *s)
{
	mapped_twice(s);
	capture__owner(s->capture, &s->folio, FT_OWNER_MAPPING, 1, OUTSIDER, "outsider");
}

static void mapped_ksm(struct scene *s)
{
	s->folio.flags |= FT_PF_KSM;
	mapped(s);
}

/* Two others had mapped it before. */
static void looked_up(struct scene *s)
{
	scene__adopt(s, AT_LOOKUP, 3, 2);
	scene__op(s, AT_LOOKUP, 1);
	scene__op(s, AT_PUT, -1);
	scene__as(s, COMMAND);
}

static void mapped_before(struct scene *s)
{
	looked_up(s);
	scene__map(s);
	scene__unmap(s);
}

static void mapped_since(struct scene *s)
{
	looked_up(s);
	scene__map(s);
}

static void mapped_since_found(struct scene *s)
{
	mapped_since(s);
	capture__owner(s->capture, &s->folio, FT_OWNER_MAPPING, 3, OUTSIDER, "outsider");
}

static void entry_lost(struct scene *s)
{
	scene__born(s);
	scene__op(s, AT_GET, 1);
}

static const struct scene_row mappings[] = {
	{ "of the dead", mapped, WHOLE, LEAK(MAPPINGS_LOST, 1, 7), ANY },
	{ "of the dead, not searched", mapped, NOTHING, LEAK(MAPPINGS_LOST, 1, 0), ANY },
	{ "of the dead, not all searched", mapped, BUSY, LEAK(MAPPINGS_LOST, 1, 7), ANY },
	{ "of the dead, old", mapped, OLD, FINE },
	{ "found", mapped_found, WHOLE, FINE },
	{ "found, not all searched", mapped_found, BUSY, FINE },
	{ "not found", mapped_alive, WHOLE, LEAK(MAPPINGS_LOST, 1, 7), ANY },
	{ "not found, not all searched", mapped_alive, BUSY, OPEN(MAPPINGS_NOT_SEARCHED, 1) },
	{ "not searched", mapped_alive, NOTHING, FINE },
	{ "one of two found", mapped_twice, WHOLE, LEAK(MAPPINGS_LOST, 1, 7), ANY },
	{ "one of two found, not all searched", mapped_twice, BUSY,
	  OPEN(MAPPINGS_NOT_SEARCHED, 1) },
	{ "by two", mapped_by_two, WHOLE, FINE },
	{ "KSM", mapped_ksm, WHOLE, FINE },
	{ "before", mapped_before, WHOLE, FINE },
	{ "since", mapped_since, WHOLE, LEAK(MAPPINGS_LOST, 1, 7), ANY },
	{ "since, not all searched", mapped_since, BUSY, OPEN(MAPPINGS_NOT_SEARCHED, 1) },
	{ "since, old", mapped_since, OLD, FINE },
	{ "since, and found", mapped_since_found, WHOLE, FINE },
	{ "with a reference", entry_lost, WHOLE, LEAK(MAPPINGS_LOST, 1, 7), ANY },
};

static void test_mappings(void **state)
{
	(void)state;
	scene__check(mappings, NR(mappings));
}

static void unmapped_twice(struct scene *s)
{
	scene__born_huge(s);
	scene__unmap(s);
	scene__unmap(s);
}

static void unmapped_twice_and_locked(struct scene *s)
{
	unmapped_twice(s);
	s->folio.flags |= FT_PF_LOCKED | FT_PF_WRITEBACK;
}

static void put_twice(struct scene *s)
{
	scene__born(s);
	scene__op(s, AT_PUT, -2);
	s->folio.mapcount = 0;
}

static const struct scene_row negative[] = {
	{ "unmapped twice", unmapped_twice, WHOLE, OVERPUT(NEGATIVE_COUNT, -1, -1, 0), ANY },
	{ "unmapped twice, old", unmapped_twice, OLD, OVERPUT(NEGATIVE_COUNT, -1, -1, 0), ANY },
	{ "locked is no excuse", unmapped_twice_and_locked, WHOLE,
	  OVERPUT(NEGATIVE_COUNT, -1, -1, 0), ANY },
	{ "refcount alone", put_twice, WHOLE, OVERPUT(NEGATIVE_COUNT, -1, 0, 0), ANY },
};

static void test_negative(void **state)
{
	(void)state;
	scene__check(negative, NR(negative));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pins),
		cmocka_unit_test(test_put_plainly),
		cmocka_unit_test(test_mappings),
		cmocka_unit_test(test_negative),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
