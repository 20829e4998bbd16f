// SPDX-License-Identifier: GPL-2.0
#include "cli/gate.h"

#include <string.h>

enum { OPT_EXPECT = 0x3000, OPT_BISECT, OPT_ALLOW_INCONCLUSIVE, OPT_FORMAT, OPT_STRICT };

static const struct argp_option format_options[] = {
	{ "format", OPT_FORMAT, "FORMAT", 0, "text (the default), ktap or junit: a test a rule",
	  0 },
	{ "strict", OPT_STRICT, NULL, 0,
	  "Pages of the kernel or of a driver that are still allocated are a finding", 0 },
	{ "verbose", 'v', NULL, 0, "Show balanced folios and whole timelines too", 0 },
	{ 0 },
};

static const struct argp_option gate_only[] = {
	{ "expect", OPT_EXPECT, "FILE", 0,
	  "Compare with the expectation in FILE (default: the model, surplus 0)", 0 },
	{ "bisect", OPT_BISECT, NULL, 0,
	  "Exit as git bisect run wants it: 0 good, 1 bad, 125 for all else", 0 },
	{ "allow-inconclusive", OPT_ALLOW_INCONCLUSIVE, NULL, 0, "Exit 0 where it would be 3", 0 },
	{ 0 },
};

static error_t parse_format(int key, char *arg, struct argp_state *state)
{
	static const char *const word[] = { "text", "ktap", "junit" };
	struct gate_options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->debuginfo;
		return 0;
	case OPT_FORMAT:
		for (int i = 0; i <= GATE_JUNIT; i++)
			if (!strcmp(arg, word[i])) {
				o->format = (enum gate_format)i;
				return 0;
			}
		argp_error(state, "unknown format '%s': text, ktap or junit", arg);
		return EINVAL;
	case OPT_STRICT:
		o->strict = true;
		return 0;
	case 'v':
		o->verbose = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static error_t parse_gate(int key, char *arg, struct argp_state *state)
{
	struct gate_options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = o;
		return 0;
	case OPT_EXPECT:
		o->expect = arg;
		return 0;
	case OPT_BISECT:
		o->bisect = true;
		return 0;
	case OPT_ALLOW_INCONCLUSIVE:
		o->allow_inconclusive = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_child format_children[] = { { .argp = &lines_argp }, { 0 } };
static const struct argp_child children[] = { { .argp = &format_argp }, { 0 } };

const struct argp format_argp = {
	.options = format_options,
	.parser = parse_format,
	.children = format_children,
};

const struct argp gate_argp = { .options = gate_only, .parser = parse_gate, .children = children };

int gate__open(struct gate *g, const struct gate_options *opts, struct ft_error *err)
{
	int code;

	*g = (struct gate){ .opts = opts, .report.strict = opts->strict };
	if (!opts->expect)
		return 0;
	code = ft_expectation__read(opts->expect, &g->expectation, err);
	if (code)
		return code;
	g->report.expectation = g->expectation;
	for (size_t i = 0; i < g->expectation->nr_ignored; i++)
		fprintf(stderr, "folio-trace: %s\n", g->expectation->ignored[i]);
	return 0;
}

static int compare(struct gate *g, const struct ft_run *run, struct ft_error *err)
{
	int code = ft_check__run(run, g->expectation, g->opts->strict, &g->check);

	g->report.check = g->check;
	return code ? ft_fail(err, code, FT_EXIT_FAILURE, "out of memory") : 0;
}

int gate__judge(struct gate *g, int fd, const char *name, struct ft_run **run, struct ft_error *err)
{
	struct ft_analyse_options all = {
		.keep_all_events = ft_expectation__needs_events(g->expectation),
		.known = g->expectation ? &g->expectation->pairs : NULL,
	};
	int code = cli_analyse(fd, name, &all, run, err);

	if (!code)
		code = compare(g, *run, err);
	if (code || !g->check->events_missing || all.keep_all_events)
		return code;
	ft_check__free(g->check);
	g->check = NULL;
	ft_run__free(*run);
	all.keep_all_events = true;
	code = cli_analyse(fd, name, &all, run, err);
	return code ? code : compare(g, *run, err);
}

static struct ft_text_options text_options(const struct gate *g)
{
	return (struct ft_text_options){ .verbose = g->opts->verbose,
					 .colour = cli_colour(stdout),
					 .strict = g->opts->strict,
					 .lines = &g->lines.finder };
}

static int document(const void *arg, FILE *out)
{
	const struct gate *g = arg;
	const struct ft_text_options text = text_options(g);

	switch (g->opts->format) {
	case GATE_KTAP:
		return ft_ktap__document(&g->report, out);
	case GATE_JUNIT:
		return ft_junit__document(&g->report, out);
	case GATE_TEXT:
		break;
	}
	return ft_text__check(g->check, &text, out);
}

int gate__write(struct gate *g, const struct ft_run *run, struct ft_error *err)
{
	int code = g->check ? 0 : compare(g, run, err);

	if (!code)
		code = cli_lines__open(&g->lines, run, &g->opts->debuginfo, err);
	g->report.lines = &g->lines.finder;
	return code ? code : cli_write(NULL, document, g, err);
}

int gate__report(struct gate *g, const struct ft_run *run, struct ft_error *err)
{
	const struct ft_text_options text = text_options(g);
	int code = cli_lines__open(&g->lines, run, &g->opts->debuginfo, err);

	return code ? code : cli_write_report(run, &text, err);
}

int gate__write_skipped(struct gate *g, const char *why, struct ft_error *err)
{
	if (g->opts->format == GATE_TEXT)
		return 0;
	g->report.check = NULL;
	g->report.why = why;
	return cli_write(NULL, document, g, err);
}

int gate__status(const struct gate_options *opts, int status)
{
	return opts->bisect && status > FT_EXIT_FAIL ? FT_EXIT_FAILURE : status;
}

int gate__exit(const struct gate *g)
{
	static const int status[] = {
		[FT_RUN_PASS] = FT_EXIT_PASS,
		[FT_RUN_INCONCLUSIVE] = FT_EXIT_INCONCLUSIVE,
		[FT_RUN_FAIL] = FT_EXIT_FAIL,
	};

	if (g->check->verdict == FT_RUN_INCONCLUSIVE && g->opts->allow_inconclusive)
		return FT_EXIT_PASS;
	return gate__status(g->opts, status[g->check->verdict]);
}

void gate__close(struct gate *g)
{
	cli_lines__close(&g->lines);
	ft_check__free(g->check);
	ft_expectation__free(g->expectation);
}
