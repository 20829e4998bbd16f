// SPDX-License-Identifier: GPL-2.0
/* Whose each reference is: by the class of the place it was taken at, and by its task. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/scene.h"

#define NR(rows) (sizeof(rows) / sizeof(*(rows)))

/* A reference to a page of a file, taken by a task at a place and never put. */
static void taken(struct scene *s, uint32_t pid, enum scene_site site)
{
	scene__born_cached(s);
	scene__as(s, pid);
	scene__op(s, site, 1);
}

static void isolate(struct scene *s, uint32_t pid)
{
	scene__born_cached(s);
	scene__as(s, pid);
	s->folio.flags &= ~FT_PF_LRU;
	scene__op(s, AT_ISOLATE, 1);
}

static void isolated(struct scene *s)
{
	isolate(s, COMMAND);
}

static void isolated_by_outsider(struct scene *s)
{
	isolate(s, OUTSIDER);
}

static void isolated_in_a_call(struct scene *s)
{
	isolated(s);
	s->capture->tasks_left = 1;
}

/* The command does something else. */
static void later(struct scene *s)
{
	scene__as(s, COMMAND);
	capture__call(s->capture, FT_HOOK_migrate_vma_pages, false, 0);
	capture__call(s->capture, FT_HOOK_migrate_vma_pages, true, 0);
}

static void isolated_before(struct scene *s)
{
	isolated_in_a_call(s);
	later(s);
}

static void put_back(struct scene *s)
{
	isolated(s);
	s->folio.flags |= FT_PF_LRU;
	scene__op(s, AT_PUT, -1);
}

/* By the boundary of folio_isolate_lru(). */
static void isolated_at_boundary(struct scene *s)
{
	struct fixture *a = &s->folio;

	a->flags = PAGE_OF_FILE;
	capture__at(s->capture, a, FT_OP_BORN, FT_HOOK_filemap_add_folio, 1, 0);
	capture__at(s->capture, a, FT_OP_ENTER, FT_HOOK_folio_isolate_lru, 1, 0);
	a->flags &= ~FT_PF_LRU;
	capture__at(s->capture, a, FT_OP_RETURN, FT_HOOK_folio_isolate_lru, 2, 0);
}

static void isolated_at_boundary_alive(struct scene *s)
{
	isolated_at_boundary(s);
	s->capture->tasks_left = 1;
}

static void isolated_at_boundary_by_outsider(struct scene *s)
{
	scene__as(s, OUTSIDER);
	isolated_at_boundary(s);
}

static const struct scene_row isolation[] = {
	{ "lost", isolated, WHOLE, LEAK(ISOLATION_LOST, 2, 1), NAMED(1, ISOLATE, ISOLATION) },
	{ "lost, old", isolated, OLD, LEAK(ISOLATION_LOST, 2, 1), NAMED(1, ISOLATE, ISOLATION) },
	{ "put back", put_back, WHOLE, FINE },
	{ "by a living outsider", isolated_by_outsider, WHOLE,
	  OPEN(HELD_BY_OTHER_TASK, 1, OUTSIDER), ANY },
	{ "the call may go on", isolated_in_a_call, WHOLE, OPEN(TASKS_LEFT, 1, 1), ANY },
	{ "the call is over", isolated_before, WHOLE, LEAK(ISOLATION_LOST, 2, 1),
	  NAMED(1, ISOLATE, ISOLATION) },
	{ "boundary", isolated_at_boundary, WHOLE, LEAK(ISOLATION_LOST, 2, 1), ANY,
	  .source = "boundary" },
	{ "boundary, by a living task", isolated_at_boundary_alive, WHOLE, OPEN(NOT_ON_LRU), ANY,
	  .source = "boundary" },
	{ "boundary, by an outsider", isolated_at_boundary_by_outsider, WHOLE, OPEN(NOT_ON_LRU),
	  ANY, .source = "boundary" },
};

static void test_isolation(void **state)
{
	(void)state;
	scene__check(isolation, NR(isolation));
}

static void locked(struct scene *s)
{
	taken(s, COMMAND, AT_COLLECT);
	s->folio.flags |= FT_PF_LOCKED;
}

