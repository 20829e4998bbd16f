// SPDX-License-Identifier: GPL-2.0
/* folio-trace run: trace a command's folios, report, judge. */
#include <argp.h>
#include <string.h>
#include <sys/wait.h>

#include "cli/cli.h"
#include "cli/gate.h"
#include "cli/listen.h"
#include "cli/trace.h"

struct run_options {
	struct trace_options trace;
	struct gate_options gate;
	const char *json;
	bool ignore_command_status;
};

enum { OPT_IGNORE_STATUS = 256, OPT_JSON };

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0,
	  "Keep the capture in FILE (default: a spool that is gone after)", 0 },
	{ "json", OPT_JSON, "FILE", 0, "Write the JSON document to FILE", 0 },
	{ "ignore-command-status", OPT_IGNORE_STATUS, NULL, 0,
	  "With verdict pass, exit 0 whatever CMD returned", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct run_options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->gate;
		state->child_inputs[1] = &o->trace;
		return 0;
	case 'o':
		o->trace.output = arg;
		return 0;
	case OPT_JSON:
		o->json = arg;
		return 0;
	case OPT_IGNORE_STATUS:
		o->ignore_command_status = true;
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

static const struct argp_child children[] = { { .argp = &gate_argp },
					      { .argp = &trace_argp },
					      { 0 } };

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

/* One run, from the command to its report. */
struct running {
	const struct run_options *opts;
	struct trace trace;
	struct gate gate;
	struct listener listener;
	struct ft_run *run;
	char command_why[64];
};

/* That of the verdict; with verdict pass that of the command, except in a bisection. */
static int exit_status(const struct running *r)
{
	const struct run_options *o = r->opts;
	int status = gate__exit(&r->gate);

	if (status || o->ignore_command_status || o->gate.bisect)
		return status;
	return command__exit_status(&r->trace.command);
}

/* Adds the command to the report as a test: its name, its status, its output. */
static void report_command(struct running *r)
{
	const char *slash = strrchr(r->opts->trace.argv[0], '/');
	struct ft_test_report *report = &r->gate.report;
	int status = r->trace.command.status;

	report->command = slash ? slash + 1 : r->opts->trace.argv[0];
	report->command_passed = !status;
	if (WIFSIGNALED(status))
		snprintf(r->command_why, sizeof(r->command_why), "ended by signal %d",
			 WTERMSIG(status));
	else if (status)
		snprintf(r->command_why, sizeof(r->command_why), "exit status %d",
			 WEXITSTATUS(status));
	report->command_why = status ? r->command_why : NULL;
	report->tap = r->listener.tap;
}

/* As text and without an expectation this is the report on the folios. */
static int write_report(struct running *r, struct ft_error *err)
{
	const struct gate_options *o = &r->opts->gate;

	if (o->format != GATE_TEXT)
		report_command(r);
	if (o->format == GATE_TEXT && !o->expect)
		return gate__report(&r->gate, r->run, err);
	return gate__write(&r->gate, r->run, err);
}

static int judge(struct running *r, struct ft_error *err)
{
	const struct ft_json_options json = { .lines = &r->gate.lines.finder };
	int rc;

	trace__warn(&r->trace);
	rc = gate__judge(&r->gate, r->trace.writer.fd, r->trace.writer.name, &r->run, err);
	if (!rc)
		rc = write_report(r, err);
	if (!rc && r->opts->json)
		rc = cli_write_json(r->run, r->opts->json, &json, err);
	return rc;
}

static int record(struct running *r, struct trace_options *trace, struct ft_error *err)
{
	int rc = 0, ended;

	if (r->opts->gate.format != GATE_TEXT) {
		rc = listener__start(&r->listener, err);
		trace->command_stdout = r->listener.to;
	}
	if (!rc)
		rc = trace__record(&r->trace, err);
	ended = listener__end(&r->listener, rc ? NULL : err);
	return rc ? rc : ended;
}

static int run(struct running *r, struct trace_options *trace)
{
	const struct gate_options *gate = &r->opts->gate;
	struct ft_error err = { 0 };
	/* before attaching, which takes seconds, and before the file of -o is truncated */
	int rc = cli_output__check(r->opts->json, &err);

	if (!rc)
		rc = gate__open(&r->gate, gate, &err);
	if (!rc)
		rc = record(r, trace, &err);
	if (rc && err.exit == FT_EXIT_CANNOT_TRACE) {
		report_command(r);
		gate__write_skipped(&r->gate, err.text, NULL);
	}
	if (!rc)
		rc = judge(r, &err);
	return rc ? gate__status(gate, cli_error(&err)) : exit_status(r);
}

int cmd_run(int argc, char **argv)
{
	struct run_options o = { 0 };
	struct running r = { .opts = &o, .listener.to = -1 };
	int rc;

	cli_argp_setup();
	trace_options__init(&o.trace, "run");
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &o))
		return FT_EXIT_FAILURE;
	trace__init(&r.trace, &o.trace);
	rc = run(&r, &o.trace);
	ft_run__free(r.run);
	gate__close(&r.gate);
	listener__free(&r.listener);
	trace__close(&r.trace);
	return rc;
}
