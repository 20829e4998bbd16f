// SPDX-License-Identifier: GPL-2.0
/* folio-trace export: a capture in a format for other programs. */
#include <argp.h>
#include <signal.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/filter.h"
#include "cli/debug_lines.h"

enum { OPT_FORMAT = 0x100, OPT_EVENTS, OPT_ADDRESSES };

struct export_options {
	const char *path;
	struct ft_filter filter;
	struct debuginfo_options debuginfo;
	const char *output;
	const char *format;
	struct ft_json_options json;
};

static const struct argp_option options[] = {
	{ "format", OPT_FORMAT, "FORMAT", 0, "json (the default)", 0 },
	{ "events", OPT_EVENTS, "WHICH", 0,
	  "Events of which folios: 'bad' (the default: leaked, over-put, inconclusive) or 'all'",
	  0 },
	{ "addresses", OPT_ADDRESSES, NULL, 0,
	  "Kernel addresses too; they defeat KASLR, so keep the output to yourself", 0 },
	{ "output", 'o', "OUT", 0, "Write to OUT (mode 0600) and not to standard output", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct export_options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->filter;
		state->child_inputs[1] = &o->debuginfo;
		return 0;
	case OPT_FORMAT:
		if (strcmp(arg, "json"))
			argp_error(state, "unknown format '%s': json is the one there is", arg);
		o->format = arg;
		return 0;
	case OPT_EVENTS:
		if (strcmp(arg, "all") && strcmp(arg, "bad"))
			argp_error(state, "--events takes 'bad' or 'all', not '%s'", arg);
		o->json.all_events = !strcmp(arg, "all");
		return 0;
	case OPT_ADDRESSES:
		o->json.addresses = true;
		return 0;
	case 'o':
		o->output = arg;
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
	.doc = "Export a capture as one JSON document: every folio with its verdict, the events "
	       "of the bad ones.\vFILE is " FT_DEFAULT_CAPTURE " if not given. 'run --json' "
	       "writes the same document.",
};

static int export(const struct export_options *o)
{
	const struct ft_analyse_options analyse = { .keep_all_events = o->json.all_events };
	struct ft_json_options json = o->json;
	struct cli_lines lines = { 0 };
	struct ft_error err = { 0 };
	struct ft_run *run = NULL;
	int code;

	code = cli_load_filtered(o->path, &analyse, &o->filter, &run, &err);
	if (!code)
		code = cli_lines__open(&lines, run, &o->debuginfo, &err);
	json.lines = &lines.finder;
	if (!code)
		code = cli_write_json(run, o->output, &json, &err);
	cli_lines__close(&lines);
	ft_run__free(run);
	return code ? cli_error(&err) : 0;
}

int cmd_export(int argc, char **argv)
{
	struct export_options o = { .format = "json" };

	cli_argp_setup();
	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return FT_EXIT_FAILURE;
	signal(SIGPIPE, SIG_IGN);
	return export(&o);
}
