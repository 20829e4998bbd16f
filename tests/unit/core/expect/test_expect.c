// SPDX-License-Identifier: GPL-2.0
/* Expectations learnt of made-up runs, and runs compared with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "expect.h"
#include "support/capture_builder.h"
#include "support/scenarios.h"

static struct ft_run *run_of(const char *scenario)
{
	struct capture_builder *m = capture__new();
	struct ft_run *run;

	scenario__build(scenario, m);
	run = capture__load(m, false);
	capture__free(m);
	return run;
}

/* Learns one scenario after the other; the list ends with NULL. */
static struct ft_expectation *learn(const struct ft_learn_options *o, const char *const *scenarios)
{
	struct ft_teacher *l = ft_teacher__new(o);
	struct ft_expectation *e;
	struct ft_error err = { 0 };

	assert_non_null(l);
	for (; *scenarios; scenarios++) {
		struct ft_run *run = run_of(*scenarios);

		assert_int_equal(ft_teacher__add(l, run, *scenarios, &err), 0);
		ft_run__free(run);
	}
	assert_int_equal(ft_teacher__finish(l, &e, &err), 0);
	ft_teacher__free(l);
	return e;
}

/* A comparison with the run that it is of. */
static struct ft_check *check(const char *scenario, const struct ft_expectation *e)
{
	struct ft_check *c;

	assert_int_equal(ft_check__run(run_of(scenario), e, false, &c), 0);
	return c;
}

static void done(struct ft_check *c)
{
	struct ft_run *run = (struct ft_run *)c->run;

	ft_check__free(c);
	ft_run__free(run);
}

static void expect_verdict(const char *scenario, const struct ft_expectation *e,
			   enum ft_run_verdict verdict)
{
	struct ft_check *c = check(scenario, e);

	assert_int_equal(c->verdict, verdict);
	done(c);
}

static void test_model(void **state)
{
	(void)state;
	expect_verdict("seed-fix", NULL, FT_RUN_PASS);
	expect_verdict("seed-leak", NULL, FT_RUN_FAIL);
	expect_verdict("overput", NULL, FT_RUN_FAIL);
	expect_verdict("loss-untied", NULL, FT_RUN_INCONCLUSIVE);
}

static void test_good_and_bad(void **state)
{
	const struct ft_learn_options o = { 0 };
	struct ft_expectation *e = learn(&o, (const char *const[]){ "seed-fix", NULL });
	struct ft_check *c;
	size_t rules = 0;

	(void)state;
	assert_int_equal(e->nr_rules, 4); /* it is freed: nothing at rest */
	expect_verdict("seed-fix", e, FT_RUN_PASS);
	c = check("seed-leak", e);
	assert_int_equal(c->verdict, FT_RUN_FAIL);
	for (size_t i = 0; i < e->nr_rules; i++)
		rules += c->rules[i].test == FT_TEST_FAIL;
	assert_int_equal(rules, 4);
	/* time order: before remove_migration_ptes() 2/0 instead of 1/0 */
	assert_int_equal(c->rules[1].nr_deviations, 2);
	assert_int_equal(c->rules[1].deviations[0].field, FT_FIELD_REFCOUNT);
	assert_int_equal(c->rules[1].deviations[0].expected.max, 1);
	assert_int_equal(c->rules[1].deviations[0].seen, 2);
	assert_int_equal(c->rules[1].deviations[1].field, FT_FIELD_SURPLUS);
	assert_int_equal(c->model.nr_deviations, 1);
	done(c);
	ft_expectation__free(e);
}

static void test_union(void **state)
{
	const struct ft_learn_options o = { .counts = true, .waive = "known" };
	struct ft_expectation *e =
		learn(&o, (const char *const[]){ "seed-fix", "adopted-clean", NULL });
	const struct ft_rule *last = &e->rules[e->nr_rules - 1];

	(void)state;
	/* one run has it, the other has not */
	assert_int_equal(last->match.at, FT_AT_FINAL);
	assert_true(last->folios.set);
	assert_int_equal(last->folios.min, 0);
	assert_int_equal(last->folios.max, 1);
	/* who else maps a page of libc is not ours to expect */
	assert_false(last->field[FT_FIELD_REFCOUNT].set);
	assert_false(last->field[FT_FIELD_MAPCOUNT].set);
	expect_verdict("seed-fix", e, FT_RUN_PASS);
	expect_verdict("adopted-clean", e, FT_RUN_PASS);
	expect_verdict("seed-leak", e, FT_RUN_FAIL);
	ft_expectation__free(e);
}

