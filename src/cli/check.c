// SPDX-License-Identifier: GPL-2.0
/* folio-trace check: a capture against an expectation, or the model. */
#include <argp.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/gate.h"
#include "cli/input.h"

struct check_options {
	struct gate_options gate;
	const char *path;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct check_options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->gate;
		return 0;
	case ARGP_KEY_ARG:
		input__argument(&o->path, arg, state);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_child children[] = { { .argp = &gate_argp }, { 0 } };

static const struct argp argp = {
	.parser = parse,
	.children = children,
	.args_doc = "[FILE]",
	.doc = "Compare a capture with an expectation ('folio-trace expect' writes one), and "
	       "report what differs: expected and seen counts, the folio's timeline, the reference "
	       "that was lost.\vFILE is " FT_DEFAULT_CAPTURE
	       " if not given. Exit status: 0 as expected; "
	       "1 not as expected; 3 inconclusive; 125 folio-trace failed.",
};

static int check(struct gate *g, const struct check_options *o, struct ft_error *err)
{
	const char *name = o->path ? o->path : FT_DEFAULT_CAPTURE;
	struct ft_run *run = NULL;
	int code = gate__open(g, &o->gate, err), fd = -1;

	if (!code)
		code = cli_open(o->path, &fd, err);
	if (!code)
		code = gate__judge(g, fd, name, &run, err);
	if (!code)
		code = gate__write(g, run, err);
	code = code ? gate__status(&o->gate, cli_error(err)) : gate__exit(g);
	gate__close(g);
	ft_run__free(run);
	if (fd >= 0)
		close(fd);
	return code;
}

int cmd_check(int argc, char **argv)
{
	struct check_options o = { 0 };
	struct ft_error err = { 0 };
	struct gate g;

	if (cli_parse(&argp, argc, argv, &o))
		return FT_EXIT_FAILURE;
	return check(&g, &o, &err);
}