static void locked_just_now(struct scene *s)
{
	locked(s);
	s->pause_ns = 0;
}

static void locked_only(struct scene *s)
{
	scene__born_cached(s);
	s->folio.flags |= FT_PF_LOCKED;
}

static void locked_by_outsider(struct scene *s)
{
	taken(s, OUTSIDER, AT_COLLECT);
	s->folio.flags |= FT_PF_LOCKED;
}

static void locked_at_boundary(struct scene *s)
{
	s->folio.flags = PAGE_OF_FILE | FT_PF_LOCKED;
	capture__at(s->capture, &s->folio, FT_OP_BORN, FT_HOOK_filemap_add_folio, 1, 0);
	s->folio.refcount = 2;
}

static const struct scene_row locks[] = {
	{ "locked and lost", locked, WHOLE, LEAK(LOCKED_LOST, 2, 1, 1000),
	  NAMED(1, COLLECT, MIGRATION) },
	{ "locked and lost, old", locked, OLD, LEAK(LOCKED_LOST, 2, 1, 1000),
	  NAMED(1, COLLECT, MIGRATION) },
	{ "it did not stand still", locked_just_now, WHOLE, OPEN(LOCKED, 1), ANY },
	{ "only locked", locked_only, WHOLE, FINE },
	{ "by a living outsider", locked_by_outsider, WHOLE, OPEN(HELD_BY_OTHER_TASK, 1, OUTSIDER),
	  ANY },
	{ "boundary", locked_at_boundary, WHOLE, OPEN(LOCKED), .source = "boundary" },
};

static void test_locked(void **state)
{
	(void)state;
	scene__check(locks, NR(locks));
}

static void piped(struct scene *s)
{
	taken(s, COMMAND, AT_PIPE);
}

static void piped_alive(struct scene *s)
{
	piped(s);
	s->capture->tasks_left = 1;
}

static void pipe_found(struct scene *s)
{
	piped(s);
	capture__owner(s->capture, &s->folio, FT_OWNER_PIPE, 1, OUTSIDER, "outsider");
}

static void one_pipe_found(struct scene *s)
{
	pipe_found(s);
	scene__op(s, AT_PIPE, 1);
}

static void sent(struct scene *s)
{
	taken(s, COMMAND, AT_SOCKET);
}

static void registered(struct scene *s)
{
	taken(s, COMMAND, AT_RING);
}

static void read_directly(struct scene *s)
{
	taken(s, COMMAND, AT_BIO);
}

static const struct scene_row files[] = {
	{ "pipe of an outsider", pipe_found, WHOLE, FINE },
	{ "pipe of an outsider, not all searched", pipe_found, BUSY, FINE },
	{ "one of two in a pipe", one_pipe_found, WHOLE, LEAK(SURPLUS, 3, 2, 1),
	  NAMED(1, PIPE, PIPE) },
	{ "pipe, not found", piped, WHOLE, LEAK(SURPLUS, 2, 1, 1), NAMED(1, PIPE, PIPE) },
	{ "pipe, not all searched", piped, BUSY, OPEN(MAY_HAVE_LIVING_HOLDER, 1, FT_OWNER_PIPE),
	  ANY },
	{ "pipe, not searched", piped, NOTHING, OPEN(MAY_HAVE_LIVING_HOLDER, 1, FT_OWNER_PIPE),
	  ANY },
	{ "pipe, old", piped, OLD, LEAK(SURPLUS, 2, 1, 1), NAMED(1, PIPE, PIPE) },
	{ "pipe of the living, not found", piped_alive, WHOLE, LEAK(SURPLUS, 2, 1, 1),
	  NAMED(1, PIPE, PIPE) },
	{ "pipe of the living, old", piped_alive, OLD,
	  OPEN(MAY_HAVE_LIVING_HOLDER, 1, FT_OWNER_PIPE), ANY },
	{ "no socket has data", sent, WHOLE, LEAK(SURPLUS, 2, 1, 1), NAMED(1, SOCKET, SOCKET) },
	{ "sockets have data", sent, BUSY, OPEN(MAY_HAVE_LIVING_HOLDER, 1, FT_OWNER_SOCKET), ANY },
	{ "sockets, not searched", sent, NOTHING, OPEN(MAY_HAVE_LIVING_HOLDER, 1, FT_OWNER_SOCKET),
	  ANY },
	{ "socket, old", sent, OLD, LEAK(SURPLUS, 2, 1, 1), NAMED(1, SOCKET, SOCKET) },
	{ "no ring", registered, WHOLE, LEAK(SURPLUS, 2, 1, 1), NAMED(1, RING, IO_URING) },
	{ "rings", registered, BUSY, OPEN(MAY_HAVE_LIVING_HOLDER, 1, FT_OWNER_IO_URING), ANY },
	{ "rings, not searched", registered, NOTHING,
	  OPEN(MAY_HAVE_LIVING_HOLDER, 1, FT_OWNER_IO_URING), ANY },
	{ "bio of the dead", read_directly, NOTHING, LEAK(SURPLUS, 2, 1, 1), NAMED(1, BIO, BIO) },
};

