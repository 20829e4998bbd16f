// SPDX-License-Identifier: GPL-2.0
/*
 * Random worlds against the plainest model of them. FT_TEST_SEED=N starts there,
 * FT_TEST_WORLDS=N makes so many; a world with a wrong result is made smaller
 * before it is shown.
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

#define MAX_STEPS 200

struct complaint {
	char text[256];
};

#define complain(c, ...)                                                                           \
	do {                                                                                       \
		snprintf((c)->text, sizeof((c)->text), __VA_ARGS__);                               \
		return;                                                                            \
	} while (0)

/* xorshift64: the same everywhere, whatever the C library. */
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
	/* every second world loses nothing, so that its verdicts are exact */
	unsigned int kinds = seed % 2 ? STEP_KINDS : STEP_LOSE;

	for (size_t i = 0; i < nr; i++)
		steps[i] = (struct step){
			.kind = (unsigned char)(next(&state) % kinds),
			.place = (unsigned char)(next(&state) % SIMULATOR_PLACES),
			.arg = (unsigned char)next(&state),
		};
	return nr;
}

static enum ft_verdict verdict_of(const struct simulated_folio *l)
{
	if (l->died)
		return FT_VERDICT_FREED;
	return l->extra ? FT_VERDICT_LEAK : FT_VERDICT_BALANCED;
}

static const struct ft_folio *find(const struct ft_run *run, uint32_t id)
{
	for (size_t i = 0; i < run->nr_folios; i++)
		if (run->folios[i]->id == id)
			return run->folios[i];
	return NULL;
}

static void check_folio(const struct ft_run *run, const struct simulator *w, uint32_t id,
			struct complaint *c)
{
	const struct simulated_folio *l = &w->folios[id];
	const struct ft_folio *folio = find(run, id);
	enum ft_conservation_state state;

	if (!folio) {
		if (!l->died)
			complain(c, "F%u is alive and not in the run", id);
		return; /* freed ones with nothing to tell are only counted */
	}
	state = folio->conservation.state;
	if (folio->verdict != verdict_of(l))
		complain(c, "F%u: %s (%s), not %s", id, ft_verdict__name(folio->verdict),
			 folio->reason ? folio->reason : "", ft_verdict__name(verdict_of(l)));
	if (!l->died && ft_folio__surplus(folio) != l->extra)
		complain(c, "F%u: surplus %lld, not %d", id, (long long)ft_folio__surplus(folio),
			 l->extra);
	if (folio->lost_events != l->lost)
		complain(c, "F%u: %u records missing, not %u", id, folio->lost_events, l->lost);
	if (state == FT_CONSERVATION_BROKEN || (!l->lost && state == FT_CONSERVATION_LOST))
		complain(c, "F%u: conservation is %s", id, ft_conservation_state__name(state));
	if (folio->generation != l->generation)
		complain(c, "F%u: lifetime %u at its address, not %u", id, folio->generation,
			 l->generation);
	if (folio->parent_id != l->parent)
		complain(c, "F%u: of F%u, not of F%u", id, folio->parent_id, l->parent);
	if (l->split && folio->how != FT_DIED_SPLIT)
		complain(c, "F%u: ended by %d, not by its split", id, folio->how);
	if (folio->migrated_to && folio->migrated_to->id != l->migrated_to)
		complain(c, "F%u: went to F%u, not to F%u", id, folio->migrated_to->id,
			 l->migrated_to);
	if (folio->verdict == FT_VERDICT_LEAK && !folio->nr_lost)
		complain(c, "F%u: leaks, and no get is named", id);
}

static void check_run(const struct ft_run *run, const struct simulator *w, struct complaint *c)
{
	uint64_t count[FT_VERDICT_OVERPUT + 1] = { 0 }, lost = 0;

	for (uint32_t id = 1; id < w->nr_folios && !c->text[0]; id++) {
		count[verdict_of(&w->folios[id])]++;
		lost += w->folios[id].lost;
		check_folio(run, w, id, c);
	}
	if (c->text[0])
		return;
	for (int v = 0; v <= FT_VERDICT_OVERPUT; v++)
		if (run->count[v] != count[v])
			complain(c, "%llu folios %s, not %llu", (unsigned long long)run->count[v],
				 ft_verdict__name(v), (unsigned long long)count[v]);
	if (run->loss.gaps != lost)
		complain(c, "%llu records missing, not %llu", (unsigned long long)run->loss.gaps,
			 (unsigned long long)lost);
	if (count[FT_VERDICT_LEAK] && run->verdict != FT_RUN_FAIL)
		complain(c, "a leak, and the run is %s", ft_run_verdict__name(run->verdict));
	if (!count[FT_VERDICT_LEAK] && !lost && run->verdict != FT_RUN_PASS)
		complain(c, "nothing wrong, and the run is %s (%s)",
			 ft_run_verdict__name(run->verdict), run->reason ? run->reason : "");
}

static struct complaint try(const struct step *steps, size_t nr)
{
	struct complaint c = { "" };
	struct simulator *w = malloc(sizeof(*w));
	struct ft_run *run;

	assert_non_null(w);
	simulator__init(w);
	for (size_t i = 0; i < nr; i++)
		simulator__step(w, &steps[i]);
	run = simulator__end(w);
	check_run(run, w, &c);
	ft_run__free(run);
	free(w);
	return c;
}

/* Leaves out what can be left out, in ever smaller pieces. */
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
	uint64_t seed = number("FT_TEST_SEED", 1), simulations = number("FT_TEST_WORLDS", 400);
	struct step steps[MAX_STEPS];
	(void)state;

	for (uint64_t end = seed + simulations; seed < end; seed++) {
		size_t nr = make_steps(steps, seed);

		if (try(steps, nr).text[0])
			show_and_fail(steps, nr, seed);
	}
}

/* The test of the test: a model that is wrong is noticed. */
static void test_notices(void **state)
{
	struct step steps[MAX_STEPS];
	struct simulator *w = malloc(sizeof(*w));
	struct complaint c = { "" };
	struct ft_run *run;
	(void)state;

	assert_non_null(w);
	simulator__init(w);
	steps[0] = (struct step){ STEP_FAULT, 3, 0 };
	steps[1] = (struct step){ STEP_GET, 3, 0 };
	simulator__step(w, &steps[0]);
	simulator__step(w, &steps[1]);
	run = simulator__end(w);
	w->folios[1].extra = 0;
	check_run(run, w, &c);
	assert_non_null(strstr(c.text, "leak"));
	ft_run__free(run);
	free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_simulations),
		cmocka_unit_test(test_notices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
