// SPDX-License-Identifier: GPL-2.0
/* folio-trace run: trace a command's folios, report, judge. */
#include <argp.h>

<<<<<<< Updated upstream
#include <bpf/libbpf.h>

#include "capture/command.h"
#include "capture/kernel.h"
#include "capture/recorder.h"
#include "capture/session.h"
#include "capture/settle.h"
#include "capture/sources.h"
#include "capture/writer.h"
=======
>>>>>>> Stashed changes
#include "cli/cli.h"
#include "cli/trace.h"

struct run_options {
	struct trace_options trace;
	const char *json;
	bool verbose, ignore_command_status, allow_inconclusive;
<<<<<<< Updated upstream
	uint32_t buffer_bytes, max_folios;
	uint64_t spool_bytes;
	uint32_t stack_depth;
	struct sources_options sources;
	char **command;
};

enum {
	OPT_IGNORE_STATUS = 256,
	OPT_ALLOW_INCONCLUSIVE,
	OPT_BUFFER,
	OPT_FOLIOS,
	OPT_SPOOL,
	OPT_JSON,
	OPT_SOURCE,
	OPT_SITES,
	OPT_EXACT,
	OPT_FAST,
	OPT_STACK_DEPTH,
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "keep the capture in FILE (default: a spool that is gone after)",
	  0 },
	{ "json", OPT_JSON, "FILE", 0, "write the JSON document to FILE", 0 },
	{ "verbose", 'v', NULL, 0, "show balanced folios and whole timelines too", 0 },
	{ "ignore-command-status", OPT_IGNORE_STATUS, NULL, 0,
	  "with verdict pass, exit 0 whatever CMD returned", 0 },
	{ "allow-inconclusive", OPT_ALLOW_INCONCLUSIVE, NULL, 0, "exit 0 where it would be 3", 0 },
	{ "source", OPT_SOURCE, "WORD", 0,
	  "where reference events come from: auto (default), boundary, page_ref, inline, or "
	  "page_ref,inline",
	  0 },
	{ "sites", OPT_SITES, "GLOB", 0,
	  "inline: only sites in functions that match (default all: a site left out is a sum that "
	  "may break)",
	  1 },
	{ "exact", OPT_EXACT, NULL, 0,
	  "inline: no optimised kprobes while tracing, nothing is missed (default)", 1 },
	{ "fast", OPT_FAST, NULL, 0, "inline: leave them on, and say what was missed", 1 },
	{ "stack-depth", OPT_STACK_DEPTH, "N", 0, "frames of a stack, 0 to 32 (default 32)", 1 },
	{ "buffer-size", OPT_BUFFER, "SIZE", 0,
	  "ring buffer of each CPU, a power of two (default 8M)", 1 },
	{ "max-folios", OPT_FOLIOS, "N", 0, "folios tracked at a time (default 262144)", 1 },
	{ "spool-size", OPT_SPOOL, "SIZE", 0, "bound of the capture without -o (default 1G)", 1 },
=======
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
>>>>>>> Stashed changes
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct run_options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->trace;
		return 0;
<<<<<<< Updated upstream
=======
	case 'o':
		o->trace.output = arg;
		return 0;
>>>>>>> Stashed changes
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
<<<<<<< Updated upstream
	case OPT_SOURCE:
		o->sources.word = arg;
		return 0;
	case OPT_SITES:
		o->sources.sites = strcmp(arg, "all") ? arg : NULL;
		return 0;
	case OPT_EXACT:
	case OPT_FAST:
		o->sources.fast = key == OPT_FAST;
		return 0;
	case OPT_STACK_DEPTH:
		parse_size_or_die(state, arg, 0, 32, &v);
		o->stack_depth = v;
		return 0;
	case OPT_BUFFER:
		parse_size_or_die(state, arg, 4096, 1U << 30, &v);
		if (v & (v - 1))
			argp_error(state, "--buffer-size %s is no power of two", arg);
		o->buffer_bytes = v;
		return 0;
	case OPT_FOLIOS:
		parse_size_or_die(state, arg, 1, 1U << 26, &v);
		o->max_folios = v;
		return 0;
	case OPT_SPOOL:
		parse_size_or_die(state, arg, 1 << 20, 1ULL << 40, &v);
		o->spool_bytes = v;
		return 0;
