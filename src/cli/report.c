// SPDX-License-Identifier: GPL-2.0
/* folio-trace report: a capture as text. Needs neither root nor the kernel. */
#include <argp.h>
#include <signal.h>

#include "cli/cli.h"
#include "cli/filter.h"
#include "cli/debug_lines.h"

struct report_options {
	const char *path;
	struct ft_filter filter;
	struct debuginfo_options debuginfo;
	bool verbose;
};

static const struct argp_option options[] = {
	{ "verbose", 'v', NULL, 0, "Every folio, whole timelines, nothing summed up", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct report_options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->filter;
		state->child_inputs[1] = &o->debuginfo;
		return 0;
	case 'v':
		o->verbose = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->path)
			argp_error(state, "one capture at a time, not also '%s'", arg);
		o->path = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{ .argp = &filter_argp },
	{ .argp = &lines_argp },
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.children = children,
	.args_doc = "[FILE]",
	.doc = "Report what a capture shows: the verdict, and the story of every folio whose "
	       "count does not add up.\vFILE is " FT_DEFAULT_CAPTURE
	       " if not given. The exit status is 0 whatever the verdict.",
};

static int report(const struct report_options *o)
{
	const struct ft_analyse_options analyse = { 0 };
	struct cli_lines lines = { 0 };
	const struct ft_text_options text = {
		.verbose = o->verbose,
		.colour = cli_colour(stdout),
		.lines = &lines.finder,
	};
	struct ft_error err = { 0 };
	struct ft_run *run = NULL;
	int code;

	code = cli_load_filtered(o->path, &analyse, &o->filter, &run, &err);
	if (!code)
		code = cli_lines__open(&lines, run, &o->debuginfo, &err);
	if (!code)
		code = cli_write_report(run, &text, &err);
	cli_lines__close(&lines);
	ft_run__free(run);
	return code ? cli_error(&err) : 0;
}

int cmd_report(int argc, char **argv)
{
	struct report_options o = { 0 };

	cli_argp_setup();
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return FT_EXIT_FAILURE;
	/* A reader that went away is an error to report, not a silent death. */
	signal(SIGPIPE, SIG_IGN);
	return report(&o);
}
