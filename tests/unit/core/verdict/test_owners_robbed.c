// SPDX-License-Identifier: GPL-2.0
/* Counts in order: each put what it had taken, or somebody was robbed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/scene.h"

#define NR(rows) (sizeof(rows) / sizeof(*(rows)))

/* In the page cache, and held once by somebody unseen. The command looks it up. */
static void adopted(struct scene *s)
{
	scene__adopt(s, AT_LOOKUP, 2, 0);
	scene__op(s, AT_LOOKUP, 1);
	scene__op(s, AT_PUT, -1);
}

static void put_once_more(struct scene *s)
{
	adopted(s);
	scene__as(s, COMMAND);
	scene__op(s, AT_PUT, -1);
}

/* The end of a bio of one's own does not make up for it. */
static void put_beside_own_bio(struct scene *s)
{
	adopted(s);
	scene__as(s, COMMAND);
	scene__op(s, AT_BIO, 1);
	scene__as(s, COMMAND);
	scene__op(s, AT_BIO_END, -1);
	scene__as(s, COMMAND);
	scene__op(s, AT_PUT, -1);
}

static void put_by_its_owner(struct scene *s)
{
	adopted(s);
	scene__as(s, OUTSIDER);
	scene__op(s, AT_PUT, -1);
}

/* The owner from before puts, and the command leaks what it had taken. */
static void put_by_its_owner_and_lost(struct scene *s)
{
	put_by_its_owner(s);
	scene__as(s, COMMAND);
	scene__op(s, AT_GET, 1);
}

/* First seen in the midst of the call that allocated it, for somebody else's memory. */
static void migration_target(struct scene *s)
{
	capture__adopt(s->capture, &s->folio, AT_MAP, 1, 0);
	scene__map(s);
	s->folio.mapcount = 1;
	scene__op(s, AT_PUT, -1);
	capture__owner(s->capture, &s->folio, FT_OWNER_MAPPING, 1, OUTSIDER, "outsider");
}

/* Taken by one task and put by another, at these places. */
static void passed(struct scene *s, uint32_t from, enum scene_site get, uint32_t to,
		   enum scene_site put)
{
	scene__born_cached(s);
	scene__as(s, from);
	scene__op(s, get, 1);
	scene__as(s, to);
	scene__op(s, put, -1);
}

static void guard(struct scene *s)
{
	passed(s, KWORKER, AT_GET, COMMAND, AT_PUT);
}

static void guard_of_two(struct scene *s)
{
	scene__born_cached(s);
	scene__as(s, KWORKER);
	scene__op(s, AT_GET, 1);
	scene__as(s, COMMAND);
	scene__op(s, AT_LOOKUP, 1);
	scene__op(s, AT_PUT, -1);
	scene__op(s, AT_PUT, -1);
}

static void outsiders_own(struct scene *s)
{
	passed(s, OUTSIDER, AT_GET, OUTSIDER, AT_PUT);
}

static void outsiders_own_between(struct scene *s)
{
	scene__born_cached(s);
	scene__as(s, OUTSIDER);
	scene__op(s, AT_GET, 1);
	scene__as(s, COMMAND);
	scene__op(s, AT_GET, 1);
	scene__op(s, AT_PUT, -1);
	scene__as(s, OUTSIDER);
	scene__op(s, AT_PUT, -1);
}

static void put_by_kworker(struct scene *s)
{
	passed(s, COMMAND, AT_GET, KWORKER, AT_PUT);
}

/* ... while the kworker has one of its own. */
static void put_by_busy_kworker(struct scene *s)
{
	scene__born_cached(s);
	scene__as(s, COMMAND);
	scene__op(s, AT_GET, 1);
	scene__as(s, KWORKER);
	scene__op(s, AT_LOOKUP, 1);
	scene__op(s, AT_PUT, -1);
	scene__op(s, AT_RELEASE, -1);
}

static void pipe_to_outsider(struct scene *s)
{
	passed(s, COMMAND, AT_PIPE, OUTSIDER, AT_RELEASE);
}

static void pipe_from_outsider(struct scene *s)
{
	passed(s, OUTSIDER, AT_PIPE, COMMAND, AT_RELEASE);
}

static void bio_of_outsider(struct scene *s)
{
	passed(s, OUTSIDER, AT_BIO, COMMAND, AT_RELEASE);
}

static void socket_of_outsider(struct scene *s)
{
	passed(s, OUTSIDER, AT_SOCKET, COMMAND, AT_RELEASE);
}

static void drained(struct scene *s)
{
	passed(s, OUTSIDER, AT_BATCH, COMMAND, AT_DRAIN);
}

static void drained_by_outsider(struct scene *s)
{
	passed(s, COMMAND, AT_BATCH, OUTSIDER, AT_DRAIN);
}

/* An I/O of an outsider ends while the command's task happens to run. */
static void interrupt(struct scene *s)
{
	scene__born_cached(s);
	scene__as(s, OUTSIDER);
	scene__op(s, AT_GET, 1);
	scene__as(s, COMMAND);
	s->capture->context = FT_CTX_SOFTIRQ;
	scene__op(s, AT_PUT, -1);
	s->capture->context = FT_CTX_TASK;
}

static void unmapped_for_outsider(struct scene *s)
{
	scene__born_cached(s);
	scene__as(s, OUTSIDER);
	scene__map(s);
	scene__as(s, COMMAND);
	scene__unmap(s);
}

/* An outsider read it into the page cache, and the command drops it from there. */
static void dropped_from_cache(struct scene *s)
{
	scene__adopt(s, AT_LOOKUP, 2, 0);
	scene__op(s, AT_LOOKUP, 1);
	s->folio.flags &= ~FT_PF_MAPPING;
	scene__op(s, AT_UNMAP, -1);
	scene__op(s, AT_PUT, -1);
}

