// SPDX-License-Identifier: GPL-2.0
/* Folio lifetimes from records that come in any order, with holes, from reused memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/ledger/ledger.h"
#include "support/scenarios.h"
#include "support/verdict_text.h"

/* The records of a scenario, to be written in another order. */
struct deck {
	unsigned char *data;
	size_t nr;
};

static struct deck deck_of(struct capture_builder *m)
{
	struct deck d = { m->frame, m->frame_size / sizeof(struct ft_wire_event) };

	assert_int_equal(m->frame_size % sizeof(struct ft_wire_event), 0);
	m->frame = NULL;
	m->frame_size = m->frame_room = 0;
	return d;
}

static void deal(struct capture_builder *m, const struct deck *d, size_t i)
{
	capture__raw(m, d->data + i * sizeof(struct ft_wire_event), sizeof(struct ft_wire_event));
}

static void record_all(struct capture_builder *m)
{
	struct fixture a = capture__large(1, 512), b = capture__small(2, 7),
		       c = capture__small(3, 8);

	scenario__fault(m, &a);
	scenario__fault(m, &b);
	scenario__fault(m, &c);
	scenario__unmap(m, &b, 0);
	scenario__die(m, &b);
	scenario__unmap(m, &a, 1);
	scenario__unmap(m, &c, 0);
	scenario__die(m, &c);
	capture__rest(m, &a, 3, 1, 0);
}

/* Rings are emptied in bursts: whatever the order, the run is the same. */
static void test_any_order(void **state)
{
	char *first = NULL, *text;
	unsigned int seed;
	(void)state;

	for (seed = 0; seed < 200; seed++) {
		struct capture_builder *m = capture__new();
		struct ft_run *run;
		struct deck d;
		size_t i;

		record_all(m);
		d = deck_of(m);
		capture__meta(m);
		srandom(seed);
		for (i = d.nr; seed && i > 1; i--) {
			size_t k = (size_t)random() % i;
			struct ft_wire_event *e = (struct ft_wire_event *)d.data, swap = e[k];

			e[k] = e[i - 1];
			e[i - 1] = swap;
		}
		for (i = 0; i < d.nr; i++) {
			deal(m, &d, i);
			if (i % 7 == 6)
				capture__flush(m);
		}
		capture__end(m);
		run = capture__load(m, false);
		assert_int_equal(run->nr_folios, 1);
		assert_int_equal(run->count[FT_VERDICT_FREED], 2);
		assert_int_equal(run->loss.gaps, 0);
		assert_int_equal(run->nr_events, d.nr);
		for (i = 1; i < run->folios[0]->nr_events; i++)
			assert_int_equal(run->folios[0]->events[i].seq, i + 1);
		text = verdict_text(run);
		if (first)
			assert_string_equal(first, text);
		else
			first = strdup(text);
		free(text);
		ft_run__free(run);
		free(d.data);
		capture__free(m);
	}
	free(first);
}

/* What is done with is forgotten, unless it is asked for. */
static void test_forgets(void **state)
{
	struct capture_builder *m = capture__new();
	struct ft_run *run;
	unsigned int i;
	(void)state;

	capture__meta(m);
	for (i = 1; i <= 1000; i++) {
		struct fixture a = capture__small(i, i % 10);

		scenario__fault(m, &a);
		scenario__unmap(m, &a, 0);
		scenario__die(m, &a);
	}
	capture__end(m);
	run = capture__load(m, false);
	assert_int_equal(run->nr_folios, 0);
	assert_int_equal(run->count[FT_VERDICT_FREED], 1000);
	assert_int_equal(run->verdict, FT_RUN_PASS);
	ft_run__free(run);
	run = capture__load(m, true);
	assert_int_equal(run->nr_folios, 1000);
	assert_int_equal(run->count[FT_VERDICT_FREED], 1000);
	assert_int_equal(run->folios[999]->nr_events, 7);
	assert_int_equal(run->folios[999]->generation, 100);
	assert_int_equal(run->folios[0]->generation, 1);
	ft_run__free(run);
	capture__free(m);
}

/* The memory of forgotten accounts is used again. */
static void test_memory_is_reused(void **state)
{
	struct capture_builder *m = capture__new();
	struct ft_ledger ledger;
	const void *chunk;
	size_t free_chunks = 0;
	unsigned int i;
	(void)state;

	ft_ledger__init(&ledger, false);
	for (i = 1; i <= 20000; i++) {
		struct fixture a = capture__small(i, i);
		struct ft_wire_event e = capture__record(m, &a, FT_OP_BORN, 1);

		assert_int_equal(ft_ledger__add(&ledger, &e), 0);
		e = capture__record(m, &a, FT_OP_DIED, 1);
		assert_int_equal(ft_ledger__add(&ledger, &e), 0);
	}
	for (chunk = ledger.chunks.free; chunk; chunk = *(void *const *)chunk)
		free_chunks++;
	assert_int_equal(ledger.freed, 20000);
	assert_int_equal(ledger.nr, 0);
	assert_true(free_chunks < 200);
	ft_ledger__free(&ledger);
	capture__free(m);
}

