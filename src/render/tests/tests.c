// SPDX-License-Identifier: GPL-2.0
#include "render/tests/tests.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "render/names.h"
#include "render/reason.h"

#define LINES_MAX 8 /* readings of a test */

__attribute__((format(printf, 1, 2))) static char *words(const char *fmt, ...)
{
	char *s = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&s, fmt, args) < 0)
		s = NULL;
	va_end(args);
	return s;
}

static char *sentence(const struct ft_reason *reason)
{
	return reason->code ? words("%s", reason__text(reason).s) : NULL;
}

void tests__free(struct tests *tests)
{
	for (size_t i = 0; i < tests->nr; i++) {
		free(tests->list[i].name);
		free(tests->list[i].why);
	}
	free(tests->list);
	*tests = (struct tests){ 0 };
}

static int add(struct tests *tests, const struct test *test)
{
	tests->list[tests->nr++] = *test;
	tests->count[test->result]++;
	return test->name ? 0 : -ENOMEM;
}

static int add_rule(struct tests *tests, const struct ft_check *check, const struct ft_rule *rule,
		    size_t i, const char *why)
{
	const struct ft_rule_result *r = check ? &check->rules[i] : NULL;

	return add(tests, &(struct test){
				  .of = TEST_RULE,
				  .name = words("%s", rule->name),
				  .rule = rule,
				  .result = r ? r->test : FT_TEST_SKIP,
				  .why = r ? sentence(&r->reason) : words("%s", why),
				  .deviations = r ? r->deviations : NULL,
				  .nr_deviations = r ? r->nr_deviations : 0,
			  });
}

/* The check has leaks and over-puts in one list; here they are two tests. */
static bool is_of(const struct test *t, const struct ft_deviation *d)
{
	bool model = t->of == TEST_LEAKS || t->of == TEST_OVERPUTS;

	return !model || (d->folio->verdict == FT_VERDICT_OVERPUT) == (t->of == TEST_OVERPUTS);
}

static int add_model(struct tests *tests, const struct ft_check *check, enum test_of of,
		     const char *name, const char *why)
{
	struct test t = { .of = of, .name = words("%s", name) };

	if (!check) {
		t.result = FT_TEST_SKIP;
		t.why = words("%s", why);
	} else {
		t.deviations = check->model.deviations;
		t.nr_deviations = check->model.nr_deviations;
	}
	for (size_t i = 0; i < t.nr_deviations; i++)
		if (is_of(&t, &t.deviations[i]))
			t.result = FT_TEST_FAIL;
	return add(tests, &t);
}

static int add_allocated(struct tests *tests, const struct ft_check *check, const char *why)
{
	return add(tests, &(struct test){
				  .of = TEST_ALLOCATED,
				  .name = words("nothing is still allocated"),
				  .result = check ? check->allocated.test : FT_TEST_SKIP,
				  .why = check ? NULL : words("%s", why),
				  .deviations = check ? check->allocated.deviations : NULL,
				  .nr_deviations = check ? check->allocated.nr_deviations : 0,
			  });
}

static int add_conclusive(struct tests *tests, const struct ft_check *check, const char *why)
{
	bool doubt = !check || check->run->doubt.code;

	return add(tests, &(struct test){
				  .of = TEST_CONCLUSIVE,
				  .name = words("nothing lost, every folio at rest"),
				  .result = doubt ? FT_TEST_SKIP : FT_TEST_PASS,
				  .why = check ? sentence(&check->run->doubt) : words("%s", why),
			  });
}

/* A waiver never fails: that it has no effect any more is a remark. */
static int add_waiver(struct tests *tests, const struct ft_check *check, const struct ft_waiver *w,
		      size_t i, const char *why)
{
	const struct ft_waiver_result *r = check ? &check->waivers[i] : NULL;
	struct test t = {
		.of = TEST_WAIVER,
		.name = words("waiver, %s: %s", w->function, w->reason),
	};

	if (!r) {
		t.result = FT_TEST_SKIP;
		t.why = words("%s", why);
	} else if (r->state == FT_WAIVER_USED) {
		t.why = words("waives %" PRIu64 " lost reference%s", r->folios,
			      r->folios == 1 ? "" : "s");
	} else if (r->state == FT_WAIVER_EXPIRED) {
		t.why = words("expired with %s; it would have matched %" PRIu64, w->until,
			      r->folios);
	} else {
		t.why = words("matches nothing any more: is the leak fixed?");
	}
	return add(tests, &t);
}

int tests__init(struct tests *tests, const struct ft_test_report *report)
{
	const struct ft_check *check = report->check;
	const struct ft_expectation *e = report->expectation;
	const char *why = report->why;
	bool strict = check ? check->strict : report->strict || (e && e->strict);
	size_t rules = e ? e->nr_rules : 0, waivers = e ? e->nr_waivers : 0;
	const char *other = e ? "no other folio leaks" : "no folio leaks";
	int code = 0;

	*tests = (struct tests){ .list = calloc(rules + waivers + 4, sizeof(*tests->list)) };
	if (!tests->list)
		return -ENOMEM;
	for (size_t i = 0; i < rules && !code; i++)
		code = add_rule(tests, check, &e->rules[i], i, why);
	if (!code)
		code = add_model(tests, check, TEST_LEAKS, other, why);
	if (!code)
		code = add_model(tests, check, TEST_OVERPUTS, "no folio is put too often", why);
	if (!code && strict)
		code = add_allocated(tests, check, why);
	if (!code)
		code = add_conclusive(tests, check, why);
	for (size_t i = 0; i < waivers && !code; i++)
		code = add_waiver(tests, check, &e->waivers[i], i, why);
	if (code)
		tests__free(tests);
	return code;
}

