// SPDX-License-Identifier: GPL-2.0
#include "cli/input.h"

#include "cli/filter.h"

void input__argument(const char **path, char *arg, struct argp_state *state)
{
	if (*path)
		argp_error(state, "one capture at a time, not also '%s'", arg);
	*path = arg;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input_options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->filter;
		state->child_inputs[1] = &o->debuginfo;
		return 0;
	case ARGP_KEY_ARG:
		input__argument(&o->path, arg, state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_child children[] = {
	{ .argp = &filter_argp },
	{ .argp = &lines_argp },
	{ 0 },
};

const struct argp input_argp = { .parser = parse, .children = children };

int input__open(struct input *i, const struct input_options *opts,
		const struct ft_analyse_options *analyse, struct ft_error *err)
{
	int code;

	*i = (struct input){ 0 };
	code = cli_load_filtered(opts->path, analyse, &opts->filter, &i->run, err);
	return code ? code : cli_lines__open(&i->lines, i->run, &opts->debuginfo, err);
}

void input__close(struct input *i)
{
	cli_lines__close(&i->lines);
	ft_run__free(i->run);
	i->run = NULL;
}
