/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FT_TEST_GOLDEN_TEXT_H
#define FT_TEST_GOLDEN_TEXT_H

#include <stddef.h>

/*
 * Fails the test, after showing a diff, if text is not what
 * tests/golden/NAME holds. With BLESS=1 in the environment it is written there.
 * Frees text.
 */
void golden__check(const char *name, char *text, size_t len);

#endif /* FT_TEST_GOLDEN_TEXT_H */
