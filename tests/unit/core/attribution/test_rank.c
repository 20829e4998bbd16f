// SPDX-License-Identifier: GPL-2.0
/*
 * The lost get of real leaks. tests/golden/attribution/NAME.folios has those of a capture
 * of a stock kernel with some of its healthy folios, NAME.expected the right answers,
 * written by hand; v7-3, v6-12 and v6-1 are of three kernels under stress. If the whole
 * captures of the others are there (FT_ATTRIBUTION_DIR, else
 * ../shared/prototypes/attribution), they must give the same answers, and no healthy folio
 * may be reported.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/training_set.h"

#define GOLDEN "tests/golden/attribution/"

/* What the core finds for one folio, in the words of the .expected files. */
struct result {
	char site[2][96]; /* the best, by structure alone and with the model */
	char rival[2][96];
	const char *confidence[2];
	bool batch[2];
	char answer[96];
};

static void attribute(struct training_set *s, struct test_folio *t, bool trained,
		      struct result *out)
{
	struct ft_ref_end end = test_folio__end(t);
	struct ft_attribution a;
	struct ft_answer answer;

	training_set__tokens(s, t, &end);
	assert_int_equal(ft_attribution__of(&s->tokens, trained ? &s->model : NULL, &a), 0);
	assert_true(a.lead->nr > 0);
	out->batch[trained] = a.in_batch;
	out->confidence[trained] = ft_confidence__name(a.confidence);
	site_text(s->classes.list[a.lead->suspect[0].token->class].site, out->site[trained],
		  sizeof(out->site[0]));
	if (a.lead->nr > 1)
		site_text(s->classes.list[a.lead->suspect[1].token->class].site,
			  out->rival[trained], sizeof(out->rival[0]));
	if (!trained)
		return;
	snprintf(out->answer, sizeof(out->answer), "unknown");
	if (ft_model__answer(&s->model, &s->classes, a.lead->suspect[0].token, &answer))
		site_text(s->classes.list[answer.class].site, out->answer, sizeof(out->answer));
}

/* want: "site certain", "site|rival ambiguous" or "batch"; with the model also the answer. */
static bool fits(const struct result *got, bool trained, char *want)
{
	char *save, *site = strtok_r(want, " \n", &save), *rival;
	const char *confidence = strtok_r(NULL, " \n", &save);
	const char *answer = strtok_r(NULL, " \n", &save);

	if (!site)
		return false;
	if (!strcmp(site, "batch"))
		return got->batch[trained];
	rival = strchr(site, '|');
	if (rival)
		*rival++ = '\0';
	return !got->batch[trained] && !strcmp(site, got->site[trained]) && confidence &&
	       !strcmp(confidence, got->confidence[trained]) &&
	       (!rival || !strcmp(rival, got->rival[trained])) &&
	       (!trained || (answer && !strcmp(answer, got->answer)));
}

static int compare(const struct result *got, unsigned int nr, const char *line)
{
	char copy[512], *middle;
	bool ok;

	snprintf(copy, sizeof(copy), "%s", line);
	middle = strstr(copy, " | ");
	assert_non_null(middle);
	*middle = '\0';
	ok = fits(got, false, strchr(copy, ':') + 1);
	ok = fits(got, true, middle + 3) && ok;
	if (!ok)
		print_error(
			"want %s got folio %u: %s%s, next %s, %s | %s%s, next %s, %s, put by %s\n",
			line, nr, got->batch[0] ? "batch " : "", got->site[0], got->rival[0],
			got->confidence[0], got->batch[1] ? "batch " : "", got->site[1],
			got->rival[1], got->confidence[1], got->answer);
	return !ok;
}

/* Samples and whole captures have the leaks in the order of the .expected file. */
static void check(FILE *f, const char *name)
{
	char path[128], line[512] = "";
	struct training_set s;
	FILE *expected;
	unsigned int nr = 0;
	size_t i;
	int wrong = 0;

	snprintf(path, sizeof(path), GOLDEN "%s.expected", name);
	expected = fopen(path, "r");
	assert_non_null(expected);
	training_set__open(&s, f);
	for (i = 0; i < s.folios.nr; i++) {
		struct test_folio *t = &s.folios.list[i];
		struct result got = { 0 };

		if (!test_folio__is_surplus(t))
			continue;
		attribute(&s, t, false, &got);
		attribute(&s, t, true, &got);
		do {
			if (!fgets(line, sizeof(line), expected))
				snprintf(line, sizeof(line), "folio: none | none\n");
		} while (*line == '#');
		wrong += compare(&got, ++nr, line);
	}
	while (fgets(line, sizeof(line), expected))
		wrong += *line != '#';
	fclose(expected);
	training_set__close(&s);
	assert_int_equal(wrong, 0);
}

static void test_golden(void **state)
{
	const char *name = *state;
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), GOLDEN "%s.folios", name);
	f = fopen(path, "r");
	assert_non_null(f);
	check(f, name);
	fclose(f);
}

/* Some 80 000 folios each; takes 5 seconds each. */
static void test_whole(void **state)
{
	const char *name = *state, *dir = getenv("FT_ATTRIBUTION_DIR");
	char command[512], path[256];
	FILE *f;

	if (!dir)
		dir = "../shared/prototypes/attribution";
	snprintf(path, sizeof(path), "%s/%s.bin.xz", dir, name);
	if (access(path, R_OK) || system("command -v python3 >/dev/null")) {
		print_message("%s, or python3, is not here\n", path);
		skip();
	}
	snprintf(command, sizeof(command), "python3 tests/attribution/convert.py '%s'", path);
	f = popen(command, "r");
	assert_non_null(f);
	check(f, name);
	assert_int_equal(pclose(f), 0);
}

#define ROW(what, name)                                                                            \
	((struct CMUnitTest){ #what " " name, test_##what, NULL, NULL, (void *)(uintptr_t)name })

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROW(golden, "a"),    ROW(golden, "d2"),	   ROW(golden, "f"),
		ROW(golden, "v7-3"), ROW(golden, "v6-12"), ROW(golden, "v6-1"),
		ROW(whole, "a"),     ROW(whole, "d2"),	   ROW(whole, "f"),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
