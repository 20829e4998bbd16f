// SPDX-License-Identifier: GPL-2.0
/* folio-trace timeline: what happened to each folio, step by step. */
#include <argp.h>

#include "cli/cli.h"
#include "cli/input.h"

struct timeline_options {
	struct input_options input;
	bool verbose;
};

static const struct argp_option options[] = {
	{ "verbose", 'v', NULL, 0, "Whole timelines, nothing summed up or left out", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct timeline_options *o = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->input;
		return 0;
	case 'v':
		o->verbose = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_child children[] = {
	{ .argp = &input_argp },
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.children = children,
	.args_doc = "[FILE]",
	.doc = "The timeline of every folio of a capture, balanced and freed ones too: what was "
	       "called, by which task, on which CPU, with the counts before and after."
	       "\vFILE is " FT_DEFAULT_CAPTURE " if not given. Times are milliseconds since the "
	       "start of the capture. Most captures have many folios: --order, --kind, --pfn and "
	       "--comm choose.",
};

static int timeline(const struct timeline_options *o)
{
	const struct ft_analyse_options analyse = { .keep_all_events = true };
	struct input in;
	const struct ft_text_options text = {
		.verbose = o->verbose,
		.colour = cli_colour(stdout),
		.lines = &in.lines.finder,
	};
	struct ft_error err = { 0 };
	int code = input__open(&in, &o->input, &analyse, &err);

	if (!code)
		code = cli_write_timeline(in.run, &text, &err);
	input__close(&in);
	return code ? cli_error(&err) : 0;
}

int cmd_timeline(int argc, char **argv)
{
	struct timeline_options o = { 0 };

	if (cli_parse(&argp, argc, argv, &o))
		return FT_EXIT_FAILURE;
	return timeline(&o);
}
