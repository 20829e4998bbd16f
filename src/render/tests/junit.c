// SPDX-License-Identifier: GPL-2.0
/* The common dialect of JUnit's XML: tests/junit.xsd. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "render.h"
#include "render/stream.h"
#include "render/tests/tap.h"
#include "render/tests/tests.h"

/* How long the character at s is; 0: it has no place in XML 1.0. */
static size_t character(const unsigned char *s)
{
	uint32_t c = *s;
	size_t n = c < 0x80		 ? 1 :
		   c >= 0xc2 && c < 0xe0 ? 2 :
		   (c & 0xf0) == 0xe0	 ? 3 :
		   c >= 0xf0 && c < 0xf5 ? 4 :
					   0;

	if (n == 1)
		return c >= 0x20 || c == '\n' || c == '\t' ? 1 : 0;
	c &= 0xff >> (n + 1);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if ((n == 3 && c < 0x800) || (n == 4 && c < 0x10000) || c > 0x10ffff ||
	    (c >= 0xd800 && c < 0xe000) || c == 0xfffe || c == 0xffff)
		return 0;
	return n;
}

static void xml(FILE *out, const char *text)
{
	for (const unsigned char *s = (const unsigned char *)text; *s;) {
		size_t n = character(s);

		if (!n)
			fputc('?', out);
		else if (*s == '<')
			fputs("&lt;", out);
		else if (*s == '>')
			fputs("&gt;", out);
		else if (*s == '&')
			fputs("&amp;", out);
		else if (*s == '"')
			fputs("&quot;", out);
		else
			fwrite(s, 1, n, out);
		s += n ? n : 1;
	}
}

static void attribute(FILE *out, const char *name, const char *value)
{
	fprintf(out, " %s=\"", name);
	xml(out, value);
	fputc('"', out);
}

static void testcase(FILE *out, const char *name, const char *class)
{
	fputs("  <testcase", out);
	attribute(out, "name", name);
	attribute(out, "classname", class);
	fputs(">\n", out);
}

static void element(FILE *out, const char *tag, const char *message, const char *text)
{
	fprintf(out, "    <%s", tag);
	if (message)
		attribute(out, "message", message);
	fputc('>', out);
	xml(out, text);
	fprintf(out, "</%s>\n", tag);
}

static int failure(const struct ft_test_report *r, const struct test *test,
		   struct tests_shown *shown, FILE *out)
{
	char *text = tests__explain(r, test, shown);

	if (!text)
		return -ENOMEM;
	element(out, "failure", test->why ? test->why : "not as expected", text);
	free(text);
	return 0;
}

static int print_test(const struct ft_test_report *r, const struct test *test,
		      struct tests_shown *shown, FILE *out)
{
	static const char *const class[] = { "folio-trace.rule",  "folio-trace.model",
					     "folio-trace.model", "folio-trace.model",
					     "folio-trace.model", "folio-trace.waiver" };
	int code = 0;

	testcase(out, test->name, class[test->of]);
	if (test->result == FT_TEST_FAIL)
		code = failure(r, test, shown, out);
	else if (test->result == FT_TEST_SKIP)
		element(out, "skipped", test->why, "");
	else if (test->why)
		element(out, "system-out", NULL, test->why);
	fputs("  </testcase>\n", out);
	return code;
}

static void command(const struct ft_test_report *r, FILE *out)
{
	testcase(out, r->command, "folio-trace.command");
	if (!r->check)
		element(out, "skipped", r->why, "");
	else if (!r->command_passed)
		element(out, "failure", r->command_why, "");
	if (r->tap)
		element(out, "system-out", NULL, tap__text(r->tap));
	fputs("  </testcase>\n", out);
}

static double seconds(const struct ft_check *c)
{
	return c && c->run->ended_ns > c->run->started_ns ?
		       (double)(c->run->ended_ns - c->run->started_ns) / 1e9 :
		       0;
}

int ft_junit__document(const struct ft_test_report *r, FILE *out)
{
	struct tests_shown shown = { 0 };
	struct tests tests;
	int code = tests__init(&tests, r);
	size_t nr, failed, skipped;

	if (code)
		return code;
	errno = 0;
	nr = tests.nr + !!r->command;
	failed = tests.count[FT_TEST_FAIL] + (r->command && r->check && !r->command_passed);
	skipped = tests.count[FT_TEST_SKIP] + (r->command && !r->check);
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n <testsuite", out);
	attribute(out, "name", "folio-trace");
	fprintf(out,
		" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"%.3f\">\n", nr,
		failed, skipped, seconds(r->check));
	if (r->command)
		command(r, out);
	for (size_t i = 0; i < tests.nr && !code; i++)
		code = print_test(r, &tests.list[i], &shown, out);
	fputs(" </testsuite>\n</testsuites>\n", out);
	tests__free(&tests);
	return code ? code : stream__error(out);
}