static void range(FILE *out, const struct ft_range *r)
{
	if (r->min == r->max)
		fprintf(out, "%" PRId64, r->min);
	else if (r->max == INT64_MAX)
		fprintf(out, "at least %" PRId64, r->min);
	else if (r->min == INT64_MIN)
		fprintf(out, "at most %" PRId64, r->max);
	else
		fprintf(out, "%" PRId64 " to %" PRId64, r->min, r->max);
}

static bool same_reading(const struct ft_deviation *a, const struct ft_deviation *b)
{
	return a->folio == b->folio && a->checkpoint == b->checkpoint;
}

/* The nr deviations of one reading, in one line. */
static void reading(const struct text *t, const struct ft_deviation *d, size_t nr)
{
	const struct ft_checkpoint *c = d->checkpoint;

	fprintf(t->out, "    %-6s expected ", name__of(d->folio->id).s);
	for (size_t i = 0; i < nr; i++) {
		fprintf(t->out, "%s%s ", i ? ", " : "", ft_field__name(d[i].field));
		range(t->out, &d[i].expected);
	}
	fputs("; seen ", t->out);
	for (size_t i = 0; i < nr; i++)
		fprintf(t->out, "%s%s %" PRId64, i ? ", " : "", ft_field__name(d[i].field),
			d[i].seen);
	if (c) {
		fprintf(t->out, " at index %" PRId64 ", ", c->index);
		text__foreign(t->out, c->comm ? c->comm : "");
		fprintf(t->out, "/%" PRIu32, c->pid);
	}
	fputc('\n', t->out);
}

/* A folio that differs from the model: surplus or reason. */
static void off_model(const struct text *t, const struct ft_deviation *d)
{
	const struct ft_folio *folio = d->folio;

	fprintf(t->out, "    %-6s ", name__of(folio->id).s);
	if (folio->reason.code != FT_REASON_STILL_ALLOCATED && folio->final.valid &&
	    !folio->free_while_mapped)
		fprintf(t->out,
			"expected refcount %" PRId64 "; seen refcount %" PRId32 ": surplus %" PRId64
			"\n",
			folio->final.expected.total + folio->baseline, folio->final.refcount,
			d->seen);
	else
		fprintf(t->out, "%s\n",
			folio->reason.code ? reason__text(&folio->reason).s : "is wrong");
}

void tests__deviations(const struct text *t, const struct test *test)
{
	size_t i, nr, lines = 0;

	for (i = 0; i < test->nr_deviations; i += nr) {
		const struct ft_deviation *d = &test->deviations[i];

		for (nr = 1; i + nr < test->nr_deviations && same_reading(d, d + nr); nr++)
			;
		if (!is_of(test, d) || lines++ >= LINES_MAX)
			continue;
		if (test->of == TEST_RULE)
			reading(t, d, nr);
		else
			off_model(t, d);
	}
	if (lines > LINES_MAX)
		fprintf(t->out, "    ... and %zu more like these\n", lines - LINES_MAX);
}

/* Itself, or one that is the same finding. */
static bool is_shown(const struct tests_shown *shown, const struct ft_folio *folio)
{
	for (unsigned int i = 0; i < shown->nr; i++)
		if (shown->folio[i] == folio ||
		    (folio->group && shown->folio[i]->group == folio->group))
			return true;
	return false;
}

/* How many other folios of the test are the same finding. */
static uint64_t likes_of(const struct test *test, size_t at)
{
	const struct ft_folio *folio = test->deviations[at].folio, *other;
	uint64_t nr = 0;

	for (size_t i = at + 1; folio->group && i < test->nr_deviations; i++) {
		other = test->deviations[i].folio;
		nr += other != folio && other->group == folio->group &&
		      other != test->deviations[i - 1].folio && is_of(test, &test->deviations[i]);
	}
	return nr;
}

static void likes(const struct text *t, uint64_t nr)
{
	if (!nr)
		return;
	fputs("    and ", t->out);
	text__number(t->out, nr);
	fputs(" more like it\n", t->out);
}

char *tests__explain(const struct ft_test_report *report, const struct test *test,
		     struct tests_shown *shown)
{
	const struct ft_text_options opts = { .lines = report->lines };
	struct text t = { .run = report->check->run, .opts = &opts, .c = &paint_none };
	char *text = NULL;
	size_t size;
	int code;

	t.out = open_memstream(&text, &size);
	if (!t.out)
		return NULL;
	tests__deviations(&t, test);
	code = tests__timelines(&t, test, shown);
	if (!fclose(t.out) && !code)
		return text;
	free(text);
	return NULL;
}

int tests__timelines(const struct text *t, const struct test *test, struct tests_shown *shown)
{
	struct text_notes notes = { 0 };
	int code = 0;

	for (size_t i = 0; i < test->nr_deviations && !code; i++) {
		const struct ft_deviation *d = &test->deviations[i];

		if (!is_of(test, d) || is_shown(shown, d->folio) || (i && d[-1].folio == d->folio))
			continue;
		if (shown->nr == TESTS_TIMELINES_MAX) {
			shown->left++;
			continue;
		}
		shown->folio[shown->nr++] = d->folio;
		fputc('\n', t->out);
		code = text__folio(t, d->folio, true, &notes);
		likes(t, likes_of(test, i));
	}
	return code;
}