static void test_refused(void **state)
{
	static const char *const bad[] = { "seed-leak", "cut-off", "loss-untied" };
	const struct ft_learn_options o = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct ft_teacher *l = ft_teacher__new(&o);
		struct ft_run *run = run_of(bad[i]);
		struct ft_error err = { 0 };

		assert_true(ft_teacher__add(l, run, "x.data", &err) < 0);
		assert_int_equal(err.exit, FT_EXIT_FAILURE);
		assert_int_equal(strncmp(err.text, "x.data: ", 8), 0);
		ft_run__free(run);
		ft_teacher__free(l);
	}
}

static void test_waivers(void **state)
{
	const struct ft_learn_options o = { .waive = "known" };
	struct ft_expectation *e = learn(&o, (const char *const[]){ "seed-leak", NULL });
	struct ft_check *c;

	(void)state;
	assert_int_equal(e->nr_waivers, 1);
	assert_string_equal(e->waivers[0].function, "migrate_vma_pages");
	c = check("seed-leak", e);
	assert_int_equal(c->verdict, FT_RUN_PASS);
	assert_int_equal(c->waived, 1);
	assert_int_equal(c->waivers[0].state, FT_WAIVER_USED);
	done(c);
	c = check("seed-fix", e);
	assert_int_equal(c->verdict, FT_RUN_PASS);
	assert_int_equal(c->waivers[0].state, FT_WAIVER_UNUSED);
	done(c);
	e->waivers[0].until = "7.3";
	c = check("seed-leak", e);
	assert_int_equal(c->verdict, FT_RUN_FAIL);
	assert_int_equal(c->waivers[0].state, FT_WAIVER_EXPIRED);
	done(c);
	e->waivers[0].until = "7.4";
	expect_verdict("seed-leak", e, FT_RUN_PASS);
	e->waivers[0].orders = 1;
	expect_verdict("seed-leak", e, FT_RUN_FAIL);
	ft_expectation__free(e);
}

static void test_waiver_hides_no_loss(void **state)
{
	const struct ft_learn_options o = { .waive = "known" };
	struct ft_expectation *e = learn(&o, (const char *const[]){ "seed-leak", NULL });
	struct ft_run *run = run_of("seed-leak");
	struct ft_check *c;

	(void)state;
	run->doubt.code = FT_REASON_RECORDS_LOST;
	assert_int_equal(ft_check__run(run, e, false, &c), 0);
	assert_int_equal(c->verdict, FT_RUN_INCONCLUSIVE);
	assert_int_equal(c->reason.code, FT_REASON_RECORDS_LOST);
	done(c);
	ft_expectation__free(e);
}

static struct ft_rule final_rule(int64_t surplus)
{
	return (struct ft_rule){
		.name = "by hand",
		.match = { .at = FT_AT_FINAL, .src_is_dst = -1 },
		.field[FT_FIELD_SURPLUS] = { true, surplus, surplus },
	};
}

/* The first rule that matches judges; a rule may expect what the model does not. */
static void test_first_rule(void **state)
{
	struct ft_rule rules[] = { final_rule(1), final_rule(0) };
	struct ft_expectation e = { .rules = rules, .nr_rules = 2 };
	struct ft_check *c;

	(void)state;
	c = check("seed-leak", &e);
	assert_int_equal(c->verdict, FT_RUN_PASS);
	assert_int_equal(c->excused, 1);
	assert_int_equal(c->rules[0].folios, 1);
	assert_int_equal(c->rules[1].folios, 0);
	done(c);
	rules[0].match.kinds = 1U << FT_KIND_FILE;
	expect_verdict("seed-leak", &e, FT_RUN_FAIL);
	rules[0].match.kinds = 0;
	rules[0].match.argv = "another*";
	c = check("seed-leak", &e);
	assert_int_equal(c->verdict, FT_RUN_FAIL);
	assert_int_equal(c->rules[0].test, FT_TEST_SKIP);
	assert_int_equal(c->rules[0].reason.code, FT_REASON_OTHER_COMMAND);
	done(c);
	rules[0].match.argv = "prog*";
	expect_verdict("seed-leak", &e, FT_RUN_PASS);
	rules[0].match.function = "folio_add_lru";
	assert_true(ft_expectation__needs_events(&e));
	expect_verdict("seed-leak", &e, FT_RUN_PASS);
	rules[0].match.function = "no_such_function";
	expect_verdict("seed-leak", &e, FT_RUN_FAIL);
}