static void robbed_and_leaked(struct scene *s)
{
	guard(s);
	scene__as(s, COMMAND);
	scene__op(s, AT_GET, 1);
}

static void robbed_by_dead(struct scene *s)
{
	guard(s);
	s->capture->ended[s->capture->nr_ended++] = KWORKER;
}

/* On another folio a kworker puts, at AT_PUT, what this task took. */
static void kworker_elsewhere(struct scene *s, uint32_t id, uint32_t from)
{
	struct fixture one = s->folio;

	s->folio = capture__small(id, id);
	passed(s, from, AT_GET, KWORKER, AT_PUT);
	scene__rest(s);
	s->folio = one;
	scene__as(s, COMMAND);
}

/* First seen while a kworker has a reference, which it puts. */
static void in_the_midst(struct scene *s)
{
	scene__adopt(s, AT_LOOKUP, 2, 0);
	scene__op(s, AT_LOOKUP, 1);
	scene__op(s, AT_FAULT, -1);
	scene__as(s, KWORKER);
	scene__op(s, AT_PUT, -1);
}

static void in_the_midst_of_its_own(struct scene *s)
{
	kworker_elsewhere(s, 2, KWORKER);
	in_the_midst(s);
}

/* The same place puts for the command, too, but by another caller. */
static void in_the_midst_of_its_caller(struct scene *s)
{
	kworker_elsewhere(s, 2, KWORKER);
	s->way = 1;
	kworker_elsewhere(s, 3, COMMAND);
	s->way = 0;
	in_the_midst(s);
}

static void in_the_midst_of_the_commands(struct scene *s)
{
	kworker_elsewhere(s, 2, COMMAND);
	in_the_midst(s);
}

static const struct scene_row balances[] = {
	{ "each its own", adopted, WHOLE, FINE },
	{ "put once more", put_once_more, WHOLE, OVERPUT(ROBBED, 1, 1, 0), NAMED(1, PUT, OTHER) },
	{ "put once more, old", put_once_more, OLD, OVERPUT(ROBBED, 1, 1, 0),
	  NAMED(1, PUT, OTHER) },
	{ "put beside its own bio", put_beside_own_bio, WHOLE, OVERPUT(ROBBED, 1, 1, 0),
	  NAMED(1, PUT, OTHER) },
	{ "put by its owner", put_by_its_owner, WHOLE, FINE },
	{ "guard, or handed over", guard, WHOLE, OPEN(MAY_BE_HANDED_OVER, 1), ANY },
	{ "guard, and one of its own", guard_of_two, WHOLE, OVERPUT(ROBBED, 1, 0, 1),
	  NAMED(1, PUT, OTHER) },
	{ "guard, its task ended", robbed_by_dead, WHOLE, FINE },
	{ "an outsider's", outsiders_own, WHOLE, FINE },
	{ "an outsider's, around", outsiders_own_between, WHOLE, FINE },
	{ "put by a kworker", put_by_kworker, WHOLE, FINE },
	{ "put by a busy kworker", put_by_busy_kworker, WHOLE, FINE },
	{ "a pipe to an outsider", pipe_to_outsider, WHOLE, FINE },
	{ "a pipe from an outsider", pipe_from_outsider, WHOLE, FINE },
	{ "a bio of an outsider", bio_of_outsider, WHOLE, FINE },
	{ "a socket of an outsider", socket_of_outsider, WHOLE, FINE },
	{ "drained", drained, WHOLE, FINE },
	{ "drained by an outsider", drained_by_outsider, WHOLE, FINE },
	{ "in an interrupt", interrupt, WHOLE, FINE },
	{ "unmapped for an outsider", unmapped_for_outsider, WHOLE, FINE },
	{ "dropped from the cache", dropped_from_cache, WHOLE, FINE },
	{ "put, and taken again", robbed_and_leaked, WHOLE, OPEN(HELD_BY_OTHER_TASK, 1, KWORKER),
	  ANY },
	{ "the target of a migration", migration_target, WHOLE, FINE },
	{ "in the midst", in_the_midst, WHOLE, OPEN(BEFORE_WENT, 1), ANY },
	{ "in the midst of its own", in_the_midst_of_its_own, WHOLE, FINE },
	{ "in the midst of its caller", in_the_midst_of_its_caller, WHOLE, FINE },
	{ "in the midst of the command's", in_the_midst_of_the_commands, WHOLE,
	  OPEN(BEFORE_WENT, 1), ANY },
	{ "its owner put, the command leaks", put_by_its_owner_and_lost, WHOLE,
	  LEAK(SURPLUS, 2, 1, 1), ANY },
};

static void test_balance(void **state)
{
	(void)state;
	scene__check(balances, NR(balances));
}

/* The put that robbed, and whom. */
static void test_robbed_sites(void **state)
{
	const struct ft_lost *lost;
	struct ft_run *run;
	struct scene s;
	(void)state;

	scene__init(&s, "inline");
	s.capture->search = WHOLE;
	guard_of_two(&s);
	scene__rest(&s);
	run = scene__end(&s);
	lost = folio_of(run, 1)->lost;
	assert_true(lost->put);
	assert_string_equal(lost->site->function, "put_it");
	assert_int_equal(lost->other->pid, KWORKER);
	assert_string_equal(lost->other_site->function, "get_it");
	assert_int_equal(folio_of(run, 1)->ownerless.references, -1);
	assert_int_equal(ft_folio__surplus(folio_of(run, 1)), -1);
	ft_run__free(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_balance),
		cmocka_unit_test(test_robbed_sites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
