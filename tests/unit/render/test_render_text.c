// SPDX-License-Identifier: GPL-2.0
/* The text report of hand-made runs, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render.h"
#include "support/fixture_run.h"
#include "support/golden_text.h"

static char *render(struct ft_run *run, bool verbose, bool colour, size_t *len)
{
	const struct ft_text_options opts = { .verbose = verbose, .colour = colour };
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	assert_int_equal(ft_run__group(run), 0);
	assert_int_equal(ft_text__report(run, &opts, f), 0);
	fclose(f);
	fixture__free(run);
	return text;
}

static void check(struct ft_run *run, bool verbose, bool colour, const char *golden)
{
	size_t len;
	char *text = render(run, verbose, colour, &len);

	golden__check(golden, text, len);
}

static void test_leak(void **state)
{
	(void)state;
	check(fixture__leak(), false, false, "render/leak.txt");
	check(fixture__leak(), true, false, "render/leak-v.txt");
	check(fixture__leak(), false, true, "render/leak-colour.txt");
}

static void test_fixed(void **state)
{
	(void)state;
	check(fixture__fixed(), false, false, "render/fixed.txt");
	check(fixture__fixed(), true, false, "render/fixed-v.txt");
}

/* Fifty alike are told once. */
static void test_many(void **state)
{
	(void)state;
	check(fixture__many(), false, false, "render/many.txt");
}

static void test_long(void **state)
{
	size_t len, whole;
	char *text;

	(void)state;
	check(fixture__long(), false, false, "render/long.txt");
	text = render(fixture__long(), false, false, &len);
	free(text);
	text = render(fixture__long(), true, false, &whole);
	assert_null(strstr(text, "shown with -v"));
	assert_true(whole > 20 * len);
	free(text);
}

static void test_odd(void **state)
{
	size_t len;
	char *text;

	(void)state;
	check(fixture__odd(), true, false, "render/odd-v.txt");
	/* a task's name reaches no terminal unharmed */
	text = render(fixture__odd(), true, false, &len);
	assert_null(memchr(text, '\033', len));
	assert_null(strstr(text, "\xc2\x9b"));
	free(text);
}

/* Of each unit who has it; what is still allocated is no finding by itself. */
static void test_owners(void **state)
{
	const struct ft_text_options strict = { .strict = true };
	struct ft_run *run = fixture__owners();
	char *text = NULL;
	size_t len, i;
	FILE *f;

	(void)state;
	check(fixture__owners(), false, false, "render/owners.txt");
	check(fixture__owners(), true, false, "render/owners-v.txt");
	for (i = 0; i < 8; i++)
		run->folios[i]->verdict = FT_VERDICT_FREED;
	run->verdict = FT_RUN_PASS;
	f = open_memstream(&text, &len);
	assert_int_equal(ft_run__group(run), 0);
	assert_int_equal(ft_text__report(run, &strict, f), 0);
	fclose(f);
	assert_int_equal(strncmp(text, "FAIL: 5 pages are still allocated\n", 34), 0);
	free(text);
	text = render(run, false, false, &len);
	assert_int_equal(strncmp(text, "PASS: ", 6), 0);
	free(text);
}

/* A full disk is found, not passed over. */
static void test_write_error(void **state)
{
	const struct ft_text_options opts = { 0 };
	struct ft_run *run = fixture__leak();
	FILE *f = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(f);
	setvbuf(f, NULL, _IONBF, 0);
	assert_int_equal(ft_run__group(run), 0);
	assert_true(ft_text__report(run, &opts, f) < 0);
	fclose(f);
	fixture__free(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leak),	    cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_many),	    cmocka_unit_test(test_long),
		cmocka_unit_test(test_owners),	    cmocka_unit_test(test_odd),
		cmocka_unit_test(test_write_error),
	};

	return cmocka_run_group_tests_name("render_text", tests, NULL, NULL);
}
