/* SPDX-License-Identifier: GPL-2.0 */
/* A capture that a command shows: which one, which of its folios, with which source lines. */
#ifndef FT_CLI_INPUT_H
#define FT_CLI_INPUT_H

#include <argp.h>

#include "cli/debug_lines.h"
#include "model.h"

struct input_options {
	const char *path; /* NULL: FT_DEFAULT_CAPTURE */
	struct ft_filter filter;
	struct debuginfo_options debuginfo;
};

/* FILE, filter_argp and lines_argp; input: struct input_options. */
extern const struct argp input_argp;

/* For ARGP_KEY_ARG of a command that takes one capture. */
void input__argument(const char **path, char *arg, struct argp_state *state);

struct input {
	struct ft_run *run;
	struct cli_lines lines;
};

int input__open(struct input *i, const struct input_options *opts,
		const struct ft_analyse_options *analyse, struct ft_error *err);
/* Safe on one that could not be opened. */
void input__close(struct input *i);

#endif /* FT_CLI_INPUT_H */
