// SPDX-License-Identifier: GPL-2.0
/* folio-trace run: trace a command's folios, report, judge. */
#include <argp.h>

#include "cli/cli.h"
#include "cli/debug_lines.h"
#include "cli/trace.h"

struct run_options {
	struct trace_options trace;
	struct debuginfo_options debuginfo;
	const char *json;
	bool verbose, ignore_command_status, allow_inconclusive;
};

enum { OPT_IGNORE_STATUS = 256, OPT_ALLOW_INCONCLUSIVE, OPT_JSON };

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0,
	  "Keep the capture in FILE (default: a spool that is gone after)", 0 },
	{ "json", OPT_JSON, "FILE", 0, "Write the JSON document to FILE", 0 },
	{ "verbose", 'v', NULL, 0, "Show balanced folios and whole timelines too", 0 },
	{ "ignore-command-status", OPT_IGNORE_STATUS, NULL, 0,
	  "With verdict pass, exit 0 whatever CMD returned", 0 },
	{ "allow-inconclusive", OPT_ALLOW_INCONCLUSIVE, NULL, 0, "Exit 0 where it would be 3", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct run_options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->trace;
		state->child_inputs[1] = &o->debuginfo;
		return 0;
	case 'o':
		o->trace.output = arg;
		return 0;
	case OPT_JSON:
		o->json = arg;
		return 0;
	case 'v':
		o->verbose = true;
		return 0;
	case OPT_IGNORE_STATUS:
		o->ignore_command_status = true;
		return 0;
	case OPT_ALLOW_INCONCLUSIVE:
		o->allow_inconclusive = true;
		return 0;
	case ARGP_KEY_ARG:
		return trace_options__command(&o->trace, state);
	case ARGP_KEY_END:
		if (!o->trace.argv)
			argp_error(state, "no command given: folio-trace run -- CMD [ARG...]");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_child children[] = {
	{ .argp = &trace_argp },
	{ .argp = &lines_argp },
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.children = children,
	.args_doc = "-- CMD [ARG...]",
	.doc = "Traces the folios of CMD and its children from before its first instruction, "
	       "waits until they are at rest, and reports every one whose reference count is "
	       "not what it should be."
	       "\vExit status: 0 or CMD's if no folio leaks; 1 a leak or an over-put; "
	       "3 inconclusive; 4 this kernel or user cannot trace; 125 folio-trace failed; "
	       "126, 127 CMD cannot be executed, is not found.",
};

static int exit_status(const struct trace *t, const struct run_options *o, const struct ft_run *run)
{
	switch (run->verdict) {
	case FT_RUN_FAIL:
		return FT_EXIT_FAIL;
	case FT_RUN_INCONCLUSIVE:
		if (!o->allow_inconclusive)
			return FT_EXIT_INCONCLUSIVE;
		break;
	case FT_RUN_PASS:
		break;
	}
	return o->ignore_command_status ? 0 : command__exit_status(&t->command);
}

static int judge(struct trace *t, const struct run_options *o, struct ft_error *err)
{
	struct cli_lines lines = { 0 };
	const struct ft_text_options text = {
		.verbose = o->verbose,
		.colour = cli_colour(stdout),
		.lines = &lines.finder,
	};
	const struct ft_json_options json = { .lines = &lines.finder };
	struct ft_run *run = NULL;
	int rc;

	trace__warn(t);
	rc = ft_run__load(t->writer.fd, t->writer.name,
			  &(struct ft_analyse_options){ .keep_all_events = false }, &run, err);
	if (!rc)
		rc = cli_lines__open(&lines, run, &o->debuginfo, err);
	if (!rc)
		rc = cli_write_report(run, &text, err);
	if (!rc && o->json)
		rc = cli_write_json(run, o->json, &json, err);
	rc = rc ? cli_error(err) : exit_status(t, o, run);
	cli_lines__close(&lines);
	ft_run__free(run);
	return rc;
}

int cmd_run(int argc, char **argv)
{
	struct run_options o = { 0 };
	struct ft_error err = { 0 };
	struct trace t;
	int rc;

	cli_argp_setup();
	trace_options__init(&o.trace, "run");
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &o))
		return FT_EXIT_FAILURE;
	trace__init(&t, &o.trace);
	/* before the seconds that attaching takes, and before what -o had is gone */
	rc = cli_output__check(o.json, &err);
	if (!rc)
		rc = trace__record(&t, &err);
	rc = rc ? cli_error(&err) : judge(&t, &o, &err);
	trace__close(&t);
	return rc;
}
