// SPDX-License-Identifier: GPL-2.0
/* A comparison as text: verdict, the tests that fail, their folios, coverage and loss. */
#include <inttypes.h>

#include "render.h"
#include "render/reason.h"
#include "render/stream.h"
#include "render/tests/tests.h"

static void verdict_line(const struct text *t, const struct ft_check *c, const struct tests *tests)
{
	size_t nr = tests->count[FT_TEST_PASS] + tests->count[FT_TEST_FAIL];

	switch (c->verdict) {
	case FT_RUN_FAIL:
		fprintf(t->out, "%sFAIL%s: %zu of %zu checks fail", t->c->red, t->c->off,
			tests->count[FT_TEST_FAIL], nr);
		break;
	case FT_RUN_INCONCLUSIVE:
		fprintf(t->out, "%sINCONCLUSIVE%s: %s", t->c->yellow, t->c->off,
			reason__text(&c->reason).s);
		break;
	case FT_RUN_PASS:
		fprintf(t->out, "%sPASS%s: %zu check%s", t->c->green, t->c->off, nr,
			nr == 1 ? "" : "s");
		break;
	}
	if (c->waived)
		fprintf(t->out, ", %" PRIu64 " folio%s waived", c->waived,
			c->waived == 1 ? "" : "s");
	if (tests->count[FT_TEST_SKIP])
		fprintf(t->out, ", %zu skipped", tests->count[FT_TEST_SKIP]);
	fputc('\n', t->out);
}

static bool has_news(const struct test *test, const struct ft_check *c, size_t waiver)
{
	if (test->of == TEST_WAIVER)
		return c->waivers[waiver].state != FT_WAIVER_USED;
	return test->result != FT_TEST_PASS;
}

static void print_test(const struct text *t, const struct ft_check *c, const struct test *test)
{
	static const char *const word[] = { "note", "fails", "skipped" };
	static const char *const what[] = { "rule", "model", "model", "model", "model", "" };

	fprintf(t->out, "\n%s%s%s%s", t->c->bold, what[test->of], *what[test->of] ? " " : "",
		test->of == TEST_RULE ? "\"" : "");
	text__foreign(t->out, test->name);
	fprintf(t->out, "%s%s", test->of == TEST_RULE ? "\"" : "", t->c->off);
	if (test->rule && c->expectation->path) {
		fputs(" (", t->out);
		text__foreign(t->out, c->expectation->path);
		fprintf(t->out, ":%d)", test->rule->line);
	}
	fprintf(t->out, ": %s", word[test->result]);
	if (test->why) {
		fputs(": ", t->out);
		text__foreign(t->out, test->why);
	}
	fputc('\n', t->out);
	tests__deviations(t, test);
}

int ft_text__check(const struct ft_check *c, const struct ft_text_options *opts, FILE *out)
{
	const struct text t = text__start(c->run, opts, out);
	struct tests_shown timelines = { 0 };
	struct tests tests;
	size_t waiver = 0;
	int code = tests__init(&tests, &(struct ft_test_report){ .check = c,
								 .expectation = c->expectation });

	if (code)
		return code;
	verdict_line(&t, c, &tests);
	for (size_t i = 0; i < tests.nr; i++) {
		if (has_news(&tests.list[i], c, waiver) || opts->verbose)
			print_test(&t, c, &tests.list[i]);
		waiver += tests.list[i].of == TEST_WAIVER;
	}
	for (size_t i = 0; i < tests.nr && !code; i++)
		code = tests__timelines(&t, &tests.list[i], &timelines);
	if (timelines.left)
		fprintf(out, "\n%" PRIu64 " more differ; 'folio-trace report' shows the bad ones\n",
			timelines.left);
	tests__free(&tests);
	fputc('\n', out);
	text__tail(&t);
	return code ? code : stream__error(out);
}
