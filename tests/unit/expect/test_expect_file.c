// SPDX-License-Identifier: GPL-2.0
/* Expectation files: an error has the line and column it is about. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "expect.h"
#include "expect/locate.h"

static struct ft_expectation *read_text(const char *text, size_t size, struct ft_error *err)
{
	int fd = memfd_create("expect", MFD_CLOEXEC);
	struct ft_expectation *e;
	char path[64];

	assert_int_equal(write(fd, text, size), size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (ft_expectation__read(path, &e, err))
		assert_null(e);
	close(fd);
	return e;
}

#define HEAD "{\"schema_version\": 1,\n"
#define RULE(match, expect) HEAD "\"rules\": [{\"match\": " match ",\n \"expect\": " expect "}]}"
#define PAIRS(pairs) HEAD "\"rules\": [],\n\"pairs\": " pairs "}"
#define FINAL "{\"at\": \"final\"}"

/* The error's text behind the path. */
static const struct {
	const char *text, *error;
} wrongs[] = {
	{ "", ":1:0: '[' or '{' expected near end of file" },
	{ "[]", ":1:1: must be an object with" },
	{ HEAD "\"rules\": [,]}", ":2:11: unexpected token near ','" },
	{ HEAD "\"rules\": 1, \"rules\": 2}", "duplicate object key" },
	{ "{\"rules\": []}", ":1:1: the member \"schema_version\" is missing" },
	{ " {\"schema_version\": 2}", ":1:21: schema_version: is 2, newer than this folio-trace" },
	{ "{\"schema_version\": 0}", ":1:20: schema_version: must be 1 or more" },
	{ HEAD "\"waivers\": []}", ":1:1: the member \"rules\" is missing" },
	{ HEAD "\"rules\": {}}", ":2:10: rules: must be a list" },
	{ HEAD "\"rules\": [7]}", ":2:11: rules[0]: must be an object" },
	{ HEAD "\"rules\": [{}]}", ":2:11: rules[0]: the member \"match\" is missing" },
	{ RULE("1", "{}"), ":2:21: rules[0].match: must be an object" },
	{ RULE("{}", "{}"), ":2:21: rules[0].match: the member \"at\" is missing" },
	{ RULE("{\"at\": \"end\"}", "{}"), ":2:28: rules[0].match.at: \"end\" is neither" },
	{ RULE("{\"at\": \"final\", \"order\": 64}", "{}"), ".order: must be 0 to 63" },
	{ RULE("{\"at\": \"final\", \"order\": [0,\n 1.5]}", "{}"),
	  ":3:2: rules[0].match.order[1]: must be a whole number" },
	{ RULE("{\"at\": \"final\", \"order\": []}", "{}"), ".order: is an empty list" },
	{ RULE("{\"at\": \"final\", \"kind\": \"anonymous\"}", "{}"),
	  ":2:45: rules[0].match.kind: \"anonymous\" is not a kind of folio" },
	{ RULE("{\"at\": \"final\", \"class\": \"pins\"}", "{}"),
	  ":2:46: rules[0].match.class: \"pins\" is not a class of owners" },
	{ RULE("{\"at\": \"remove_migration_ptes:entry\", \"class\": \"pin\"}", "{}"),
	  "\"class\" is of \"final\"" },
	{ HEAD "\"strict\": 1, \"rules\": []}", ":2:11: strict: must be true or false" },
	{ RULE("{\"at\": \"final\", \"role\": \"src\"}", "{}"), "are of checkpoints" },
	{ RULE("{\"at\": \"remove_migration_ptes:entry\", \"role\": \"s\"}", "{}"),
	  ".role: \"s\" is neither" },
	{ RULE("{\"at\": \"remove_migration_ptes:entry\", \"src_is_dst\": 1}", "{}"),
	  ".src_is_dst: must be true or false" },
	{ RULE("{\"at\": \"final\", \"comm\": 1}", "{}"), ".comm: must be a string" },
	{ RULE(FINAL, "{}"), ":3:12: rules[0].expect: expects nothing" },
	{ RULE(FINAL, "{\"refcount\": \"1\"}"), ":3:25: rules[0].expect.refcount: must be" },
	{ RULE(FINAL, "{\"refcount\": {}}"), "has neither \"min\" nor \"max\"" },
	{ RULE(FINAL, "{\"surplus\": {\"min\": 2, \"max\": 1}}"), "\"min\" is greater" },
	{ RULE(FINAL, "{\"folios\": -1}"), ".folios: must not be below 0" },
	{ RULE(FINAL, "{\"mapcount\": 99999999999999999999}"), "too big integer" },
	{ HEAD "\"rules\": [], \"waivers\": [{\"match\": {}, \"reason\": \"x\"}]}",
	  ":2:36: waivers[0].match: the member \"function\" is missing" },
	{ HEAD "\"rules\": [], \"waivers\": [{\"match\": {\"function\": \"f\"}}]}",
	  ":2:26: waivers[0]: the member \"reason\" is missing" },
	{ HEAD
	  "\"rules\": [], \"waivers\": [{\"match\": {\"function\": \"f\"}, \"reason\": \"\"}]}",
	  "waivers[0].reason: is empty" },
	{ HEAD "\"rules\": [], \"waivers\": [{\"match\": {\"function\": \"f\"}, \"reason\": \"r\", "
	       "\"until\": \"v7\"}]}",
	  "waivers[0].until: \"v7\" is not a kernel release" },
	{ PAIRS("{}"), ":3:10: pairs: must be a list" },
	{ PAIRS("[1]"), ":3:11: pairs[0]: must be an object" },
	{ PAIRS("[{\"weight\": 1}]"), ":3:11: pairs[0]: the member \"get\" is missing" },
	{ PAIRS("[{\"get\": [\"f\"]}]"), "pairs[0]: the member \"weight\" is missing" },
	{ PAIRS("[{\"get\": \"f\", \"weight\": 1}]"),
	  ":3:19: pairs[0].get: must be a list of a function and up to 3 callers" },
	{ PAIRS("[{\"get\": [], \"weight\": 1}]"), "pairs[0].get: must be a list" },
	{ PAIRS("[{\"get\": [\"1\", \"2\", \"3\", \"4\", \"5\"], \"weight\": 1}]"),
	  "pairs[0].get: must be a list" },
	{ PAIRS("[{\"get\": [\"f\"], \"weight\": 1},\n{\"get\": [\"f\", 2], \"weight\": 1}]"),
	  ":4:15: pairs[1].get[1]: must be the name of a function" },
	{ PAIRS("[{\"get\": [\"f\"], \"put\": [\"\"], \"weight\": 1}]"),
	  "pairs[0].put[0]: must be the name" },
	{ PAIRS("[{\"get\": [\"f\"], \"weight\": 0}]"), "pairs[0].weight: must be 1 to" },
	{ PAIRS("[{\"get\": [\"f\"], \"weight\": 1.5}]"), "pairs[0].weight: must be a whole" },
};

