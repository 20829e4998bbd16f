// SPDX-License-Identifier: GPL-2.0
/*
 * Whose is it? The core against worlds whose owners are known: an honest folio is never
 * accused, a fault is never passed. FT_TEST_SEED=N is the first seed, FT_TEST_WORLDS=N
 * their number. Deeds that fail are reduced before they are shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/world.h"

#define MAX_DEEDS 60

struct mismatch {
	char text[256];
};

#define mismatch(c, ...)                                                                           \
	do {                                                                                       \
		snprintf((c)->text, sizeof((c)->text), __VA_ARGS__);                               \
		return;                                                                            \
	} while (0)

static uint32_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state >> 32);
}

static size_t make_world(struct world_plan *plan, struct deed *deeds, uint64_t seed)
{
	uint64_t state = seed * 0x9e3779b97f4a7c15ULL + 1;
	size_t nr = 4 + next(&state) % (MAX_DEEDS - 4), i;
	/* every third loses records */
	unsigned int kinds = seed % 3 ? DEED_LOSE : DEED_KINDS;

	*plan = (struct world_plan){
		.fault = next(&state) % FAULTS,
		.living = next(&state) % 8,
		.search = next(&state) % 4,
	};
	if (next(&state) % 2)
		plan->living &= 4; /* mostly the command has ended */
	for (i = 0; i < nr; i++)
		deeds[i] = (struct deed){
			.kind = (unsigned char)(next(&state) % kinds),
			.place = (unsigned char)(next(&state) % WORLD_PLACES),
			.who = (unsigned char)next(&state),
			.arg = (unsigned char)next(&state),
		};
	return nr;
}

static void check_honest(const struct world_folio *f, const struct ft_folio *folio,
			 struct mismatch *c)
{
	uint32_t id = f->fixture.id;
	enum ft_verdict v = folio->verdict;

	if (v == FT_VERDICT_LEAK || v == FT_VERDICT_OVERPUT)
		mismatch(c, "F%u: an honest folio, but %s (%s)", id, ft_verdict__name(v),
			 reason_word(&folio->reason));
	/* who had it before may have it still, or what the command handed over was theirs */
	if (v == FT_VERDICT_INCONCLUSIVE &&
	    f->passed + f->adopted + (folio->reason.code == FT_REASON_BEFORE_WENT) >= 2)
		return;
	if (f->died ? v != FT_VERDICT_FREED : v != FT_VERDICT_BALANCED && !f->open && !f->lost)
		mismatch(c, "F%u: nobody holds it, but %s (%s)", id, ft_verdict__name(v),
			 reason_word(&folio->reason));
}

static bool is_right(const struct world_folio *f, const struct ft_folio *folio)
{
	enum ft_reason_code code = folio->reason.code;

	switch (f->fault) {
	case FAULT_PIN:
		return code == FT_REASON_PINS_LOST;
	case FAULT_PIN_PUT:
		return code == FT_REASON_PIN_PUT_AS_REFERENCE || code == FT_REASON_FREED_PINNED;
	case FAULT_MAPPING:
		return code == FT_REASON_MAPPINGS_LOST;
	case FAULT_ROBBED:
		return code == FT_REASON_ROBBED;
	case FAULT_OVERPUT:
		return folio->verdict == FT_VERDICT_OVERPUT;
	default:
		return folio->verdict == FT_VERDICT_LEAK;
	}
}

static void check_fault(const struct world_folio *f, const struct ft_folio *folio,
			struct mismatch *c)
{
	uint32_t id = f->fixture.id;
	enum ft_verdict v = folio->verdict;

	/* where one puts what another took, or operations were lost, nobody knows who was robbed */
	if (f->fault == FAULT_ROBBED && (f->lost || f->open || f->passed))
		return;
	/* who had it before put that, or what the command had handed over */
	if (f->fault == FAULT_GET && f->adopted && f->passed)
		return;
	/* the put is taken for one of what was there before */
	if (f->fault == FAULT_PIN_PUT && f->adopted && v == FT_VERDICT_INCONCLUSIVE)
		return;
	/* what was found in a pipe covers it */
	if (f->fault == FAULT_OVERPUT && f->passed)
		return;
	if (v == FT_VERDICT_BALANCED || v == FT_VERDICT_FREED || v == FT_VERDICT_NONE)
		mismatch(c, "F%u: a fault, but %s", id, ft_verdict__name(v));
	if (!f->open && !f->lost && !f->passed && !is_right(f, folio))
		mismatch(c, "F%u: %s (%s) is not its fault", id, ft_verdict__name(v),
			 reason_word(&folio->reason));
}

