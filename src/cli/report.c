// SPDX-License-Identifier: GPL-2.0
/* folio-trace report: a capture as text. Needs neither root nor the kernel. */
#include <argp.h>

#include "cli/cli.h"
#include "cli/filter.h"
#include "cli/gate.h"
#include "cli/input.h"

struct report_options {
	const char *path;
	struct ft_filter filter;
	struct gate_options gate; /* its format */
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct report_options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->gate;
		state->child_inputs[1] = &o->filter;
		return 0;
	case ARGP_KEY_ARG:
		input__argument(&o->path, arg, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { .argp = &format_argp },
					      { .argp = &filter_argp },
					      { 0 } };

static const struct argp argp = {
	.parser = parse,
	.children = children,
	.args_doc = "[FILE]",
	.doc = "Report what a capture shows: the verdict, and the timeline of every folio "
	       "whose reference count is not what it should be.\vFILE is " FT_DEFAULT_CAPTURE
	       " if not given. The exit status is 0 whatever the verdict.",
};

static int report(const struct report_options *o)
{
	const struct ft_analyse_options analyse = { 0 };
	struct ft_error err = { 0 };
	struct ft_run *run = NULL;
	struct gate g;
	int code = gate__open(&g, &o->gate, &err);

	if (!code)
		code = cli_load_filtered(o->path, &analyse, &o->filter, &run, &err);
	if (!code && o->gate.format == GATE_TEXT)
		code = gate__report(&g, run, &err);
	else if (!code)
		code = gate__write(&g, run, &err);
	gate__close(&g);
	ft_run__free(run);
	return code ? cli_error(&err) : 0;
}

int cmd_report(int argc, char **argv)
{
	struct report_options o = { 0 };

	if (cli_parse(&argp, argc, argv, &o))
		return FT_EXIT_FAILURE;
	return report(&o);
}