static void test_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		struct ft_error err = { 0 };
		struct ft_expectation *e = read_text(wrongs[i].text, strlen(wrongs[i].text), &err);

		if (e || !strstr(err.text, wrongs[i].error))
			fail_msg("%s\nsays \"%s\", not \"%s\"", wrongs[i].text, err.text,
				 wrongs[i].error);
		assert_int_equal(err.exit, FT_EXIT_FAILURE);
	}
}

/* A cut or damaged file gives an error or expectations, and nothing else happens. */
static void test_damaged(void **state)
{
	static const char text[] = RULE("{\"at\": \"final\", \"order\": [0, 9]}",
					"{\"refcount\": {\"min\": 1}, \"surplus\": 0}");
	char copy[sizeof(text)];

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		struct ft_error err = { 0 };

		assert_null(read_text(text, i, &err));
		assert_true(err.text[0] != '\0');
		memcpy(copy, text, sizeof(text));
		copy[i] ^= 1 << i % 8;
		ft_expectation__free(read_text(copy, sizeof(text) - 1, &err));
	}
}

static void test_too_large(void **state)
{
	char *text = malloc(FT_EXPECT_BYTES_MAX + 1);
	struct ft_error err = { 0 };

	(void)state;
	memset(text, ' ', FT_EXPECT_BYTES_MAX + 1);
	assert_null(read_text(text, FT_EXPECT_BYTES_MAX + 1, &err));
	assert_non_null(strstr(err.text, "larger than"));
	free(text);
}

/* So many rows, and a name of so many bytes in each. */
static struct ft_expectation *read_pairs(unsigned int rows, int bytes, struct ft_error *err)
{
	struct ft_expectation *e;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	fprintf(f, "%s\"rules\": [], \"pairs\": [", HEAD);
	for (unsigned int i = 0; i < rows; i++)
		fprintf(f, "%s{\"get\": [\"%0*u\"], \"weight\": 1}", i ? "," : "", bytes, i);
	fprintf(f, "]}");
	fclose(f);
	e = read_text(text, size, err);
	free(text);
	return e;
}

static void test_pairs_bounded(void **state)
{
	struct ft_error err = { 0 };
	struct ft_expectation *e = read_pairs(FT_PAIRS_MAX, FT_PAIR_NAME_MAX, &err);

	(void)state;
	assert_non_null(e);
	assert_int_equal(e->pairs.nr, FT_PAIRS_MAX);
	ft_expectation__free(e);
	assert_null(read_pairs(FT_PAIRS_MAX + 1, 1, &err));
	assert_non_null(strstr(err.text, "pairs: has more than 4096 rows"));
	assert_null(read_pairs(1, FT_PAIR_NAME_MAX + 1, &err));
	assert_non_null(strstr(err.text, "pairs[0].get[0]: is longer than 255 bytes"));
}

