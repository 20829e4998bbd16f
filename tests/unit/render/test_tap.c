// SPDX-License-Identifier: GPL-2.0
/* A command's own TAP as a subtest: whatever it writes, what comes out can be counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render.h"
#include "render/tests/tap.h"

/* What becomes of size bytes; to be freed. step: how many are fed at a time. */
static char *subtest(const char *data, size_t size, size_t step, size_t *results)
{
	struct ft_tap *tap = ft_tap__new();
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(tap);
	assert_non_null(out);
	for (size_t i = 0; i < size; i += step)
		ft_tap__feed(tap, data + i, size - i < step ? size - i : step);
	assert_int_equal(ft_tap__end(tap), 0);
	*results = tap__results(tap);
	tap__write(tap, "cmd", out);
	ft_tap__free(tap);
	fclose(out);
	return text;
}

#define HEAD(plan) "    KTAP version 1\n    # Subtest: cmd\n    1.." plan "\n"

static const struct {
	const char *in, *out;
} cases[] = {
	{ "TAP version 13\n1..2\nok 1 a\nnot ok 2 b\n", HEAD("2") "    ok 1 a\n    not ok 2 b\n" },
	/* no numbers, a directive, diagnostics, an end without newline */
	{ "1..2\n# x\nok - a # SKIP no\nstray\nok b",
	  HEAD("2") "    # x\n    ok 1 a # SKIP no\n    # stray\n    ok 2 b\n" },
	/* the plan comes last, or never */
	{ "KTAP version 1\nok 1 a\n1..1\n", HEAD("1") "    ok 1 a\n    # 1..1\n" },
	/* it died, bailed out, or was killed before its plan was kept */
	{ "1..3\nok 1 a\nBail out!\n",
	  HEAD("3") "    ok 1 a\n    # Bail out!\n"
		    "    not ok 2 the command ended before this test\n"
		    "    not ok 3 the command ended before this test\n" },
	/* out of turn, more than planned, a second plan, a subtest of its own */
	{ "1..1\nok 2 b\nok 1 a\nok 2 b\n1..7\n    ok 1 c\n# Subtest: d\n",
	  HEAD("1") "    # ok 2 b\n    ok 1 a\n    # ok 2 b\n    # 1..7\n    #     ok 1 c\n"
		    "    # # Subtest: d\n" },
	/* no TAP at all */
	{ "ok then\nlost=1\n", "# ok then\n# lost=1\n" },
	{ "1..0 # SKIP no device\n", "" },
	{ "1..99999999999999999999\nok 1 a\n", "# 1..99999999999999999999\n# ok 1 a\n" },
	{ "\n\r\n\x1b[31mred\x7f\r\n", "# ?[31mred?\n" },
	{ "", "" },
};

static void test_cases(void **state)
{
	size_t results;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (size_t step = 1; step < 100; step += 33) {
			char *text = subtest(cases[i].in, strlen(cases[i].in), step, &results);

			assert_string_equal(text, cases[i].out);
			free(text);
		}
}

/* The results are those of the plan, one after the other, and every other line is a comment. */
static void expect_countable(const char *text, size_t results)
{
	size_t next = 1;

	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		unsigned long number;

		assert_non_null(strchr(line, '\n'));
		line += strspn(line, " ");
		if (sscanf(line, "ok %lu", &number) == 1 ||
		    sscanf(line, "not ok %lu", &number) == 1)
			assert_int_equal(number, next++);
		else
			assert_true(*line == '#' || !strncmp(line, "KTAP version 1\n", 15) ||
				    !strncmp(line, "1..", 3));
	}
	assert_int_equal(next - 1, results);
}

static void test_garbage(void **state)
{
	static const char *const words[] = {
		"ok ", "not ok ", "1..", "3", "\n", "KTAP version 1",
		"# ",  " ",	  "4",	 "a", "\t", "TAP version 13\n"
	};
	uint64_t random = 88172645463325252ULL;
	char data[4096];

	(void)state;
	for (int round = 0; round < 500; round++) {
		size_t size = 0, results;
		char *text;

		while (size < sizeof(data) - 32) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			if (random % 5)
				size += (size_t)sprintf(data + size, "%s", words[random / 8 % 12]);
			else
				data[size++] = (char)(random >> 32);
		}
		text = subtest(data, size, 1 + random % 700, &results);
		expect_countable(text, results);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
