// SPDX-License-Identifier: GPL-2.0
/*
 * The core against a simulator: random steps, whose folios the simulator keeps account of
 * by itself. FT_TEST_SEED=N is the first seed, FT_TEST_SIMULATIONS=N their number. Steps
 * that fail are reduced before they are shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/simulator.h"
#include "support/verdict_text.h"

#define MAX_STEPS 200

struct mismatch {
	char text[256];
};

#define mismatch(c, ...)                                                                           \
	do {                                                                                       \
		snprintf((c)->text, sizeof((c)->text), __VA_ARGS__);                               \
		return;                                                                            \
	} while (0)

/* xorshift64, as rand_r() differs between C libraries. */
static uint32_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state >> 32);
}

static size_t make_steps(struct step *steps, uint64_t seed)
{
	uint64_t state = seed * 0x9e3779b97f4a7c15ULL + 1;
	size_t nr = 1 + next(&state) % MAX_STEPS;
	/* even seeds lose nothing, so that their verdicts are exact */
	unsigned int kinds = seed % 2 ? STEP_KINDS : STEP_LOSE;

	for (size_t i = 0; i < nr; i++)
		steps[i] = (struct step){
			.kind = (unsigned char)(next(&state) % kinds),
			.place = (unsigned char)(next(&state) % SIMULATOR_PLACES),
			.arg = (unsigned char)next(&state),
		};
	return nr;
}

static enum ft_verdict verdict_of(const struct simulated_folio *f)
{
	if (f->died)
		return FT_VERDICT_FREED;
	return f->extra ? FT_VERDICT_LEAK : FT_VERDICT_BALANCED;
}

static const struct ft_folio *find(const struct ft_run *run, uint32_t id)
{
	for (size_t i = 0; i < run->nr_folios; i++)
		if (run->folios[i]->id == id)
			return run->folios[i];
	return NULL;
}

static void check_folio(const struct ft_run *run, const struct simulator *sim, uint32_t id,
			struct mismatch *c)
{
	const struct simulated_folio *f = &sim->folios[id];
	const struct ft_folio *folio = find(run, id);
	enum ft_conservation_state state;

	if (!folio) {
		if (!f->died)
			mismatch(c, "F%u is missing from the run", id);
		return; /* freed folios without a finding are only counted */
	}
	state = folio->conservation.state;
	if (folio->verdict != verdict_of(f))
		mismatch(c, "F%u: %s (%s), not %s", id, ft_verdict__name(folio->verdict),
			 reason_word(&folio->reason), ft_verdict__name(verdict_of(f)));
	if (!f->died && ft_folio__surplus(folio) != f->extra)
		mismatch(c, "F%u: surplus %lld, not %d", id, (long long)ft_folio__surplus(folio),
			 f->extra);
	if (folio->lost_events != f->lost)
		mismatch(c, "F%u: %u records missing, not %u", id, folio->lost_events, f->lost);
	if (state == FT_CONSERVATION_BROKEN || (!f->lost && state == FT_CONSERVATION_LOST))
		mismatch(c, "F%u: conservation is %s", id, ft_conservation_state__name(state));
	if (folio->generation != f->generation)
		mismatch(c, "F%u: generation %u, not %u", id, folio->generation, f->generation);
	if (folio->parent_id != f->parent)
		mismatch(c, "F%u: split from F%u, not from F%u", id, folio->parent_id, f->parent);
	if (f->split && folio->how != FT_DIED_SPLIT)
		mismatch(c, "F%u: ended by %d, not by its split", id, folio->how);
	if (folio->migrated_to && folio->migrated_to->id != f->migrated_to)
		mismatch(c, "F%u: migrated to F%u, not to F%u", id, folio->migrated_to->id,
			 f->migrated_to);
	if (folio->verdict == FT_VERDICT_LEAK && !folio->nr_lost)
		mismatch(c, "F%u: leaks, and no get is named", id);
}

