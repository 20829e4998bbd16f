// SPDX-License-Identifier: GPL-2.0
/*
 * References that go from task to task, beside others: what is in a pipe, what a batch has.
 * Found as honest folios that were accused in random worlds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/scene.h"

#define NR(rows) (sizeof(rows) / sizeof(*(rows)))

static void op_of(struct scene *s, uint32_t pid, enum scene_site site, int delta)
{
	scene__as(s, pid);
	scene__op(s, site, delta);
}

/* In the page cache, and held once by somebody unseen. */
static void adopted(struct scene *s)
{
	scene__adopt(s, AT_LOOKUP, 2, 0);
	scene__op(s, AT_LOOKUP, 1);
	scene__op(s, AT_PUT, -1);
}

/* The command reads an outsider's pipe while it has the folio isolated, and puts it back. */
static void pipe_read_in_isolation(struct scene *s)
{
	adopted(s);
	op_of(s, OUTSIDER, AT_PIPE, 1);
	scene__as(s, COMMAND);
	s->folio.flags &= ~FT_PF_LRU;
	scene__op(s, AT_ISOLATE, 1);
	op_of(s, COMMAND, AT_BATCH, 1);
	op_of(s, COMMAND, AT_RELEASE, -1);
	scene__as(s, COMMAND);
	s->folio.flags |= FT_PF_LRU;
	scene__op(s, AT_PUT, -1);
	op_of(s, KWORKER, AT_DRAIN, -1);
}

/* An outsider that has ended puts what the command took, not what it has sent into a pipe. */
static void put_for_the_command(struct scene *s)
{
	scene__born_cached(s);
	op_of(s, OUTSIDER, AT_PIPE, 1);
	op_of(s, COMMAND, AT_GET, 1);
	op_of(s, OUTSIDER, AT_PUT, -1);
	s->capture->ended[s->capture->nr_ended++] = OUTSIDER;
}

/* Two are sent, one is read, one is found; a living task of the command holds another. */
static void one_found_one_read(struct scene *s)
{
	adopted(s);
	op_of(s, COMMAND, AT_GUP, 1);
	op_of(s, COMMAND, AT_PIPE, 1);
	op_of(s, OUTSIDER, AT_PIPE, 1);
	op_of(s, OUTSIDER, AT_RELEASE, -1);
	capture__owner(s->capture, &s->folio, FT_OWNER_PIPE, 1, OUTSIDER, "outsider");
	s->capture->tasks_left = 1;
}

static const struct scene_row passed[] = {
	{ "a pipe is read in an isolation", pipe_read_in_isolation, WHOLE, FINE },
	{ "put for the command", put_for_the_command, NOTHING,
	  OPEN(MAY_HAVE_LIVING_HOLDER, 1, FT_OWNER_PIPE), ANY },
	{ "put for the command, no pipe is open", put_for_the_command, WHOLE,
	  LEAK(SURPLUS, 2, 1, 1), ANY },
	{ "one is found, one was read", one_found_one_read, WHOLE, OPEN(TASKS_LEFT, 1, 1), ANY },
};

static void test_passed(void **state)
{
	(void)state;
	scene__check(passed, NR(passed));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_passed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
