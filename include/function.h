/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of functions: what the compiler adds (".cold", ".constprop.0", ".isra.0") differs from
 * build to build and does not count.
 */
#ifndef FT_FUNCTION_H
#define FT_FUNCTION_H

#include <stdbool.h>
#include <string.h>

static inline size_t ft_function__length(const char *name)
{
	return strcspn(name, ".");
}

/* NULL is the same as NULL only. */
static inline bool ft_function__is_same(const char *a, const char *b)
{
	size_t length;

	if (!a || !b)
		return a == b;
	length = ft_function__length(a);
	return length == ft_function__length(b) && !memcmp(a, b, length);
}

#endif /* FT_FUNCTION_H */
