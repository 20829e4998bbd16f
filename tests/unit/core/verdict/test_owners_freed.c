// SPDX-License-Identifier: GPL-2.0
/* Folios that are freed, and pages of drivers, of whose count no function of the kernel tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/scene.h"

#define NR(rows) (sizeof(rows) / sizeof(*(rows)))

static void dies(struct scene *s)
{
	capture__value(s->capture, &s->folio, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 0, FT_DIED_FREED,
		       0);
}

static void on_free(struct scene *s)
{
	scene__adopt(s, AT_GET, 0, 0);
	s->folio.flags = 0;
	scene__op(s, AT_GET, 1);
}

static void on_free_and_back(struct scene *s)
{
	on_free(s);
	scene__op(s, AT_PUT, -1);
}

/* Its memory's next owner takes it before the run ends. */
static void on_free_and_used_again(struct scene *s)
{
	on_free_and_back(s);
	scene__op(s, AT_GET, 1);
	scene__op(s, AT_PUT, -1);
	dies(s);
	s->forgets = true;
}

static void on_idle_device(struct scene *s)
{
	s->folio.flags = FT_PF_ZONE_DEVICE | 1U << FT_PF_DEVICE_SHIFT;
	capture__adopt(s->capture, &s->folio, AT_GET, 0, 0);
	scene__op(s, AT_GET, 1);
	scene__op(s, AT_PUT, -1);
}

/* Thousands do: they are not kept to be asked. */
static void idle_device_dies(struct scene *s)
{
	on_idle_device(s);
	dies(s);
}

/* What a kworker holds is put by the command: then the last put is not the last holder's. */
static void freed_under_guard(struct scene *s)
{
	scene__born(s);
	scene__as(s, KWORKER);
	scene__op(s, AT_GET, 1);
	scene__as(s, COMMAND);
	scene__op(s, AT_LOOKUP, 1);
	scene__op(s, AT_PUT, -1);
	scene__as(s, COMMAND);
	scene__op(s, AT_PUT, -1);
	scene__as(s, COMMAND);
	scene__unmap(s);
	dies(s);
	s->forgets = true;
}

static void dies_as(struct scene *s, enum ft_died how)
{
	capture__value(s->capture, &s->folio, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 0, how, 0);
}

/* The same, of a folio that goes back to the pool. */
static void huge_freed_under_guard(struct scene *s)
{
	scene__born_huge(s);
	scene__as(s, KWORKER);
	scene__op(s, AT_GET, 1);
	scene__as(s, COMMAND);
	scene__op(s, AT_LOOKUP, 1);
	scene__op(s, AT_PUT, -1);
	scene__op(s, AT_PUT, -1);
	scene__as(s, COMMAND);
	scene__unmap(s);
	dies_as(s, FT_DIED_HUGETLB);
	s->forgets = true;
}

/* Twenty tasks outside the command look at it; then one more is robbed. */
static void freed_after_many(struct scene *s)
{
	uint32_t pid;

	scene__born(s);
	for (pid = KWORKER_2 + 1; pid < KWORKER_2 + 21; pid++) {
		capture__task(s->capture, FT_TASK_SEEN, pid, "looks");
		scene__as(s, pid);
		scene__op(s, AT_GET, 1);
		scene__op(s, AT_PUT, -1);
	}
	scene__as(s, KWORKER);
	scene__op(s, AT_GET, 1);
	scene__as(s, COMMAND);
	scene__op(s, AT_LOOKUP, 1);
	scene__op(s, AT_PUT, -1);
	scene__op(s, AT_PUT, -1);
	scene__as(s, COMMAND);
	scene__unmap(s);
	dies(s);
	s->forgets = true;
}

/* A thread of the kernel gets, another one puts; what the command gets it puts, later. */
static void freed_after_handing_on(struct scene *s)
{
	scene__born(s);
	scene__as(s, KWORKER);
	scene__op(s, AT_GET, 1);
	scene__op(s, AT_GET, 1);
	scene__as(s, KWORKER_2);
	scene__op(s, AT_PUT, -1);
	scene__as(s, SECOND);
	scene__op(s, AT_GET, 1);
	scene__as(s, KWORKER_2);
	scene__op(s, AT_PUT, -1);
	scene__as(s, COMMAND);
	scene__op(s, AT_PUT, -1);
	scene__as(s, COMMAND);
	scene__unmap(s);
	dies(s);
}

/* A task takes one and puts it in a later call, by another function; the second puts twice. */
static void freed_by_second(struct scene *s)
{
	scene__born(s);
	scene__as(s, KWORKER);
	scene__op(s, AT_GET, 1);
	scene__as(s, COMMAND);
	scene__op(s, AT_GET, 1);
	scene__as(s, SECOND);
	scene__op(s, AT_GET, 1);
	scene__op(s, AT_PUT, -1);
	scene__op(s, AT_PUT, -1);
	scene__as(s, COMMAND);
	scene__op(s, AT_COLLECT, -1);
	scene__as(s, COMMAND);
	scene__unmap(s);
	dies(s);
	s->forgets = true;
}

/* An outsider fills the pipe, the command empties it. */
static void freed_from_pipe(struct scene *s)
{
	scene__born(s);
	scene__as(s, OUTSIDER);
	scene__op(s, AT_PIPE, 1);
	scene__as(s, COMMAND);
	scene__unmap(s);
	scene__as(s, COMMAND);
	scene__op(s, AT_RELEASE, -1);
	dies(s);
}

