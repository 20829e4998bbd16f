// SPDX-License-Identifier: GPL-2.0
/* The JSON document of hand-made runs, byte for byte, and what must not be in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "render.h"
#include "support/fixture_run.h"
#include "support/golden_text.h"

static char *render(struct ft_run *run, bool all, bool addresses, size_t *len)
{
	const struct ft_json_options opts = { .all_events = all, .addresses = addresses };
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	assert_int_equal(ft_run__group(run), 0);
	assert_int_equal(ft_json__document(run, &opts, f), 0);
	fclose(f);
	fixture__free(run);
	return text;
}

static void check(struct ft_run *run, const char *golden)
{
	size_t len;
	char *text = render(run, false, false, &len);
	json_t *doc = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(doc);
	json_decref(doc);
	golden__check(golden, text, len);
}

static void test_golden(void **state)
{
	(void)state;
	check(fixture__leak(), "render/leak.json");
	check(fixture__fixed(), "render/fixed.json");
	check(fixture__odd(), "render/odd.json");
	check(fixture__owners(), "render/owners.json");
}

static void test_first_member(void **state)
{
	size_t len;
	char *text = render(fixture__leak(), false, false, &len);

	(void)state;
	assert_int_equal(strncmp(text, "{\n\"schema_version\": 1,\n", 23), 0);
	free(text);
}

/* Kernel addresses defeat KASLR: only on request, and never by accident. */
static void test_addresses(void **state)
{
	size_t len;
	char *text = render(fixture__leak(), true, false, &len);

	(void)state;
	assert_null(strstr(text, "ffff888101234561"));
	assert_null(strstr(text, "fffff6a0"));
	assert_null(strstr(text, "18446"));
	free(text);
	text = render(fixture__leak(), true, true, &len);
	assert_non_null(strstr(text, "0xffff888101234561"));
	assert_non_null(strstr(text, "0xfffff6a000480000"));
	free(text);
}

static bool has_events(struct ft_run *run, bool all)
{
	size_t len;
	char *text = render(run, all, false, &len);
	json_t *doc = json_loadb(text, len, 0, NULL);
	bool has;

	assert_non_null(doc);
	has = json_object_get(json_array_get(json_object_get(doc, "folios"), 0), "events") != NULL;
	json_decref(doc);
	free(text);
	return has;
}

static void test_events(void **state)
{
	(void)state;
	assert_true(has_events(fixture__leak(), false));
	assert_false(has_events(fixture__fixed(), false));
	assert_true(has_events(fixture__fixed(), true));
}

/* One for the over-put, one for the fifty leaks. */
static void test_findings(void **state)
{
	size_t len;
	char *text = render(fixture__many(), false, false, &len);
	json_t *doc = json_loadb(text, len, 0, NULL), *all, *leak;

	(void)state;
	all = json_object_get(doc, "findings");
	assert_int_equal(json_array_size(all), 2);
	assert_string_equal(json_string_value(json_object_get(json_array_get(all, 0), "verdict")),
			    "overput");
	leak = json_array_get(all, 1);
	assert_int_equal(json_array_size(json_object_get(leak, "folios")), 50);
	assert_int_equal(json_integer_value(json_object_get(leak, "references")), 50);
	assert_string_equal(json_string_value(json_object_get(leak, "story")), "F1");
	assert_string_equal(json_string_value(json_object_get(leak, "title")),
			    "folio leak: get in __migrate_device_pages never put (anon, order 9)");
	json_decref(doc);
	free(text);
}

static void test_write_error(void **state)
{
	const struct ft_json_options opts = { 0 };
	struct ft_run *run = fixture__leak();
	FILE *f = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(f);
	setvbuf(f, NULL, _IONBF, 0);
	assert_int_equal(ft_run__group(run), 0);
	assert_true(ft_json__document(run, &opts, f) < 0);
	fclose(f);
	fixture__free(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),	  cmocka_unit_test(test_first_member),
		cmocka_unit_test(test_addresses), cmocka_unit_test(test_events),
		cmocka_unit_test(test_findings),  cmocka_unit_test(test_write_error),
	};

	return cmocka_run_group_tests_name("render_json", tests, NULL, NULL);
}
