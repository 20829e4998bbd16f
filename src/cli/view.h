/* SPDX-License-Identifier: GPL-2.0 */
/* How a command shows what it found: options that `why` and `diff` share. */
#ifndef FT_CLI_VIEW_H
#define FT_CLI_VIEW_H

#include <argp.h>
#include <stdbool.h>

struct view_options {
	bool verbose, json;
};

/* A child of the command's own; its input is a struct view_options. */
extern const struct argp view_argp;

#endif /* FT_CLI_VIEW_H */