static struct ft_folio *bad_folio(const struct ft_run *run)
{
	for (size_t i = 0; i < run->nr_folios; i++)
		if (ft_folio__is_bad(run->folios[i]))
			return run->folios[i];
	fail_msg("there is none");
	return NULL;
}

static void expect_of(struct ft_run *run, const struct ft_expectation *e,
		      enum ft_run_verdict verdict)
{
	struct ft_check *c;

	assert_int_equal(ft_check__run(run, e, false, &c), 0);
	assert_int_equal(c->verdict, verdict);
	ft_check__free(c);
}

/* Rules and waivers by whose the lost reference was. */
static void test_class(void **state)
{
	struct ft_rule rules[] = { final_rule(1), final_rule(0) };
	struct ft_waiver waiver = { .function = "*", .reason = "known" };
	struct ft_expectation e = { .rules = rules, .nr_rules = 2 };
	struct ft_run *run = run_of("seed-leak");

	(void)state;
	bad_folio(run)->lost[0].class = FT_OWNER_MIGRATION;
	rules[0].match.classes = 1U << FT_OWNER_GUP;
	expect_of(run, &e, FT_RUN_FAIL);
	rules[0].match.classes |= 1U << FT_OWNER_MIGRATION;
	expect_of(run, &e, FT_RUN_PASS);
	e = (struct ft_expectation){ .waivers = &waiver, .nr_waivers = 1 };
	expect_of(run, &e, FT_RUN_PASS);
	waiver.classes = 1U << FT_OWNER_PIN;
	expect_of(run, &e, FT_RUN_FAIL);
	waiver.classes |= 1U << FT_OWNER_MIGRATION;
	expect_of(run, &e, FT_RUN_PASS);
	ft_run__free(run);
}

/* A rule on the surplus says nothing of a pin that was put as a plain reference. */
static void test_lost_pin(void **state)
{
	struct ft_rule rule = final_rule(0);
	struct ft_expectation e = { .rules = &rule, .nr_rules = 1 };
	struct ft_run *run = run_of("seed-leak");
	struct ft_folio *folio = bad_folio(run);

	(void)state;
	folio->final.expected.term[FT_TERM_PINS] = folio->final.pincount = 1;
	folio->final.expected.total += 2;
	folio->final.surplus -= 2;
	folio->ownerless = (struct ft_units){ .references = -1, .pins = 1 };
	folio->nr_lost = 0;
	assert_int_equal(ft_folio__surplus(folio), 0);
	expect_of(run, &e, FT_RUN_FAIL);
	rule.match.classes = 1U << FT_OWNER_MAPPING;
	expect_of(run, &e, FT_RUN_FAIL);
	rule.match.classes = 1U << FT_OWNER_PIN;
	expect_of(run, &e, FT_RUN_PASS);
	ft_run__free(run);
}

/* What is still allocated fails if it is asked for, by the caller or the expectation. */
static void test_strict(void **state)
{
	struct ft_expectation e = { .strict = true };
	struct ft_run *run = run_of("adopted-clean");
	struct ft_check *c;

	(void)state;
	run->folios[0]->reason =
		(struct ft_reason){ .code = FT_REASON_STILL_ALLOCATED, .n = { 1 } };
	expect_of(run, NULL, FT_RUN_PASS);
	assert_int_equal(ft_check__run(run, NULL, true, &c), 0);
	assert_int_equal(c->verdict, FT_RUN_FAIL);
	assert_int_equal(c->allocated.nr_deviations, 1);
	assert_ptr_equal(c->allocated.deviations[0].folio, run->folios[0]);
	assert_int_equal(c->model.nr_deviations, 0);
	ft_check__free(c);
	expect_of(run, &e, FT_RUN_FAIL);
	run->folios[0]->reason.code = FT_REASON_NONE;
	expect_of(run, &e, FT_RUN_PASS);
	ft_run__free(run);
}