/* Two of the kernel's threads hand it on, and the last one frees it. */
static void freed_by_another_thread(struct scene *s)
{
	scene__born(s);
	scene__as(s, KWORKER);
	scene__op(s, AT_GET, 1);
	scene__as(s, COMMAND);
	scene__unmap(s);
	scene__as(s, KWORKER_2);
	scene__op(s, AT_PUT, -1);
	dies(s);
}

static void freed_by_ended(struct scene *s)
{
	freed_under_guard(s);
	s->capture->ended[s->capture->nr_ended++] = KWORKER;
}

static const struct scene_row freed[] = {
	{ "under guard, or handed over", freed_under_guard, WHOLE, OPEN(MAY_BE_HANDED_OVER, 1),
	  ANY },
	{ "huge, under guard", huge_freed_under_guard, WHOLE, OVERPUT(ROBBED, 1, 0, 1),
	  NAMED(1, PUT, OTHER) },
	{ "after many", freed_after_many, WHOLE, OVERPUT(ROBBED, 1, 0, 1), NAMED(1, PUT, OTHER) },
	{ "by the second task", freed_by_second, WHOLE, OVERPUT(ROBBED, 1, 0, 1),
	  NAMED(1, PUT, OTHER) },
	{ "get on a freed folio", on_free, WHOLE, OVERPUT(GET_ON_FREED), ANY },
	{ "and put", on_free_and_back, WHOLE, OVERPUT(GET_ON_FREED), ANY },
	{ "and used again", on_free_and_used_again, WHOLE, OVERPUT(GET_ON_FREED), ANY },
	{ "of a device page", on_idle_device, WHOLE, RIGHT(FREED, FT_REASON_NONE), ANY },
};

/* Of others nothing is told. */
static void forgotten(void (*play)(struct scene *s), size_t kept)
{
	struct ft_run *run;
	struct scene s;

	scene__init(&s, "inline");
	s.capture->search = WHOLE;
	s.forgets = true;
	play(&s);
	run = scene__end(&s);
	assert_int_equal(run->count[FT_VERDICT_FREED], 1);
	assert_int_equal(run->nr_folios, kept);
	assert_int_equal(run->verdict, FT_RUN_PASS);
	ft_run__free(run);
}

static void test_freed(void **state)
{
	(void)state;
	forgotten(freed_from_pipe, 1);
	forgotten(freed_by_another_thread, 1);
	forgotten(freed_after_handing_on, 1);
	forgotten(freed_by_ended, 1);
	forgotten(idle_device_dies, 0);
	scene__check(freed, NR(freed));
}

/* A page of a driver, which it puts into a mapping of the command. */
static void driver_page(struct scene *s)
{
	s->folio.flags = FT_PF_UPTODATE;
	capture__at(s->capture, &s->folio, FT_OP_BORN, FT_HOOK_folio_add_file_rmap_ptes, 1, 0);
	scene__map(s);
}

static void driver_forgets(struct scene *s)
{
	driver_page(s);
	scene__unmap(s);
}

static void driver_forgets_two(struct scene *s)
{
	driver_forgets(s);
	scene__op(s, AT_GET, 1);
}

static void driver_frees(struct scene *s)
{
	driver_forgets(s);
	scene__op(s, AT_PUT, -1);
	dies(s);
}

static void driver_page_found(struct scene *s)
{
	driver_page(s);
	capture__owner(s->capture, &s->folio, FT_OWNER_MAPPING, 1, OUTSIDER, "outsider");
}

static void not_born(struct scene *s)
{
	s->folio.flags = FT_PF_UPTODATE;
	capture__at(s->capture, &s->folio, FT_OP_ADOPTED, FT_HOOK_folio_add_file_rmap_ptes, 1, 0);
	scene__map(s);
	scene__unmap(s);
}

static void typed(struct scene *s)
{
	driver_forgets_two(s);
	s->folio.flags |= FT_PF_TYPED;
}

#define UNKNOWN RIGHT(NONE, FT_REASON_NONE)

static const struct scene_row kernel[] = {
	{ "still allocated", driver_forgets, WHOLE, RIGHT(BALANCED, FT_REASON_STILL_ALLOCATED, 1) },
	{ "still allocated, old", driver_forgets, OLD, UNKNOWN },
	{ "a reference beside it", driver_forgets_two, WHOLE, LEAK(SURPLUS, 2, 1, 1), ANY },
	{ "a reference beside it, old", driver_forgets_two, OLD, UNKNOWN },
	{ "freed", driver_frees, WHOLE, RIGHT(FREED, FT_REASON_NONE) },
	{ "mapped, found", driver_page_found, WHOLE, UNKNOWN },
	{ "mapped, lost", driver_page, WHOLE, LEAK(MAPPINGS_LOST, 1, 7), ANY },
	{ "mapped, not all searched", driver_page, BUSY, UNKNOWN },
	{ "mapped, old", driver_page, OLD, UNKNOWN },
	{ "not born while tracing", not_born, WHOLE, UNKNOWN },
	{ "slab", typed, WHOLE, UNKNOWN },
};

static void test_kernel_pages(void **state)
{
	(void)state;
	scene__check(kernel, NR(kernel));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_freed),
		cmocka_unit_test(test_kernel_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