static void check_world(const struct ft_run *run, const struct world *w, struct mismatch *c)
{
	for (uint32_t id = 1; id < w->nr_folios && !c->text[0]; id++) {
		const struct world_folio *f = &w->folios[id];
		const struct ft_folio *folio = folio_of(run, id);

		if (!folio && f->died && !f->fault)
			continue;
		if (!folio)
			mismatch(c, "F%u is missing from the run", id);
		if (f->fault)
			check_fault(f, folio, c);
		else
			check_honest(f, folio, c);
	}
}

static void show_events(const struct ft_run *run)
{
	for (size_t n = 0, i = 0; n < run->nr_folios; i++) {
		const struct ft_folio *folio = run->folios[n];
		const struct ft_event *e = &folio->events[i];

		if (i == folio->nr_events) {
			n++;
			i = SIZE_MAX;
			continue;
		}
		print_error("  F%u %2u op %2u %-26s of %3u.%u by %+5d: %d/%d/%d flags %x\n",
			    folio->id, e->seq, e->op, e->site->function, e->pid, e->entry_seq,
			    e->delta, e->refcount, e->mapcount, e->pincount, e->flags);
	}
}

static struct mismatch try(const struct world_plan *plan, const struct deed *deeds, size_t nr)
{
	struct mismatch c = { "" };
	struct world *w = malloc(sizeof(*w));
	struct ft_run *run;

	assert_non_null(w);
	world__init(w, plan);
	for (size_t i = 0; i < nr; i++)
		world__do(w, &deeds[i]);
	run = world__end(w);
	check_world(run, w, &c);
	if (getenv("FT_TEST_SHOW"))
		show_events(run);
	ft_run__free(run);
	free(w);
	return c;
}

static size_t shrink(const struct world_plan *plan, struct deed *deeds, size_t nr)
{
	for (size_t piece = nr / 2 ? nr / 2 : 1; piece; piece /= 2) {
		for (size_t at = 0; at + piece <= nr;) {
			struct deed less[MAX_DEEDS];

			memcpy(less, deeds, at * sizeof(*deeds));
			memcpy(less + at, deeds + at + piece, (nr - at - piece) * sizeof(*deeds));
			if (!try(plan, less, nr - piece).text[0]) {
				at += piece;
				continue;
			}
			nr -= piece;
			memcpy(deeds, less, nr * sizeof(*deeds));
		}
	}
	return nr;
}

static void show_and_fail(const struct world_plan *plan, struct deed *deeds, size_t nr,
			  uint64_t seed)
{
	char text[64];

	nr = shrink(plan, deeds, nr);
	print_error("  %s\n", plan__text(plan, text, sizeof(text)));
	for (size_t i = 0; i < nr; i++)
		print_error("  %s\n", deed__text(&deeds[i], text, sizeof(text)));
	fail_msg("FT_TEST_SEED=%llu: %s", (unsigned long long)seed, try(plan, deeds, nr).text);
}

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static void check_seed(uint64_t seed)
{
	struct deed deeds[MAX_DEEDS];
	struct world_plan plan;
	size_t nr = make_world(&plan, deeds, seed);

	if (try(&plan, deeds, nr).text[0])
		show_and_fail(&plan, deeds, nr, seed);
}

static void test_worlds(void **state)
{
	uint64_t seed = number("FT_TEST_SEED", 1), worlds = number("FT_TEST_WORLDS", 400);
	(void)state;

	for (uint64_t end = seed + worlds; seed < end; seed++)
		check_seed(seed);
}

/* Some of 100,000 that were judged wrongly. */
static void test_hard_worlds(void **state)
{
	static const uint64_t seeds[] = { 94,	 10736, 12397, 13099, 24250, 26095,
					  51003, 67686, 72575, 72804, 83167 };
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(seeds) / sizeof(*seeds); i++)
		check_seed(seeds[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worlds),
		cmocka_unit_test(test_hard_worlds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
