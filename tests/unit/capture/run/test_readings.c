// SPDX-License-Identifier: GPL-2.0
/* When folios are at rest, and which of them need an owner to be looked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture/run/readings.h"

/* As many as the count has beyond the mappings; known or with a mapping, in these tests. */
static struct surplus surplus(void *arg, const struct ft_wire_event *e, bool known)
{
	bool judged = e->mapping != 0;
	(void)arg;

	return (struct surplus){
		.units = judged || known ? e->refcount - e->mapcount : 0,
		.judged = judged,
	};
}

static struct ft_wire_event event(uint8_t op, uint32_t id, uint32_t seq, int32_t refcount,
				  int32_t mapcount)
{
	return (struct ft_wire_event){
		.head = { FT_WIRE_EVENT, sizeof(struct ft_wire_event), 0, op, 0 },
		.mapping = 1,
		.id = id,
		.seq = seq,
		.refcount = refcount,
		.mapcount = mapcount,
	};
}

static void take(struct readings *r, struct ft_wire_event e)
{
	readings__take(r, &e);
}

static void test_agree(void **state)
{
	struct readings r = { .of = surplus };
	(void)state;

	readings__next_round(&r);
	take(&r, event(FT_OP_SNAPSHOT, 7, 10, 1, 1));
	assert_int_equal(r.not_quiescent, 1);
	readings__next_round(&r);
	take(&r, event(FT_OP_SNAPSHOT, 7, 11, 1, 1));
	assert_int_equal(r.not_quiescent, 0);
	readings__next_round(&r); /* an event between */
	take(&r, event(FT_OP_SNAPSHOT, 7, 13, 1, 1));
	assert_int_equal(r.not_quiescent, 1);
	readings__next_round(&r); /* another count */
	take(&r, event(FT_OP_SNAPSHOT, 7, 14, 2, 1));
	assert_int_equal(r.not_quiescent, 1);
	readings__free(&r);
}

/* One that was born has neither mappings nor references of others. */
static void test_born(void **state)
{
	struct readings r = { .of = surplus };
	(void)state;

	readings__next_round(&r);
	take(&r, event(FT_OP_SNAPSHOT, 1, 1, 0, 0));
	assert_int_equal(r.suspects, 0);
	take(&r, event(FT_OP_SNAPSHOT, 2, 1, 2, 2));
	take(&r, event(FT_OP_SNAPSHOT, 3, 1, 1, 0));
	assert_int_equal(r.suspects, 2);
	assert_int_equal(r.nr_resting, 2);
	assert_int_equal(r.mapped, 2);
	assert_int_equal(r.surplus, 1);
	readings__next_round(&r);
	assert_int_equal(r.suspects + r.nr_resting + (size_t)r.mapped + r.surplus, 0);
	readings__free(&r);
}

/* Of an adopted one only what it has more than at first. */
static void test_adopted(void **state)
{
	struct readings r = { .of = surplus };
	(void)state;

	take(&r, event(FT_OP_ADOPTED, 5, 1, 5, 3));
	readings__next_round(&r);
	take(&r, event(FT_OP_SNAPSHOT, 5, 2, 5, 3));
	assert_int_equal(r.suspects, 0);
	assert_int_equal(r.nr_resting, 1); /* is looked for beside others */
	take(&r, event(FT_OP_SNAPSHOT, 5, 3, 6, 4));
	assert_int_equal(r.suspects, 1);
	assert_int_equal(r.mapped, 4);
	assert_int_equal(r.surplus, 0);
	take(&r, event(FT_OP_SNAPSHOT, 5, 4, 6, 3));
	assert_int_equal(r.suspects, 2);
	assert_int_equal(r.mapped, 4);
	assert_int_equal(r.surplus, 1);
	readings__free(&r);
}

/* What left the page cache is still known, what never was of a kind is not. */
static void test_kind(void **state)
{
	struct readings r = { .of = surplus };
	struct ft_wire_event e = event(FT_OP_ADOPTED, 1, 1, 1, 1);
	(void)state;

	readings__take(&r, &e);
	e.id = 2;
	e.mapping = 0;
	readings__take(&r, &e);
	e.head.op = FT_OP_SNAPSHOT;
	e.refcount = 2;
	readings__next_round(&r);
	readings__take(&r, &e);
	assert_int_equal(r.surplus, 0);
	e.id = 1;
	readings__take(&r, &e);
	assert_int_equal(r.surplus, 1);
	readings__free(&r);
}

static void test_torn(void **state)
{
	struct readings r = { .of = surplus };
	struct ft_wire_event e = event(FT_OP_SNAPSHOT, 1, 1, 0, FT_UNKNOWN);
	(void)state;

	e.mapping = 0;
	take(&r, event(FT_OP_ADOPTED, 1, 1, 0, 0));
	e.flags = FT_PF_LOCKED;
	readings__next_round(&r);
	e.refcount = FT_UNKNOWN;
	readings__take(&r, &e);
	assert_int_equal(r.suspects, 0);
	assert_int_equal(r.locked, 1);
	readings__free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_agree),	cmocka_unit_test(test_born),
		cmocka_unit_test(test_adopted), cmocka_unit_test(test_kind),
		cmocka_unit_test(test_torn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