static const char whole[] =
	"{\"$schema\": \"x\", \"schema_version\": 1, \"comment\": \"c\", \"future\": {},\n"
	" \"strict\": true,"
	" \"rules\": [{\"name\": \"n\", \"comment\": \"d\", \"match\": {\"at\": "
	"\"remove_migration_ptes:return\",\n"
	" \"order\": [0, 9], \"kind\": [\"anon\", \"file\"], \"role\": \"dst\", "
	"\"src_is_dst\": false,\n"
	" \"function\": \"f*\", \"comm\": \"c*\", \"argv\": \"a*\", \"odrer\": 1},\n"
	" \"expect\": {\"refcount\": {\"min\": 1, \"max\": 3}, \"mapcount\": {\"max\": 4},\n"
	" \"surplus\": -1, \"folios\": {\"min\": 2}}}],\n"
	" \"waivers\": [{\"match\": {\"function\": \"g\", \"module\": \"m\", \"order\": 9,"
	" \"class\": [\"pin\", \"gup\"]},\n"
	" \"reason\": \"r\", \"until\": \"7.5\"}],\n"
	" \"pairs\": [{\"get\": [\"try\\\"\\u0007\", \"a\", \"b\", \"c\"], \"put\": [\"(mapped)\"], "
	"\"weight\": 5},\n"
	" {\"get\": [\"(held)\"], \"put\": null, \"weight\": 1000000000}]}";

static void check_whole(const struct ft_expectation *e)
{
	const struct ft_rule *r = &e->rules[0];

	assert_int_equal(e->nr_rules, 1);
	assert_string_equal(e->comment, "c");
	assert_true(e->strict);
	assert_string_equal(r->name, "n");
	assert_string_equal(r->comment, "d");
	assert_int_equal(r->match.at, FT_AT_RMP_RETURN);
	assert_int_equal(r->match.orders, 1 | 1 << 9);
	assert_int_equal(r->match.kinds, 1 << FT_KIND_ANON | 1 << FT_KIND_FILE);
	assert_int_equal(r->match.role, FT_ROLE_DST);
	assert_int_equal(r->match.src_is_dst, 0);
	assert_string_equal(r->match.function, "f*");
	assert_string_equal(r->match.comm, "c*");
	assert_string_equal(r->match.argv, "a*");
	assert_int_equal(r->field[FT_FIELD_REFCOUNT].min, 1);
	assert_int_equal(r->field[FT_FIELD_REFCOUNT].max, 3);
	assert_true(r->field[FT_FIELD_MAPCOUNT].min == INT64_MIN);
	assert_int_equal(r->field[FT_FIELD_SURPLUS].max, -1);
	assert_int_equal(r->folios.min, 2);
	assert_true(r->folios.max == INT64_MAX);
	assert_int_equal(e->nr_waivers, 1);
	assert_string_equal(e->waivers[0].function, "g");
	assert_string_equal(e->waivers[0].module, "m");
	assert_int_equal(e->waivers[0].orders, 1 << 9);
	assert_int_equal(e->waivers[0].classes, 1 << FT_OWNER_PIN | 1 << FT_OWNER_GUP);
	assert_string_equal(e->waivers[0].until, "7.5");
	assert_int_equal(e->pairs.nr, 2);
	assert_string_equal(e->pairs.list[0].get.function, "try\"\a");
	assert_string_equal(e->pairs.list[0].get.caller[2], "c");
	assert_string_equal(e->pairs.list[0].put.function, "(mapped)");
	assert_null(e->pairs.list[0].put.caller[0]);
	assert_int_equal(e->pairs.list[0].weight, 5);
	assert_null(e->pairs.list[1].put.function);
	assert_int_equal(e->pairs.list[1].weight, FT_PAIR_WEIGHT_MAX);
}

static void test_round_trip(void **state)
{
	struct ft_error err = { 0 };
	struct ft_expectation *e = read_text(whole, strlen(whole), &err);
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	(void)state;
	assert_non_null(e);
	check_whole(e);
	assert_int_equal(e->rules[0].line, 2);
	assert_int_equal(e->nr_ignored, 2);
	assert_non_null(strstr(e->ignored[0], ":1:65: unknown member \"future\" is ignored"));
	assert_non_null(strstr(e->ignored[1], ":4:57: unknown member \"odrer\" is ignored"));
	assert_int_equal(ft_expectation__write(e, f), 0);
	fclose(f);
	ft_expectation__free(e);
	e = read_text(text, size, &err);
	assert_non_null(e);
	check_whole(e);
	ft_expectation__free(e);
	free(text);
}

static void test_locate(void **state)
{
	static const char text[] =
		"\t{\"\\u0061\" : \"\xc3\xa4\" , \"b\": [ {\"b\": 1},\n[] , 2 ] }";
	struct locate_path path = { .nr = 1, .step = { { "a", 0 }, { NULL, 2 } } };
	struct locate_position p = locate(text, strlen(text), &path);

	(void)state;
	assert_int_equal(p.line, 1);
	assert_int_equal(p.column, 14);
	path.nr = 2;
	path.step[0].name = "b";
	p = locate(text, strlen(text), &path);
	assert_int_equal(p.line, 2);
	assert_int_equal(p.column, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong),	  cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_too_large), cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_locate),	  cmocka_unit_test(test_pairs_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
