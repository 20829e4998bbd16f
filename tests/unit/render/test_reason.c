// SPDX-License-Identifier: GPL-2.0
/* The table of sentences: whole, its placeholders, its words as the schemas have them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "render.h"
#include "render/holders.h"
#include "render/reason.h"

static struct ft_site put = { .function = "f_put", .offset = 0x20, .module = "m" };
static struct ft_site get = { .function = "f_get", .offset = 0x10 };
static struct ft_site call = { .function = "f_call", .returns = true };
static struct ft_site void_call = { .function = "f_void" };
static struct ft_event first = { .op = FT_OP_ENTER, .site = &call, .refcount = 2, .mapcount = 1 };
static struct ft_event last = { .op = FT_OP_SNAPSHOT, .site = &call, .refcount = 3 };
static struct ft_candidate candidates[] = { { .site = &get, .p = 0.75 },
					    { .site = &put, .p = 0.25 } };
static struct ft_step steps[] = { { .what = FT_STEP_CALL, .function = "f_call" },
				  { .what = FT_STEP_CHECKPOINT, .at = FT_AT_RMP_ENTRY } };

static struct ft_lost lost_for(enum ft_reason_code code)
{
	return (struct ft_lost){
		.event = &last,
		.after = &first,
		.in = &call,
		.reason = { code, { 3, 1 }, &put, NULL },
		.site = &get,
		.candidates = candidates,
		.nr_candidates = 2,
		.answer = { code, { 2, 1 }, &put, NULL },
		.answered_caller = "f_caller",
	};
}

static struct reason_text sentence(enum ft_reason_code code)
{
	const struct ft_diff_timeline timeline = {
		.reason = { code, { 1 }, &get, NULL },
		.put = &put,
		.put_caller = "f_caller",
		.before = &steps[0],
		.differs = &steps[1],
	};
	const struct ft_reason reason = { code, { 1, 2, 3 }, &get, "comm" };
	const struct ft_lost lost = lost_for(code);

	if (code >= FT_REASON_PUT_IN_OTHER_RUN)
		return reason__of_diff(&timeline);
	if (code >= FT_REASON_ANSWER_UNKNOWN && code <= FT_REASON_ANSWERED_BY_OTHER_TASK)
		return reason__answer(&lost);
	if (code >= FT_REASON_INFERRED_FIRST_READING && code <= FT_REASON_BEFORE_FIRST_OPERATION)
		return reason__of_lost(&lost);
	return reason__text(&reason);
}

/* Each code has a sentence without a placeholder left, and no two have the same. */
static void test_every_code(void **state)
{
	int code, other;
	(void)state;

	for (code = 1; code < FT_REASON_COUNT; code++) {
		struct reason_text text = sentence(code);

		if (!text.s[0] || strpbrk(text.s, "{}?|") || strstr(text.s, "  "))
			fail_msg("%d: \"%s\"", code, text.s);
		for (other = 1; other < code; other++)
			if (!strcmp(text.s, sentence(other).s))
				fail_msg("%d is as %d", code, other);
	}
	assert_string_equal(reason__text(&(struct ft_reason){ 0 }).s, "");
}

static json_t *words_of(json_t *schema)
{
	json_t *codes = json_object_get(json_object_get(schema, "definitions"), "reason_code");

	return json_object_get(codes, "enum");
}

static bool is_word(const char *word)
{
	int code;

	for (code = 1; code < FT_REASON_COUNT; code++)
		if (!strcmp(ft_reason__name(code), word))
			return true;
	return false;
}

/* The document's schema lists all codes in order, those of why and diff some; then null. */
static void test_schemas(void **state)
{
	static const char *const files[] = { "include/folio-trace.schema.json",
					     "include/folio-trace-why.schema.json",
					     "include/folio-trace-diff.schema.json" };
	size_t i, j, nr;
	(void)state;

	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		json_t *schema = json_load_file(files[i], 0, NULL), *words;

		assert_non_null(schema);
		words = words_of(schema);
		nr = json_array_size(words);
		assert_true(nr > 1 && (i || nr == FT_REASON_COUNT));
		for (j = 0; j + 1 < nr; j++) {
			const char *word = json_string_value(json_array_get(words, j));

			assert_non_null(word);
			if (i ? !is_word(word) : strcmp(word, ft_reason__name(j + 1)) != 0)
				fail_msg("%s has %s", files[i], word);
		}
		assert_true(json_is_null(json_array_get(words, j)));
		json_decref(schema);
	}
}

