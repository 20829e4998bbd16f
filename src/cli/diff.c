// SPDX-License-Identifier: GPL-2.0
/* folio-trace diff: two captures side by side. */
#include <argp.h>

#include "cli/cli.h"
#include "cli/filter.h"
#include "cli/view.h"

struct diff_options {
	const char *path[2];
	int nr;
	struct ft_filter filter;
	struct view_options view;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct diff_options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->filter;
		state->child_inputs[1] = &o->view;
		return 0;
	case ARGP_KEY_ARG:
		if (o->nr == 2)
			argp_error(state, "two captures, not also '%s'", arg);
		o->path[o->nr++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (o->nr != 2)
			argp_error(state, "needs two captures: folio-trace diff A B");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_child children[] = {
	{ .argp = &filter_argp },
	{ .argp = &view_argp },
	{ 0 },
};

static const struct argp argp = {
	.parser = parse,
	.children = children,
	.args_doc = "A B",
	.doc = "Compare two captures of the same work by what was called, not by address: folios "
	       "that were split, migrated or ended wrong and whose timelines differ, step by step, "
	       "the first divergence first; gets that another put answers; functions that were "
	       "called, or failed, in one of them only. They may be of two kernels."
	       "\vExit status: 0 the same; 1 they differ; 125 folio-trace failed.",
};

struct rendering {
	const struct ft_diff *diff;
	const struct diff_options *o;
};

static int render(const void *arg, FILE *out)
{
	const struct rendering *r = arg;
	const struct ft_text_options text = {
		.verbose = r->o->view.verbose,
		.colour = cli_colour(stdout),
	};

	if (r->o->view.json)
		return ft_json__diff(r->diff, out);
	return ft_text__diff(r->diff, r->o->path[0], r->o->path[1], &text, out);
}

static int diff(const struct diff_options *o)
{
	const struct ft_analyse_options analyse = { .keep_all_events = true };
	struct ft_run *run[2] = { NULL, NULL };
	struct ft_diff *d = NULL;
	struct ft_error err = { 0 };
	int code = 0, i;

	for (i = 0; !code && i < 2; i++)
		code = cli_load_filtered(o->path[i], &analyse, &o->filter, &run[i], &err);
	if (!code && ft_diff__of(run[0], run[1], &d))
		code = ft_fail(&err, -ENOMEM, FT_EXIT_FAILURE, "out of memory");
	if (!code)
		code = cli_write(NULL, render, &(struct rendering){ d, o }, &err);
	code = code ? cli_error(&err) : d->differ ? FT_EXIT_FAIL : FT_EXIT_PASS;
	ft_diff__free(d);
	ft_run__free(run[0]);
	ft_run__free(run[1]);
	return code;
}

int cmd_diff(int argc, char **argv)
{
	struct diff_options o = { 0 };

	if (cli_parse(&argp, argc, argv, &o))
		return FT_EXIT_FAILURE;
	return diff(&o);
}
