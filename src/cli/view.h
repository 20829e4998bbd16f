/* SPDX-License-Identifier: GPL-2.0 */
/* Options of `why` and `diff`. */
#ifndef FT_CLI_VIEW_H
#define FT_CLI_VIEW_H

#include <argp.h>
#include <stdbool.h>

struct view_options {
	bool verbose, json;
};

/* --format, -v; input: struct view_options. */
extern const struct argp view_argp;

#endif /* FT_CLI_VIEW_H */