/* A hole in the numbers is a loss, and it is the folio's own. */
static void test_gap(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture a = capture__small(1, 1), b = capture__small(2, 2);
	struct ft_run *run;
	(void)state;

	capture__meta(m);
	scenario__fault(m, &a);
	a.seq += 3;
	capture__rest(m, &a, 2, 1, 1);
	scenario__fault(m, &b);
	capture__rest(m, &b, 2, 1, 1);
	m->loss = "{\"ring\": 3}";
	capture__end(m);
	run = capture__load(m, false);
	assert_int_equal(folio_of(run, 1)->lost_events, 3);
	assert_int_equal(folio_of(run, 2)->lost_events, 0);
	assert_int_equal(run->loss.gaps, 3);
	/* the readings at rest prove the count in spite of it */
	assert_int_equal(folio_of(run, 1)->verdict, FT_VERDICT_BALANCED);
	assert_int_equal(run->verdict, FT_RUN_PASS);
	ft_run__free(run);
	capture__free(m);
}

/* The account knows of losses that no later number shows. */
static void test_loss_of_the_account(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture a = capture__small(1, 1);
	struct ft_run *run;
	(void)state;

	capture__meta(m);
	scenario__fault(m, &a);
	a.seq += 2;
	capture__value(m, &a, FT_OP_SNAPSHOT, FT_HOOK_settle, 1, 1, 1, 5ULL << 32);
	capture__value(m, &a, FT_OP_SNAPSHOT, FT_HOOK_settle, 1, 1, 2, 5ULL << 32);
	m->loss = "{\"ring\": 5}";
	capture__end(m);
	run = capture__load(m, false);
	assert_int_equal(folio_of(run, 1)->lost_events, 5);
	assert_int_equal(run->verdict, FT_RUN_PASS);
	ft_run__free(run);
	capture__free(m);
}

/* A record whose number was there is left out and counted as malformed. */
static void test_duplicate(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture a = capture__small(1, 1);
	struct ft_run *run;
	(void)state;

	capture__meta(m);
	scenario__fault(m, &a);
	a.seq--;
	capture__rest(m, &a, 2, 1, 1);
	capture__end(m);
	run = capture__load(m, true);
	assert_int_equal(run->nr_malformed, 1);
	assert_int_equal(run->folios[0]->nr_events, 5);
	assert_int_equal(run->verdict, FT_RUN_INCONCLUSIVE);
	ft_run__free(run);
	capture__free(m);
}

static void test_reuse(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture a = capture__small(1, 9), b = capture__small(2, 9), c = capture__small(3, 9);
	struct ft_run *run;
	(void)state;

	capture__meta(m);
	scenario__fault(m, &a);
	scenario__unmap(m, &a, 0);
	scenario__die(m, &a);
	scenario__fault(m, &b);
	capture__value(m, &b, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 0, FT_DIED_UNSEEN, 0);
	scenario__fault(m, &c);
	scenario__unmap(m, &c, 1);
	capture__rest(m, &c, 2, 1, 0);
	capture__end(m);
	run = capture__load(m, false);
	assert_int_equal(run->nr_folios, 1);
	assert_int_equal(run->folios[0]->id, 3);
	assert_int_equal(run->folios[0]->generation, 3);
	assert_int_equal(run->folios[0]->pfn, 9);
	assert_int_equal(run->folios[0]->verdict, FT_VERDICT_LEAK);
	ft_run__free(run);
	run = capture__load(m, true);
	assert_int_equal(folio_of(run, 1)->generation, 1);
	assert_int_equal(folio_of(run, 2)->generation, 2);
	assert_int_equal(folio_of(run, 2)->how, FT_DIED_UNSEEN);
	ft_run__free(run);
	capture__free(m);
}

/* A parent is kept as long as a child lives, and its records with a bad child's. */
static void test_split(void **state)
{
	struct capture_builder *m = capture__new();
	const struct ft_folio *child, *parent;
	struct ft_run *run;
	(void)state;

	scenario__build("split-child-leak", m);
	run = capture__load(m, false);
	assert_int_equal(run->nr_folios, 2);
	parent = folio_of(run, 1);
	child = folio_of(run, 5);
	assert_ptr_equal(child->parent, parent);
	assert_int_equal(child->parent_id, 1);
	assert_true(child->born);
	assert_int_equal(child->generation, 1);
	assert_true(parent->died);
	assert_int_equal(parent->how, FT_DIED_SPLIT);
	assert_int_equal(parent->children, 512);
	assert_int_equal(parent->verdict, FT_VERDICT_FREED);
	assert_int_equal(parent->nr_events, 6);
	ft_run__free(run);
	run = capture__load(m, true);
	assert_int_equal(run->nr_folios, 513);
	assert_int_equal(folio_of(run, 2)->generation, 2); /* the head's address again */
	ft_run__free(run);
	capture__free(m);
}

