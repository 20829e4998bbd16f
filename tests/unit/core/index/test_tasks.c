// SPDX-License-Identifier: GPL-2.0
/* Whose event it was, and what the task was inside of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/scenarios.h"

static const char *comm_at(const struct ft_run *run, size_t i)
{
	return run->folios[0]->events[i].comm;
}

/* A task's name is the one of the time, whichever ring brought it when. */
static void test_comm(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture a = capture__small(1, 1);
	struct ft_wire_task later = {
		.head = { FT_WIRE_TASK, sizeof(later), 0, FT_TASK_EXEC, 0 },
		.pid = 100,
		.tgid = 100,
		.comm = "sixteen-letters!", /* not terminated */
	};
	struct ft_run *run;
	(void)state;

	capture__meta(m);
	capture__at(m, &a, FT_OP_BORN, 1, 1, 1);
	capture__task(m, FT_TASK_SEEN, 100, "first");
	capture__at(m, &a, FT_OP_ENTER, 1, 1, 1);
	later.t_ns = m->now += 1000;
	capture__at(m, &a, FT_OP_ENTER, 1, 1, 1);
	m->pid = 200;
	capture__at(m, &a, FT_OP_ENTER, 1, 1, 1);
	capture__raw(m, &later, sizeof(later));
	capture__end(m);
	run = capture__load(m, true);
	assert_string_equal(comm_at(run, 0), "first");
	assert_string_equal(comm_at(run, 1), "first");
	assert_string_equal(comm_at(run, 2), "sixteen-letters!");
	assert_string_equal(comm_at(run, 3), "");
	assert_int_equal(run->nr_tasks, 1);
	ft_run__free(run);
	capture__free(m);
}

static void test_calls(void **state)
{
	struct capture_builder *m = capture__new();
	struct ft_run *run;
	size_t i;
	(void)state;

	scenario__build("seed-leak", m);
	run = capture__load(m, false);
	assert_int_equal(run->nr_calls, 12);
	for (i = 1; i < run->nr_calls; i++)
		assert_true(run->calls[i - 1].t_ns <= run->calls[i].t_ns);
	assert_string_equal(run->calls[0].site->function, "migrate_vma_setup");
	assert_false(run->calls[0].returned);
	assert_string_equal(run->calls[11].site->function, "migrate_vma_finalize");
	assert_true(run->calls[11].returned);
	ft_run__free(run);
	capture__free(m);
}

/* Two CPUs, the later one's ring read first: calls are in order of time. */
static void test_calls_of_two_rings(void **state)
{
	struct capture_builder *m = capture__new();
	struct ft_run *run;
	uint64_t start = m->now;
	unsigned int i;
	(void)state;

	capture__meta(m);
	for (i = 0; i < 40; i++) {
		m->cpu = i % 2;
		m->pid = 100 + m->cpu;
		m->now = start + (i % 2 ? i : 1000 + i) * 1000;
		capture__call(m, FT_HOOK_migrate_vma_setup, i / 2 % 2, 0);
		if (i % 3 == 2)
			capture__flush(m);
	}
	capture__end(m);
	run = capture__load(m, false);
	assert_int_equal(run->nr_calls, 40);
	for (i = 0; i < 40; i++) {
		assert_int_equal(run->calls[i].cpu, i < 20);
		assert_true(!i || run->calls[i - 1].t_ns < run->calls[i].t_ns);
	}
	ft_run__free(run);
	capture__free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_comm),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_calls_of_two_rings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