=======
>>>>>>> Stashed changes
	case ARGP_KEY_ARG:
		return trace_options__command(&o->trace, state);
	case ARGP_KEY_END:
		if (!o->trace.argv)
			argp_error(state, "no command given: folio-trace run -- CMD [ARG...]");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_child children[] = { { .argp = &trace_argp }, { 0 } };

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

<<<<<<< Updated upstream
static bool has_surplus(const struct ft_wire_event *e)
{
	struct ft_expected x = ft_expected__of(ft_kind__of(e->flags), e->flags, e->order,
					       e->mapcount, e->pincount, false);

	return e->mapcount != FT_UNKNOWN && e->refcount > x.total;
}

/* All that lives from the first check to the last frame. */
struct run {
	const struct run_options *opts;
	struct kernel kernel;
	struct writer writer;
	struct recorder recorder;
	struct session *session;
	struct sources sources;
	struct command command;
};

static void status_line(const struct run *r, bool last)
{
	if (!isatty(STDERR_FILENO))
		return;
	if (last) {
		fputs("\r\033[K", stderr);
		return;
	}
	fprintf(stderr, "\r\033[Kfolio-trace: %llu events, %llu folios live, %llu lost",
		(unsigned long long)session__counter(r->session, FT_CNT_EVENTS),
		(unsigned long long)session__live_folios(r->session),
		(unsigned long long)session__counter(r->session, FT_CNT_RING_FULL));
}

static int join_tracked(void *arg)
{
	return session__join(arg);
}

/* Until the command has ended. */
static void follow(struct run *r)
{
	struct pollfd fds[] = {
		{ .fd = session__poll_fd(r->session), .events = POLLIN },
		{ .fd = r->command.signal_fd, .events = POLLIN },
	};
	struct ft_error ignored = {};
	int ticks = 0;

	while (!r->command.done) {
		poll(fds, 2, 20);
		command__signals(&r->command);
		session__drain(r->session);
		if (sources__modules(&r->sources, r->session, &r->recorder, &ignored))
			fprintf(stderr, "folio-trace: %s\n", ignored.text);
		if (++ticks % 10)
			continue;
		recorder__flush(&r->recorder);
		status_line(r, false);
	}
}

static int trace(struct run *r, struct ft_error *err)
{
	struct settle_result rest;
	struct recorder_end end = {};
	int rc, signal;

	rc = session__arm(r->session, err);
	if (!rc)
		rc = sources__arm(&r->sources, r->session, isatty(STDERR_FILENO), err);
	if (rc)
		return rc;
	rc = recorder__meta(&r->recorder,
			    &(struct recorder_meta){ .kernel = &r->kernel,
						     .session = r->session,
						     .tool_version = FT_VERSION,
						     .mode = "run",
						     .source = r->sources.word,
						     .argv = r->opts->command,
						     .cpus = r->recorder.nr_cpus },
			    err);
	if (!rc && r->sources.inlined)
		rc = recorder__sites(&r->recorder, r->sources.inlined, err);
	if (!rc)
		rc = command__start(&r->command, r->opts->command, join_tracked, r->session, err);
	if (rc)
		return rc;
	follow(r);
	rc = settle__run(r->session, &r->recorder, has_surplus, &rest, err);
	status_line(r, true);
	session__disarm(r->session);
	sources__disarm(&r->sources);
	if (!rc && r->sources.inlined) {
		end.inlined = r->sources.inlined;
		end.books = &r->sources.books;
		rc = recorder__sites(&r->recorder, end.inlined, err);
		if (!rc)
			rc = recorder__frames(&r->recorder, inline__symbols(end.inlined), err);
	}
	signal = WIFSIGNALED(r->command.status) ? WTERMSIG(r->command.status) : 0;
	end.exit_signal = signal;
	end.exit_status = signal ? -1 : WEXITSTATUS(r->command.status);
	end.rounds = rest.rounds;
	end.bound_reached = rest.bound_reached;
	end.drained = rest.drained;
	return rc ? rc : recorder__end(&r->recorder, r->session, &end, err);
}

