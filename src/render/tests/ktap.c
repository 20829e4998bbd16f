// SPDX-License-Identifier: GPL-2.0
/* KTAP version 1 (Documentation/dev-tools/ktap.rst): one test a rule. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render.h"
#include "render/stream.h"
#include "render/tests/tap.h"
#include "render/tests/tests.h"

/* A test's description: one line, without the '#' that begins a directive. */
static void name(FILE *out, const char *s)
{
	for (; *s; s++)
		fputc(*s == '#' || (unsigned char)*s < 0x20 || *s == 0x7f ? '_' : *s, out);
}

/* Each line of text as a diagnostic. */
static void diagnostics(FILE *out, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		if (n)
			fprintf(out, "# %.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static int print_test(const struct ft_test_report *r, const struct test *test, size_t number,
		      struct tests_shown *shown, FILE *out)
{
	if (test->result == FT_TEST_FAIL) {
		char *text = tests__explain(r, test, shown);

		if (!text)
			return -ENOMEM;
		diagnostics(out, text);
		free(text);
	}
	if (test->why && test->result != FT_TEST_SKIP) {
		fputs("# ", out);
		name(out, test->why);
		fputc('\n', out);
	}
	fprintf(out, "%sok %zu ", test->result == FT_TEST_FAIL ? "not " : "", number);
	name(out, test->name);
	if (test->result == FT_TEST_SKIP) {
		fputs(" # SKIP ", out);
		name(out, test->why ? test->why : "");
	}
	fputc('\n', out);
	return 0;
}

static void command(const struct ft_test_report *r, FILE *out)
{
	if (r->tap)
		tap__write(r->tap, r->command, out);
	if (r->command_why && r->check)
		fprintf(out, "# %s\n", r->command_why);
	fprintf(out, "%sok 1 ", r->check && !r->command_passed ? "not " : "");
	name(out, r->command);
	if (!r->check) {
		fputs(" # SKIP ", out);
		name(out, r->why);
	}
	fputc('\n', out);
}

int ft_ktap__document(const struct ft_test_report *r, FILE *out)
{
	struct tests_shown shown = { 0 };
	size_t number = r->command ? 1 : 0;
	struct tests tests;
	int code = tests__init(&tests, r);

	if (code)
		return code;
	errno = 0;
	fprintf(out, "KTAP version 1\n1..%zu\n", tests.nr + number);
	if (r->command)
		command(r, out);
	for (size_t i = 0; i < tests.nr && !code; i++)
		code = print_test(r, &tests.list[i], ++number, &shown, out);
	tests__free(&tests);
	return code ? code : stream__error(out);
}
