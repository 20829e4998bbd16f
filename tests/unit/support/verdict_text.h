/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FT_TEST_VERDICT_TEXT_H
#define FT_TEST_VERDICT_TEXT_H

#include "model.h"

/*
 * A run as a few lines that are easy to write by hand:
 *
 *   verdict inconclusive                  and, if there is a reason,
 *   because folios_inconclusive
 *   count balanced 0 freed 1 inconclusive 0 leak 1 overput 0 none 0
 *   folio F1 leak anon order 9 final 1/0 expected 0 surplus 1
 *   checkpoint F1 src 0 remove_migration_ptes:entry 2/0 expected 1 surplus 1
 *   lost F1 get likely in __migrate_device_pages
 *
 * Folios that are balanced, freed or not judged are optional in an expectation.
 */
char *verdict_text(const struct ft_run *run);
/* 0 if every line of expected is there, and no line that must be is missing
 * from it; else what differs goes to stderr. */
int verdict_compare(const char *name, const char *expected, const char *got);

/* What a test wants: the code, and its numbers. */
#define BECAUSE(code_, ...)                                                                        \
	{                                                                                          \
		.code = (code_), .n = { __VA_ARGS__ }                                              \
	}

/* The word of its code; "nothing" if there is none. */
const char *reason_word(const struct ft_reason *reason);

#endif /* FT_TEST_VERDICT_TEXT_H */