/* docs/captures.md has a row for each code that a document can have. */
static void test_documented(void **state)
{
	static char text[1 << 16];
	FILE *f = fopen("docs/captures.md", "r");
	int code;
	(void)state;

	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	for (code = 1; code < FT_REASON_COUNT; code++) {
		char row[64];

		if (code >= FT_REASON_ANSWER_UNKNOWN && code <= FT_REASON_FOLIOS_OUT_OF_RANGE)
			continue; /* of an answer, of a rule */
		snprintf(row, sizeof(row), "| `%s` |", ft_reason__name(code));
		if (!strstr(text, row))
			fail_msg("docs/captures.md lacks %s", ft_reason__name(code));
	}
}

static void test_words(void **state)
{
	int code, other;
	(void)state;

	assert_null(ft_reason__name(FT_REASON_NONE));
	assert_null(ft_reason__name(FT_REASON_COUNT));
	for (code = 1; code < FT_REASON_COUNT; code++) {
		const char *word = ft_reason__name(code);

		assert_non_null(word);
		assert_int_equal(strspn(word, "abcdefghijklmnopqrstuvwxyz_"), strlen(word));
		for (other = 1; other < code; other++)
			assert_string_not_equal(word, ft_reason__name(other));
	}
}

/* Numbers, plurals, names. */
static void test_parts(void **state)
{
	static const struct {
		struct ft_reason reason;
		const char *text;
	} rows[] = {
		{ { FT_REASON_SURPLUS, { 3, -1, 4 }, NULL, NULL },
		  "refcount 3 at rest, -1 expected: surplus 4" },
		{ { FT_REASON_FOLIOS_INCONCLUSIVE, { 1 }, NULL, NULL },
		  "1 folio could not be judged" },
		{ { FT_REASON_FOLIOS_INCONCLUSIVE, { 2 }, NULL, NULL },
		  "2 folios could not be judged" },
		{ { FT_REASON_TASKS_LEFT, { 1, 1 }, NULL, NULL },
		  "surplus 1, but 1 process of the command still lives and may hold it (a pipe, a "
		  "buffer under I/O)" },
		{ { FT_REASON_TASKS_LEFT, { 1, 3 }, NULL, NULL },
		  "surplus 1, but 3 processes of the command still live and may hold it (a pipe, a "
		  "buffer under I/O)" },
		{ { FT_REASON_ADOPTED_OTHER_TASK, { 2, 77 }, &get, "kswapd0" },
		  "it was there before the run; its count grew by 2 since, of which kswapd0/77 took "
		  "a reference in f_get, which is not of the command and may still hold it" },
		{ { FT_REASON_ADOPTED_OTHER_TASK, { 2 }, NULL, NULL },
		  "it was there before the run; its count grew by 2 since, of which /0 took a "
		  "reference in ?, which is not of the command and may still hold it" },
	};
	size_t i;

	(void)state;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(reason__text(&rows[i].reason).s, rows[i].text);
}

static void test_inferred(void **state)
{
	static struct ft_returned returned[] = { { &call, -12 }, { &void_call, 7 } };
	struct ft_lost lost = lost_for(FT_REASON_INFERRED_BETWEEN);
	(void)state;

	assert_string_equal(reason__of_lost(&lost).s,
			    "inferred: taken between f_call (entry) at 2/1 and the reading at rest "
			    "at 3/0 (refcount/mapcount), inside f_call");
	lost.in = NULL;
	lost.put = true;
	lost.returned = returned;
	lost.nr_returned = 2;
	assert_string_equal(reason__of_lost(&lost).s,
			    "inferred: one put too many between f_call (entry) at 2/1 and the "
			    "reading at rest at 3/0 (refcount/mapcount); meanwhile f_call = -12, "
			    "f_void returned");
	assert_string_equal(reason__after(&lost).s, "");
	lost.reason.code = FT_REASON_INFERRED_FIRST_READING;
	assert_string_equal(reason__of_lost(&lost).s,
			    "inferred: its first reading, the reading at rest at 3/0 "
			    "(refcount/mapcount), has the deficit already");
}

