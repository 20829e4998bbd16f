/* SPDX-License-Identifier: GPL-2.0 */
/* A comparison as a list of tests, for KTAP, JUnit and text. */
#ifndef FT_RENDER_TESTS_TESTS_H
#define FT_RENDER_TESTS_TESTS_H

#include "expect.h"
#include "render.h"
#include "render/text/parts.h"

enum test_of {
	TEST_RULE,
	TEST_LEAKS,	 /* the model: a surplus that no rule expects */
	TEST_OVERPUTS,	 /* ... or the opposite */
	TEST_ALLOCATED,	 /* pages of the kernel or of a driver that are still there */
	TEST_CONCLUSIVE, /* nothing was lost that could hide a leak */
	TEST_WAIVER,
};

struct test {
	enum test_of of;
	char *name;
	enum ft_test result;
	char *why; /* of a skip, a failure or a remark; or NULL */
	const struct ft_rule *rule;
	const struct ft_deviation *deviations;
	size_t nr_deviations;
};

struct tests {
	struct test *list;
	size_t nr;
	size_t count[FT_TEST_SKIP + 1];
};

/* check NULL: nothing could be run, for the reason why; the tests are those of e then (NULL:
 * of the model alone), all skipped. The list points into what it is made of. 0 or -ENOMEM. */
int tests__init(struct tests *tests, const struct ft_test_report *report);
void tests__free(struct tests *tests);

/* Expected and seen counts, a line for each reading. */
void tests__deviations(const struct text *t, const struct test *test);
/* The folios of a test's deviations, with timeline and lost reference. Each is shown once in a
 * document, of those that are one finding one, and only so many are. 0 or -ENOMEM. */
#define TESTS_TIMELINES_MAX 5
struct tests_shown {
	const struct ft_folio *folio[TESTS_TIMELINES_MAX];
	unsigned int nr;
	uint64_t left; /* not shown: there were too many */
};
int tests__timelines(const struct text *t, const struct test *test, struct tests_shown *shown);
/* Deviations and timelines as text without colours, to be freed; NULL: no memory left. */
char *tests__explain(const struct ft_test_report *report, const struct test *test,
		     struct tests_shown *shown);

#endif /* FT_RENDER_TESTS_TESTS_H */