static void test_files(void **state)
{
	(void)state;
	scene__check(files, NR(files));
}

static void gotten(struct scene *s)
{
	taken(s, COMMAND, AT_GET);
}

static void gotten_by_outsider(struct scene *s)
{
	taken(s, OUTSIDER, AT_GET);
}

static void gotten_by_kworker(struct scene *s)
{
	taken(s, KWORKER, AT_GET);
}

static void end_outsider(struct scene *s)
{
	s->capture->ended[s->capture->nr_ended++] = OUTSIDER;
}

static void gotten_by_ended(struct scene *s)
{
	gotten_by_outsider(s);
	end_outsider(s);
}

/* In the page cache, and mapped once by somebody else. */
static void adopted(struct scene *s)
{
	scene__adopt(s, AT_LOOKUP, 2, 1);
	scene__op(s, AT_LOOKUP, 1);
	scene__op(s, AT_PUT, -1);
}

static void adopted_by_outsider(struct scene *s)
{
	adopted(s);
	scene__as(s, OUTSIDER);
	scene__op(s, AT_GET, 1);
}

static void adopted_by_ended(struct scene *s)
{
	adopted_by_outsider(s);
	end_outsider(s);
}

static void adopted_and_gotten(struct scene *s)
{
	adopted(s);
	scene__as(s, COMMAND);
	scene__op(s, AT_GET, 1);
}

static void looked_up_only(struct scene *s)
{
	scene__adopt(s, AT_LOOKUP, 1, 0);
	scene__op(s, AT_LOOKUP, 1);
}

static void both(struct scene *s)
{
	gotten_by_outsider(s);
	scene__as(s, COMMAND);
	scene__op(s, AT_COLLECT, 1);
}

static const struct scene_row tasks[] = {
	{ "the dead command", gotten, WHOLE, LEAK(SURPLUS, 2, 1, 1), NAMED(1, GET, OTHER) },
	{ "a living outsider", gotten_by_outsider, WHOLE, OPEN(HELD_BY_OTHER_TASK, 1, OUTSIDER),
	  ANY },
	{ "a living outsider, old", gotten_by_outsider, OLD, OPEN(HELD_BY_OTHER_TASK, 1, OUTSIDER),
	  ANY },
	{ "a kworker", gotten_by_kworker, WHOLE, OPEN(HELD_BY_OTHER_TASK, 1, KWORKER), ANY },
	{ "an outsider that ended", gotten_by_ended, WHOLE, LEAK(SURPLUS, 2, 1, 1),
	  NAMED(1, GET, OTHER) },
	{ "adopted, a living outsider", adopted_by_outsider, WHOLE,
	  OPEN(ADOPTED_OTHER_TASK, 1, OUTSIDER), ANY },
	{ "adopted, an outsider that ended", adopted_by_ended, WHOLE, LEAK(SURPLUS, 3, 2, 1),
	  NAMED(1, GET, OTHER) },
	{ "adopted, the command", adopted_and_gotten, WHOLE, LEAK(SURPLUS, 3, 2, 1),
	  NAMED(1, GET, OTHER) },
	{ "nobody maps it", looked_up_only, WHOLE, LEAK(SURPLUS, 2, 1, 1),
	  NAMED(1, LOOKUP, LOOKUP) },
	{ "of two one is the command's", both, WHOLE, LEAK(SURPLUS, 3, 1, 2), SOME(2) },
};