static void test_attributed(void **state)
{
	static struct ft_returned returned[] = { { &put, 0 },
						 { &call, 0xfffffff5 },
						 { &void_call, 7 } };
	struct ft_lost lost = lost_for(FT_REASON_CANDIDATES_UNDECIDED);
	(void)state;

	assert_string_equal(reason__of_lost(&lost).s,
			    "one of f_get+0x10 and f_put+0x20: what happened to this folio cannot "
			    "decide; this one or another of 3 like it");
	lost.reason.code = FT_REASON_BALANCED_FOLIOS_DECIDE;
	lost.reason.n[0] = 0;
	assert_string_equal(reason__of_lost(&lost).s,
			    "balanced folios of this run decide; else f_put+0x20 (p 0.25)");
	lost.put = true;
	lost.reason.code = FT_REASON_OTHERS_PAIRED_AS_SEEN;
	assert_string_equal(reason__of_lost(&lost).s,
			    "as far as was seen, every other put has its get");
	lost.returned = returned;
	lost.nr_returned = 3;
	lost.answered_in = &put;
	assert_string_equal(reason__after(&lost).s,
			    "f_put returned without it; then f_call returned -11 (-EAGAIN); then "
			    "f_void returned without a put");
}

static void test_answer(void **state)
{
	struct ft_lost lost = lost_for(FT_REASON_ANSWERED_IN_SAME_CALL);
	(void)state;

	assert_string_equal(
		reason__answer(&lost).s,
		"2 others were (with other callers) put by f_put+0x20 < f_caller, in the "
		"same call; this one was not");
	lost.answer = (struct ft_reason){ FT_REASON_ANSWERED_BY_OTHER_TASK, { 1 }, &put, NULL };
	lost.answered_in = &call;
	assert_string_equal(
		reason__answer(&lost).s,
		"1 other was put by f_put+0x20, under f_call, by another task; this one "
		"was not");
}

static void test_diff(void **state)
{
	struct ft_diff_timeline timeline = {
		.reason = { FT_REASON_PUT_IN_OTHER_RUN, { 0 }, &get, NULL },
		.put = &put,
		.put_caller = "f_caller",
		.differs = &steps[1],
	};
	(void)state;

	assert_string_equal(
		reason__of_diff(&timeline).s,
		"in B f_put [m] (called by f_caller) puts what f_get takes; in A nothing does");
	timeline.reason.code = FT_REASON_SURPLUS_IN_ONE_RUN;
	timeline.reason.n[0] = 1;
	assert_string_equal(reason__of_diff(&timeline).s,
			    "A puts, or never takes, a reference before "
			    "remove_migration_ptes:entry that B keeps; taken in f_get");
	timeline.before = &steps[0];
	timeline.reason.site = NULL;
	assert_string_equal(reason__of_diff(&timeline).s,
			    "A puts, or never takes, a reference between f_call and "
			    "remove_migration_ptes:entry that B keeps");
}

static void test_holders(void **state)
{
	static struct ft_site boundary = { .function = "f_boundary" };
	const struct ft_holder list[] = {
		{ .refs = 2, .holder = "mapping" },
		{ .refs = 1, .holder = "pipe", .get = &first, .put = &last, .site = &get },
		{ .refs = 1, .get = &first, .site = &get },
		{ .refs = 1, .get = &first, .put = &last, .site = &boundary },
		{ .refs = 1, .holder = "work in hand", .site = &call },
		{ .refs = 3 },
		{ .refs = -1 },
	};
	char text[256];
	(void)state;

	assert_string_equal(holders__text(list, 7, text, sizeof(text)),
			    "2 mappings + 1 pipe + 1 taken at f_get+0x10, never put + 1 taken in "
			    "f_boundary + 1 work in hand around f_call + 3 that nobody was seen to "
			    "take + -1 put too often");
	assert_string_equal(holders__text(list, 7, text, 5), "2 ma");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_code), cmocka_unit_test(test_words),
		cmocka_unit_test(test_schemas),	   cmocka_unit_test(test_documented),
		cmocka_unit_test(test_parts),	   cmocka_unit_test(test_inferred),
		cmocka_unit_test(test_attributed), cmocka_unit_test(test_answer),
		cmocka_unit_test(test_diff),	   cmocka_unit_test(test_holders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
