// SPDX-License-Identifier: GPL-2.0
/* folio-trace expect: an expectation of good runs. */
#include <argp.h>

#include "cli/cli.h"
#include "expect.h"

enum { OPT_COUNTS = 0x100, OPT_WAIVE, OPT_UNTIL };

struct expect_options {
	struct ft_learn_options learn;
	const char *output;
	char **captures;
	int nr;
};

static const struct argp_option options[] = {
	{ "counts", OPT_COUNTS, NULL, 0,
	  "How many folios each rule matches, too, as a range over all runs", 0 },
	{ "waive", OPT_WAIVE, "REASON", 0,
	  "Make waivers of the leaks that the runs have, and do not refuse these runs", 0 },
	{ "until", OPT_UNTIL, "RELEASE", 0,
	  "These waivers end with this kernel release, such as 7.5", 0 },
	{ "output", 'o', "OUT", 0, "Write to OUT (mode 0600) and not to standard output", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct expect_options *o = state->input;

	switch (key) {
	case OPT_COUNTS:
		o->learn.counts = true;
		return 0;
	case OPT_WAIVE:
		if (!*arg)
			argp_error(state, "--waive needs a reason");
		o->learn.waive = arg;
		return 0;
	case OPT_UNTIL:
		if (*arg < '0' || *arg > '9')
			argp_error(state, "'%s' is not a kernel release such as 7.5", arg);
		o->learn.until = arg;
		return 0;
	case 'o':
		o->output = arg;
		return 0;
	case ARGP_KEY_ARGS:
		o->captures = state->argv + state->next;
		o->nr = state->argc - state->next;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "needs captures of good runs, from 'folio-trace run -o'");
		return EINVAL;
	case ARGP_KEY_END:
		if (o->learn.until && !o->learn.waive)
			argp_error(state, "--until goes with --waive");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "CAPTURE...",
	.doc = "Write what the folios of one or more good runs count as an expectation for 'check' "
	       "and 'run --expect': JSON, to be read and edited by hand. Its ranges are the union "
	       "of the runs'.\vfolio-trace-expect(5) describes the file.",
};

static int learn(struct ft_teacher *l, const struct expect_options *o, struct ft_error *err)
{
	const struct ft_analyse_options analyse = { .learn_pairs = true };
	int code = 0;

	for (int i = 0; i < o->nr && !code; i++) {
		struct ft_run *run = NULL;

		code = cli_load(o->captures[i], &analyse, &run, err);
		if (!code)
			code = ft_teacher__add(l, run, o->captures[i], err);
		ft_run__free(run);
	}
	return code;
}

static int write_expectation(const void *e, FILE *out)
{
	return ft_expectation__write(e, out);
}

static int expect(const struct expect_options *o, struct ft_error *err)
{
	struct ft_teacher *l = ft_teacher__new(&o->learn);
	struct ft_expectation *e = NULL;
	int code = l ? learn(l, o, err) : ft_fail(err, -ENOMEM, FT_EXIT_FAILURE, "out of memory");

	if (!code)
		code = ft_teacher__finish(l, &e, err);
	if (!code)
		code = cli_write(o->output, write_expectation, e, err);
	ft_expectation__free(e);
	ft_teacher__free(l);
	return code ? cli_error(err) : 0;
}

int cmd_expect(int argc, char **argv)
{
	struct expect_options o = { 0 };
	struct ft_error err = { 0 };

	if (cli_parse(&argp, argc, argv, &o))
		return FT_EXIT_FAILURE;
	return expect(&o, &err);
}
