/* SPDX-License-Identifier: GPL-2.0 */
/* Where a value stands in a JSON text: jansson tells it of syntax errors only. */
#ifndef FT_EXPECT_LOCATE_H
#define FT_EXPECT_LOCATE_H

#include <stddef.h>

#define LOCATE_STEPS 8

/* A way from the document to a value: by member, or by index if name is NULL. */
struct locate_path {
	unsigned int nr;
	struct {
		const char *name;
		size_t index;
	} step[LOCATE_STEPS];
};

struct locate_position {
	int line, column; /* from 1; the column in characters */
};

/* text: well-formed JSON that jansson has read. A path that is not there gives the
 * position of the last value on the way to it. */
struct locate_position locate(const char *text, size_t size, const struct locate_path *path);

#endif /* FT_EXPECT_LOCATE_H */
