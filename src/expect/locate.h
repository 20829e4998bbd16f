/* SPDX-License-Identifier: GPL-2.0 */
/* The line of a value in a JSON text: jansson has it for syntax errors only. */
#ifndef FT_EXPECT_LOCATE_H
#define FT_EXPECT_LOCATE_H

#include <stddef.h>

#define LOCATE_STEPS 8

/* The path from the document to a value: by member, or by index if name is NULL. */
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

/* text: JSON that jansson has read without error. Of a path that does not exist: the position
 * of the last value on it that does. */
struct locate_position locate(const char *text, size_t size, const struct locate_path *path);

#endif /* FT_EXPECT_LOCATE_H */