static void unwatch(struct ft_run *run, enum ft_role role)
{
	for (size_t i = 0; i < run->nr_sites; i++)
		if (run->sites[i]->role == role)
			run->sites[i]->attached = false;
}

/* What another kernel has no function for is skipped, not too few. */
static void test_unwatched(void **state)
{
	struct ft_rule rule = final_rule(0);
	struct ft_expectation e = { .rules = &rule, .nr_rules = 1 };
	struct ft_run *run;
	struct ft_check *c;

	(void)state;
	rule.match.at = FT_AT_RMP_ENTRY;
	rule.folios = (struct ft_range){ true, 1, INT64_MAX };
	for (int what = 0; what < 3; what++) {
		run = run_of("adopted-clean");
		if (what)
			unwatch(run, what == 1 ? FT_ROLE_FINALIZE : FT_ROLE_MOVE);
		assert_int_equal(ft_check__run(run, &e, false, &c), 0);
		assert_int_equal(c->rules[0].test, what ? FT_TEST_SKIP : FT_TEST_FAIL);
		assert_int_equal(c->rules[0].reason.code, what ? FT_REASON_CHECKPOINT_NOT_WATCHED :
								 FT_REASON_FOLIOS_TOO_FEW);
		assert_int_equal(c->verdict, what ? FT_RUN_PASS : FT_RUN_FAIL);
		done(c);
	}
	rule.match.at = FT_AT_FINAL;
	rule.match.function = "folio_add_l*";
	c = check("adopted-clean", &e);
	assert_int_equal(c->rules[0].test, FT_TEST_FAIL);
	done(c);
	rule.match.function = "no_such_*";
	c = check("adopted-clean", &e);
	assert_int_equal(c->rules[0].test, FT_TEST_SKIP);
	assert_int_equal(c->rules[0].reason.code, FT_REASON_FUNCTION_NOT_WATCHED);
	done(c);
}

static void test_folios(void **state)
{
	struct ft_rule rule = final_rule(0);
	struct ft_expectation e = { .rules = &rule, .nr_rules = 1 };
	struct ft_check *c;

	(void)state;
	rule.folios = (struct ft_range){ true, 1, INT64_MAX };
	expect_verdict("adopted-clean", &e, FT_RUN_PASS);
	expect_verdict("seed-fix", &e, FT_RUN_FAIL);
	rule.folios = (struct ft_range){ true, 0, 0 };
	c = check("adopted-clean", &e);
	assert_int_equal(c->verdict, FT_RUN_FAIL);
	assert_int_equal(c->rules[0].reason.code, FT_REASON_FOLIOS_OUT_OF_RANGE);
	assert_int_equal(c->rules[0].reason.n[0], 1);
	assert_int_equal(c->rules[0].reason.n[1], 0);
	assert_int_equal(c->rules[0].reason.n[2], 0);
	done(c);
	/* what was lost may have been what is missing */
	rule.folios = (struct ft_range){ true, 1, 1 };
	c = check("loss-untied", &e);
	assert_int_equal(c->rules[0].test, FT_TEST_SKIP);
	assert_int_equal(c->verdict, FT_RUN_INCONCLUSIVE);
	done(c);
}

static void test_releases(void **state)
{
	(void)state;
	assert_int_equal(ft_release__compare("7.3.4+deb13-cloud-amd64", "7.3.4"), 0);
	assert_int_equal(ft_release__compare("7.3.4+deb13", "7.10"), -1);
	assert_int_equal(ft_release__compare("7.3.4", "7.3"), 1);
	assert_int_equal(ft_release__compare("7.5.0-rc1", "7.5"), 0);
	assert_int_equal(ft_release__compare("6.12.107", "7"), -1);
	assert_int_equal(ft_release__compare("7", "7.0.0"), 0);
	assert_int_equal(ft_release__compare("", "7"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),	   cmocka_unit_test(test_good_and_bad),
		cmocka_unit_test(test_union),	   cmocka_unit_test(test_refused),
		cmocka_unit_test(test_waivers),	   cmocka_unit_test(test_waiver_hides_no_loss),
		cmocka_unit_test(test_first_rule), cmocka_unit_test(test_unwatched),
		cmocka_unit_test(test_class),	   cmocka_unit_test(test_lost_pin),
		cmocka_unit_test(test_strict),	   cmocka_unit_test(test_folios),
		cmocka_unit_test(test_releases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
