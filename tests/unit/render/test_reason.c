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

/* The schemas list all classes, in order. */
static void test_classes(void **state)
{
	static const char *const files[] = { "include/folio-trace.schema.json",
					     "include/folio-trace-expect.schema.json" };
	size_t i, j;
	(void)state;

	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		json_t *schema = json_load_file(files[i], 0, NULL), *words;

		assert_non_null(schema);
		words = json_object_get(json_object_get(schema, "definitions"), "class");
		words = json_object_get(words, "enum");
		assert_int_equal(json_array_size(words), FT_OWNER_COUNT);
		for (j = 0; j < FT_OWNER_COUNT; j++)
			assert_string_equal(json_string_value(json_array_get(words, j)),
					    ft_owner_class__name((enum ft_owner_class)j));
		json_decref(schema);
	}
	for (j = 0; j < FT_OWNER_COUNT; j++)
		assert_string_not_equal(ft_owner_class__name((enum ft_owner_class)j), "unknown");
	assert_string_equal(ft_owner_class__name(FT_OWNER_COUNT), "unknown");
}

static const char *captures_text(void)
{
	static char text[1 << 16];
	FILE *f = fopen("docs/captures.md", "r");

	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

/* docs/captures.md has a row for each class and each state of an owner. */
static void test_owners_documented(void **state)
{
	const char *text = captures_text();
	char row[64];
	int i;
	(void)state;

	for (i = 0; i < FT_OWNER_COUNT; i++) {
		snprintf(row, sizeof(row), "| `%s` |",
			 ft_owner_class__name((enum ft_owner_class)i));
		if (!strstr(text, row))
			fail_msg("docs/captures.md lacks the class%s", row);
	}
	for (i = FT_OWNER_SHOWN; i <= FT_OWNER_GONE; i++) {
		snprintf(row, sizeof(row), "* `%s`:", ft_owner_state__name((enum ft_owner_state)i));
		if (!strstr(text, row))
			fail_msg("docs/captures.md lacks the state %s", row);
	}
}

/* docs/captures.md has a row for each code that a document can have. */
static void test_documented(void **state)
{
	const char *text = captures_text();
	int code;
	(void)state;

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
		{ { FT_REASON_ADOPTED_OTHERS_PUT, { 1, 2 }, NULL, NULL },
		  "it was there before the run; its count grew by 1 since, and tasks outside of "
		  "the command put 2 references that were the command's or from before: trace it when "
		  "nobody else uses it" },
	};
	size_t i;

	(void)state;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(reason__text(&rows[i].reason).s, rows[i].text);
}

/* Units without an owner, and those whose owner may still exist. */
static void test_owner_sentences(void **state)
{
	static const struct {
		struct ft_reason reason;
		const char *text;
	} rows[] = {
		{ { FT_REASON_PINS_LOST, { 1 }, NULL, NULL },
		  "1 pin at rest, and nobody is left who could unpin it" },
		{ { FT_REASON_PINS_LOST, { 512, 1 }, NULL, NULL },
		  "512 pins at rest, and nobody is left who could unpin them, and 1 reference "
		  "never put" },
		{ { FT_REASON_PIN_PUT_AS_REFERENCE, { 1 }, NULL, NULL },
		  "1 pin was released by a plain put, which takes a reference and leaves the pin" },
		{ { FT_REASON_PIN_PUT_AS_REFERENCE, { 3 }, NULL, NULL },
		  "3 pins were released by plain puts, which take a reference and leave the pin" },
		{ { FT_REASON_MAPPINGS_LOST, { 1, 0 }, NULL, NULL },
		  "1 mapping at rest that no page table has: nobody is left who could have it" },
		{ { FT_REASON_MAPPINGS_LOST, { 2, 33 }, NULL, NULL },
		  "2 mappings at rest that no page table has: none of the 33 processes that live "
		  "has them" },
		{ { FT_REASON_NEGATIVE_COUNT, { -1, -1, 0 }, NULL, NULL },
		  "a count is below 0 at rest: refcount -1, mapcount -1, pincount 0" },
		{ { FT_REASON_ISOLATION_LOST, { 2, 1 }, NULL, NULL },
		  "refcount 2 at rest, 1 expected: it was isolated from the LRU list and never put "
		  "back" },
		{ { FT_REASON_LOCKED_LOST, { 2, 1, 700 }, NULL, NULL },
		  "refcount 2 at rest, 1 expected, and it is still locked 700 ms after the last "
		  "operation on it: who locked it is gone" },
		{ { FT_REASON_GET_ON_FREED, { 0 }, &get, NULL },
		  "f_get took a reference after the last one had been put: the folio was free" },
		{ { FT_REASON_ROBBED, { 1, 1, 0 }, NULL, NULL },
		  "the command put 1 reference more than it had taken: 1 of who had the folio "
		  "before the run" },
		{ { FT_REASON_ROBBED, { 3, 1, 2 }, NULL, NULL },
		  "the command put 3 references more than it had taken: 1 of who had the folio "
		  "before the run, 2 of other tasks" },
		{ { FT_REASON_HELD_BY_OTHER_TASK, { 1, 99 }, &get, "outer" },
		  "surplus 1, but outer/99, which lives and is not of the command, took a "
		  "reference in f_get and may still hold it: let it end first" },
		{ { FT_REASON_MAY_HAVE_LIVING_HOLDER, { 1, FT_OWNER_IO_URING }, NULL, NULL },
		  "surplus 1, but a process that lives may hold it in an io_uring buffer: let it "
		  "end, or close that, first" },
		{ { FT_REASON_MAY_HAVE_LIVING_HOLDER, { 1, 99 }, NULL, NULL },
		  "surplus 1, but a process that lives may hold it by a reference of its own: let "
		  "it end, or close that, first" },
		{ { FT_REASON_BOUNDARY_CANNOT_TELL, { 1 }, NULL, NULL },
		  "surplus 1, and readings at boundaries cannot tell whether somebody outside of "
		  "the command holds it: trace with --source inline" },
		{ { FT_REASON_MAPPINGS_NOT_SEARCHED, { 1 }, NULL, NULL },
		  "1 mapping at rest, and not all page tables could be searched for it: trace as "
		  "root, outside of any container" },
		{ { FT_REASON_STILL_ALLOCATED, { 512 }, NULL, NULL },
		  "512 pages of the kernel or of a driver, allocated while tracing and not freed" },
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
		cmocka_unit_test(test_every_code),	cmocka_unit_test(test_words),
		cmocka_unit_test(test_classes),		cmocka_unit_test(test_owners_documented),
		cmocka_unit_test(test_owner_sentences), cmocka_unit_test(test_schemas),
		cmocka_unit_test(test_documented),	cmocka_unit_test(test_parts),
		cmocka_unit_test(test_inferred),	cmocka_unit_test(test_attributed),
		cmocka_unit_test(test_answer),		cmocka_unit_test(test_diff),
		cmocka_unit_test(test_holders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