static void check_run(const struct ft_run *run, const struct simulator *sim, struct mismatch *c)
{
	uint64_t count[FT_VERDICT_OVERPUT + 1] = { 0 }, lost = 0;

	for (uint32_t id = 1; id < sim->nr_folios && !c->text[0]; id++) {
		count[verdict_of(&sim->folios[id])]++;
		lost += sim->folios[id].lost;
		check_folio(run, sim, id, c);
	}
	if (c->text[0])
		return;
	for (int v = 0; v <= FT_VERDICT_OVERPUT; v++)
		if (run->count[v] != count[v])
			mismatch(c, "%llu folios %s, not %llu", (unsigned long long)run->count[v],
				 ft_verdict__name(v), (unsigned long long)count[v]);
	if (run->loss.gaps != lost)
		mismatch(c, "%llu records missing, not %llu", (unsigned long long)run->loss.gaps,
			 (unsigned long long)lost);
	if (count[FT_VERDICT_LEAK] && run->verdict != FT_RUN_FAIL)
		mismatch(c, "a leak, but the run is %s", ft_run_verdict__name(run->verdict));
	if (!count[FT_VERDICT_LEAK] && !lost && run->verdict != FT_RUN_PASS)
		mismatch(c, "nothing wrong, but the run is %s (%s)",
			 ft_run_verdict__name(run->verdict), reason_word(&run->reason));
}

static struct mismatch try(const struct step *steps, size_t nr)
{
	struct mismatch c = { "" };
	struct simulator *sim = malloc(sizeof(*sim));
	struct ft_run *run;

	assert_non_null(sim);
	simulator__init(sim);
	for (size_t i = 0; i < nr; i++)
		simulator__step(sim, &steps[i]);
	run = simulator__end(sim);
	check_run(run, sim, &c);
	ft_run__free(run);
	free(sim);
	return c;
}

/* Removes steps that the failure does not need: halves, quarters and so on. */
static size_t shrink(struct step *steps, size_t nr)
{
	for (size_t piece = nr / 2; piece; piece /= 2) {
		for (size_t at = 0; at + piece <= nr;) {
			struct step less[MAX_STEPS];

			memcpy(less, steps, at * sizeof(*steps));
			memcpy(less + at, steps + at + piece, (nr - at - piece) * sizeof(*steps));
			if (!try(less, nr - piece).text[0]) {
				at += piece;
				continue;
			}
			nr -= piece;
			memcpy(steps, less, nr * sizeof(*steps));
		}
	}
	return nr;
}

static void show_and_fail(struct step *steps, size_t nr, uint64_t seed)
{
	char text[64];

	nr = shrink(steps, nr);
	for (size_t i = 0; i < nr; i++)
		print_error("  %s\n", step__text(&steps[i], text, sizeof(text)));
	fail_msg("FT_TEST_SEED=%llu: %s", (unsigned long long)seed, try(steps, nr).text);
}

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static void test_simulations(void **state)
{
	uint64_t seed = number("FT_TEST_SEED", 1), simulations = number("FT_TEST_SIMULATIONS", 400);
	struct step steps[MAX_STEPS];
	(void)state;

	for (uint64_t end = seed + simulations; seed < end; seed++) {
		size_t nr = make_steps(steps, seed);

		if (try(steps, nr).text[0])
			show_and_fail(steps, nr, seed);
	}
}

/* Tests the test: a wrong expectation of the simulator is noticed. */
static void test_notices(void **state)
{
	struct step steps[MAX_STEPS];
	struct simulator *sim = malloc(sizeof(*sim));
	struct mismatch c = { "" };
	struct ft_run *run;
	(void)state;

	assert_non_null(sim);
	simulator__init(sim);
	steps[0] = (struct step){ STEP_FAULT, 3, 0 };
	steps[1] = (struct step){ STEP_GET, 3, 0 };
	simulator__step(sim, &steps[0]);
	simulator__step(sim, &steps[1]);
	run = simulator__end(sim);
	sim->folios[1].extra = 0;
	check_run(run, sim, &c);
	assert_non_null(strstr(c.text, "leak"));
	ft_run__free(run);
	free(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_simulations),
		cmocka_unit_test(test_notices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