/* All children gone: the parent goes with them, in whatever order they come. */
static void test_split_forgets(void **state)
{
	int backwards;
	(void)state;

	for (backwards = 0; backwards < 2; backwards++) {
		struct capture_builder *m = capture__new();
		struct fixture parent = capture__large(1, 64);
		struct ft_run *run;
		struct deck d;
		size_t i;

		scenario__fault(m, &parent);
		capture__value(m, &parent, FT_OP_SPLIT, FT_HOOK___folio_split, 1, 0, 2, 0);
		for (i = 0; i < 2; i++) {
			struct fixture child =
				capture__small((uint32_t)i + 2, 64 + (unsigned int)i);

			capture__value(m, &child, FT_OP_BORN, FT_HOOK___folio_split, 1, 1, 1, 0);
			scenario__die(m, &child);
		}
		d = deck_of(m);
		capture__meta(m);
		for (i = 0; i < d.nr; i++)
			deal(m, &d, backwards ? (i + d.nr - 1) % d.nr : i);
		capture__end(m);
		run = capture__load(m, false);
		assert_int_equal(run->nr_folios, 0);
		assert_int_equal(run->count[FT_VERDICT_FREED], 3);
		ft_run__free(run);
		free(d.data);
		capture__free(m);
	}
}

/* A wild parent number makes no circle. */
static void test_wild_parents(void **state)
{
	static const int64_t parents[] = { 1, 2, -1, 1LL << 40, INT64_MIN };
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(parents) / sizeof(*parents); i++) {
		struct capture_builder *m = capture__new();
		struct fixture a = capture__small(1, 1), b = capture__small(2, 2);
		struct ft_run *run;

		capture__meta(m);
		capture__value(m, &a, FT_OP_BORN, FT_HOOK___folio_split, 2, 1, parents[i], 0);
		capture__value(m, &b, FT_OP_BORN, FT_HOOK___folio_split, 2, 1, parents[i], 0);
		capture__rest(m, &a, 2, 2, 1);
		scenario__die(m, &b);
		capture__end(m);
		run = capture__load(m, false);
		assert_null(folio_of(run, 1)->parent);
		ft_run__free(run);
		capture__free(m);
	}
}

static void test_migration(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture from = capture__small(1, 1), to = capture__small(2, 2);
	struct ft_run *run;
	(void)state;

	capture__meta(m);
	scenario__fault(m, &from);
	capture__at(m, &to, FT_OP_BORN, FT_HOOK_remove_migration_ptes, 1, 0);
	capture__value(m, &from, FT_OP_MIGRATE, FT_HOOK_remove_migration_ptes, 1, 0, 2, 0);
	scenario__die(m, &from);
	capture__rest(m, &to, 2, 1, 1);
	capture__end(m);
	run = capture__load(m, true);
	assert_ptr_equal(folio_of(run, 1)->migrated_to, folio_of(run, 2));
	assert_int_equal(run->verdict, FT_RUN_PASS);
	ft_run__free(run);
	capture__free(m);
}

/* A record that comes after its folio was forgotten starts no new account. */
static void test_late_record(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture a = capture__small(1, 1);
	struct ft_run *run;
	(void)state;

	capture__meta(m);
	scenario__fault(m, &a);
	scenario__die(m, &a);
	capture__at(m, &a, FT_OP_RETURN, FT_HOOK_folio_remove_rmap_ptes, 0, 0);
	capture__end(m);
	run = capture__load(m, false);
	assert_int_equal(run->nr_folios, 0);
	assert_int_equal(run->count[FT_VERDICT_FREED], 1);
	assert_int_equal(run->verdict, FT_RUN_PASS);
	ft_run__free(run);
	capture__free(m);
}

/* Numbers that cannot be: counted, and the run is not sure any more. */
static void test_wild_numbers(void **state)
{
	struct capture_builder *m = capture__new();
	struct fixture a = capture__small(1, 1);
	struct ft_wire_event e;
	struct ft_run *run;
	(void)state;

	capture__meta(m);
	e = capture__record(m, &a, FT_OP_BORN, 1);
	e.seq = 0;
	capture__put(m, &e);
	e = capture__record(m, &a, FT_OP_BORN, 0xffffffff);
	e.id = 0xffffffff;
	e.seq = 0xffffffff;
	e.order = 255;
	e.source = 250;
	capture__put(m, &e);
	capture__end(m);
	run = capture__load(m, false);
	assert_int_equal(run->nr_malformed, 1);
	assert_int_equal(run->nr_folios, 1);
	assert_string_equal(run->folios[0]->generation == 1 ? "1" : "?", "1");
	assert_int_equal(run->verdict, FT_RUN_INCONCLUSIVE);
	ft_run__free(run);
	capture__free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_forgets),
		cmocka_unit_test(test_memory_is_reused),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_loss_of_the_account),
		cmocka_unit_test(test_duplicate),
		cmocka_unit_test(test_reuse),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_split_forgets),
		cmocka_unit_test(test_wild_parents),
		cmocka_unit_test(test_migration),
		cmocka_unit_test(test_late_record),
		cmocka_unit_test(test_wild_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