static int record(struct run *r, struct ft_error *err)
{
	struct session_options so = {
		.stack_depth = r->opts->stack_depth,
		.ring_bytes = r->opts->buffer_bytes,
		.max_folios = r->opts->max_folios,
	};
	int rc, cpus = libbpf_num_possible_cpus();

	rc = kernel__check_rights(err);
	/* before the seconds that attaching takes, and before what -o had is gone */
	if (!rc)
		rc = command__check(r->opts->command[0], err);
	if (!rc)
		rc = cli_output__check(r->opts->json, err);
	if (!rc)
		rc = kernel__open(&r->kernel, NULL, err);
	if (!rc)
		rc = writer__open(&r->writer, r->opts->output,
				  r->opts->output ? 0 : r->opts->spool_bytes, err);
	if (!rc)
		rc = sources__open(&r->sources, &r->opts->sources, &r->kernel, &so, err);
	if (!rc && r->sources.lost[0])
		fprintf(stderr, "folio-trace: only boundaries are seen: %s\n", r->sources.lost);
	if (!rc)
		rc = recorder__open(&r->recorder, &r->writer, cpus, err);
	if (!rc)
		rc = session__open(&r->session, &r->kernel, &so, recorder__sink, &r->recorder, err);
	if (!rc)
		rc = session__load(r->session, err);
	if (!rc)
		rc = trace(r, err);
	return rc;
}

static int exit_status(const struct run *r, const struct ft_run *run)
=======
static int exit_status(const struct trace *t, const struct run_options *o, const struct ft_run *run)
>>>>>>> Stashed changes
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
	const struct ft_text_options text = { .verbose = o->verbose, .colour = cli_colour(stdout) };
	struct ft_run *run = NULL;
	int rc;

<<<<<<< Updated upstream
	if (r->writer.error)
		fprintf(stderr, "folio-trace: %s: the capture is cut off: %s\n", r->writer.name,
			r->writer.error == -EFBIG ? "the bound is reached, see --spool-size" :
						    strerror(-r->writer.error));
	rc = ft_run__load(r->writer.fd, r->writer.name,
			  &(struct ft_analyse_options){ .keep_all_events = false }, &run,
			  err);
	if (rc)
		return err->exit;
	rc = cli_write_report(run, &text, err);
	if (!rc && r->opts->json)
		rc = cli_write_json(run, r->opts->json, &(struct ft_json_options){ 0 }, err);
	rc = rc ? cli_error(err) : exit_status(r, run);
=======
	trace__warn(t);
	rc = ft_run__load(t->writer.fd, t->writer.name,
			  &(struct ft_analyse_options){ .keep_all_events = o->verbose }, &run, err);
	if (!rc)
		rc = cli_write_report(run, &text, err);
	if (!rc && o->json)
		rc = cli_write_json(run, o->json, &(struct ft_json_options){ 0 }, err);
	rc = rc ? cli_error(err) : exit_status(t, o, run);
>>>>>>> Stashed changes
	ft_run__free(run);
	return rc;
}

int cmd_run(int argc, char **argv)
{
<<<<<<< Updated upstream
	struct run_options o = { .buffer_bytes = 8 << 20,
				 .max_folios = 1 << 18,
				 .stack_depth = 32,
				 .spool_bytes = 1ULL << 30 };
	struct run r = { .opts = &o, .writer.fd = -1, .command.signal_fd = -1 };
	struct ft_error err = {};
	int rc;

	cli_argp_setup();
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &o);
	rc = record(&r, &err);
	session__close(r.session);
	sources__close(&r.sources);
	rc = rc ? cli_error(&err) : judge(&r, &err);
	recorder__close(&r.recorder);
	writer__close(&r.writer);
	kernel__close(&r.kernel);
	command__close(&r.command);
=======
	struct run_options o = { 0 };
	struct ft_error err = { 0 };
	struct trace t;
	int rc;

	cli_argp_setup();
	trace_options__init(&o.trace, "run");
	if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &o))
		return FT_EXIT_FAILURE;
	trace__init(&t, &o.trace);
	rc = trace__record(&t, &err);
	rc = rc ? cli_error(&err) : judge(&t, &o, &err);
	trace__close(&t);
>>>>>>> Stashed changes
	return rc;
}