static void test_tasks(void **state)
{
	(void)state;
	scene__check(tasks, NR(tasks));
}

static void in_call(struct scene *s, enum scene_site site, bool over)
{
	taken(s, COMMAND, site);
	if (over)
		later(s);
	s->capture->tasks_left = 1;
}

static void lookup_open(struct scene *s)
{
	in_call(s, AT_LOOKUP, false);
}

static void lookup_over(struct scene *s)
{
	in_call(s, AT_LOOKUP, true);
}

static void collect_over(struct scene *s)
{
	in_call(s, AT_COLLECT, true);
}

static void fault_over(struct scene *s)
{
	in_call(s, AT_FAULT, true);
}

static void gup_over(struct scene *s)
{
	in_call(s, AT_GUP, true);
}

static void get_over(struct scene *s)
{
	in_call(s, AT_GET, true);
}

/* Its task has exited, another one is left. */
static void lookup_of_ended(struct scene *s)
{
	lookup_open(s);
	capture__task(s->capture, FT_TASK_EXIT, COMMAND, "command");
}

static void everybody(struct scene *s)
{
	s->capture->follows_all = true;
	s->capture->tasks_left = 0;
}

static void all_lookup_over(struct scene *s)
{
	lookup_over(s);
	everybody(s);
}

static void all_lookup_open(struct scene *s)
{
	lookup_open(s);
	everybody(s);
}

static void all_gup(struct scene *s)
{
	gup_over(s);
	everybody(s);
}

static void all_get(struct scene *s)
{
	get_over(s);
	everybody(s);
}

static void all_piped(struct scene *s)
{
	piped(s);
	everybody(s);
}

#define LOST_IN(at, class) LEAK(SURPLUS, 2, 1, 1), NAMED(1, at, class)

static const struct scene_row calls[] = {
	{ "a lookup that may go on", lookup_open, WHOLE, OPEN(TASKS_LEFT, 1, 1), ANY },
	{ "a lookup that is over", lookup_over, WHOLE, LOST_IN(LOOKUP, LOOKUP) },
	{ "a lookup that is over, old", lookup_over, OLD, LOST_IN(LOOKUP, LOOKUP) },
	{ "a lookup of a task that ended", lookup_of_ended, WHOLE, LOST_IN(LOOKUP, LOOKUP) },
	{ "a migration", collect_over, WHOLE, LOST_IN(COLLECT, MIGRATION) },
	{ "a fault", fault_over, WHOLE, LOST_IN(FAULT, FAULT) },
	{ "GUP", gup_over, WHOLE, OPEN(TASKS_LEFT, 1, 1), ANY },
	{ "of no class", get_over, WHOLE, OPEN(TASKS_LEFT, 1, 1), ANY },
	{ "-a: a lookup that is over", all_lookup_over, WHOLE, LOST_IN(LOOKUP, LOOKUP) },
	{ "-a: a lookup that may go on", all_lookup_open, WHOLE,
	  OPEN(MAY_HAVE_LIVING_HOLDER, 1, FT_OWNER_LOOKUP), ANY },
	{ "-a: GUP", all_gup, WHOLE, OPEN(MAY_HAVE_LIVING_HOLDER, 1, FT_OWNER_GUP), ANY },
	{ "-a: of no class", all_get, WHOLE, OPEN(MAY_HAVE_LIVING_HOLDER, 1, FT_OWNER_OTHER), ANY },
	{ "-a: a pipe, not found", all_piped, WHOLE, LOST_IN(PIPE, PIPE) },
	{ "-a: a pipe, not searched", all_piped, NOTHING,
	  OPEN(MAY_HAVE_LIVING_HOLDER, 1, FT_OWNER_PIPE), ANY },
};

static void test_calls(void **state)
{
	(void)state;
	scene__check(calls, NR(calls));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_isolation), cmocka_unit_test(test_locked),
		cmocka_unit_test(test_files),	  cmocka_unit_test(test_tasks),
		cmocka_unit_test(test_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
