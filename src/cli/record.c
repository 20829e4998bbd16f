// SPDX-License-Identifier: GPL-2.0
/* folio-trace record: a capture for later, of a command, of processes, of all. */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/trace.h"

enum { OPT_ORDER = 256, OPT_PFN };

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "Write the capture to FILE (default " FT_DEFAULT_CAPTURE ")",
	  0 },
	{ "pid", 'p', "PID[,PID...]", 0,
	  "Folios that these processes, with all their threads and what they start from now on, "
	  "have a hand in",
	  0 },
	{ "all", 'a', NULL, 0, "Folios that anything in the system but folio-trace has a hand in",
	  0 },
	{ "duration", 'd', "SECONDS", 0,
	  "End after this time; CMD then gets SIGTERM, and SIGKILL 5 s later", 0 },
	{ "order", OPT_ORDER, "N[,N...]", 0,
	  "Only folios of these orders when first seen, and what they are split into", 1 },
	{ "pfn", OPT_PFN, "PFN[-PFN]", 0, "Only folios with a page in this range", 1 },
	{ 0 },
};

static void add_pids(struct argp_state *state, struct trace_options *o, char *list)
{
	char *save = NULL, *word, *end;

	for (word = strtok_r(list, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		long pid = strtol(word, &end, 10);

		if (end == word || *end || pid <= 0 || pid > 1 << 22)
			argp_error(state, "'%s' is no PID", word);
		if (o->nr_pids == TRACE_PIDS_MAX)
			argp_error(state, "more than %d PIDs", TRACE_PIDS_MAX);
		o->pids[o->nr_pids++] = pid;
	}
}

static void check(struct argp_state *state, const struct trace_options *o)
{
	if (o->nr_pids && (o->all || o->argv))
		argp_error(state, "-p goes neither with -a nor with a command");
	if (!o->nr_pids && !o->all && !o->argv)
		argp_error(state, "whose folios? Give -p PID, -a, or -- CMD [ARG...]");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct trace_options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = o;
		return 0;
	case 'o':
		o->output = arg;
		return 0;
	case 'p':
		add_pids(state, o, arg);
		return 0;
	case 'a':
		o->all = true;
		return 0;
	case 'd':
		if (trace_options__seconds(arg, &o->duration_ns))
			argp_error(state, "'%s' is no number of seconds", arg);
		return 0;
	case OPT_ORDER:
		if (ft_filter__orders(&o->only, arg))
			argp_error(state, "--order takes numbers up to 63, not '%s'", arg);
		return 0;
	case OPT_PFN:
		if (o->only.nr_pfns || ft_filter__pfns(&o->only, arg) || o->only.nr_pfns > 1)
			argp_error(state, "--pfn takes one number or range, not '%s'", arg);
		return 0;
	case ARGP_KEY_ARG:
		return trace_options__command(o, state);
	case ARGP_KEY_END:
		check(state, o);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_child children[] = { { .argp = &trace_argp }, { 0 } };

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.children = children,
	.args_doc = "-p PID[,PID...]\n-a [-- CMD [ARG...]]\n-- CMD [ARG...]",
	.doc = "Records a capture, for 'report', 'timeline' and 'export' to read: until CMD ends, "
	       "the processes of -p have ended, SECONDS have passed, or SIGINT or SIGTERM comes."
	       "\vWith CMD as in 'run': the folios that CMD and its children map, fault in, "
	       "migrate or split, from before CMD's first instruction. With -p and -a everything "
	       "starts when folio-trace is armed (see --ready-file), and a folio counts from the "
	       "first hook at which a process in question touches it, whoever touches it later, "
	       "until it is freed. What it holds beyond its expected count at its first stable "
	       "reading is its baseline; what is judged is the change since. Children that a "
	       "process of -p had before are not followed: name them too. PIDs are those of "
	       "folio-trace's own PID namespace. "
	       "The exit status is 0 when the capture is whole, whatever it shows and whatever "
	       "CMD returned; 4 this kernel or user cannot trace; 125 folio-trace failed; "
	       "126, 127 CMD cannot be executed, is not found.",
};

static int finished(const struct trace *t, struct ft_error *err)
{
	const struct writer *w = &t->writer;

	if (w->error)
		return ft_fail(err, w->error, FT_EXIT_FAILURE, "%s: the capture is cut off: %s",
			       w->name, strerror(-w->error));
	fprintf(stderr, "folio-trace: %s: %llu events on %llu folios\n", w->name,
		(unsigned long long)session__counter(t->session, FT_CNT_EVENTS),
		(unsigned long long)session__counter(t->session, FT_CNT_FOLIOS));
	return 0;
}

int cmd_record(int argc, char **argv)
{
	struct trace_options o;
	struct ft_error err = { 0 };
	struct trace t;
	int rc;

	cli_argp_setup();
	trace_options__init(&o, "record");
	o.output = FT_DEFAULT_CAPTURE;
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &o))
		return FT_EXIT_FAILURE;
	trace__init(&t, &o);
	rc = trace__record(&t, &err);
	if (!rc)
		rc = finished(&t, &err);
	rc = rc ? cli_error(&err) : 0;
	trace__close(&t);
	return rc;
}
