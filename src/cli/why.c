// SPDX-License-Identifier: GPL-2.0
/* folio-trace why: failed splits and migrations, and who held the folio. */
#include <argp.h>

#include "cli/cli.h"
#include "cli/input.h"
#include "cli/view.h"

struct why_options {
	struct input_options input;
	struct view_options view;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct why_options *o = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->input;
		state->child_inputs[1] = &o->view;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_child children[] = {
	{ .argp = &input_argp },
	{ .argp = &view_argp },
	{ 0 },
};

static const struct argp argp = {
	.parser = parse,
	.children = children,
	.args_doc = "[FILE]",
	.doc = "For every split or migration of a folio that failed with -EAGAIN or -EBUSY because "
	       "of references to it: which references were too many, and where each was taken."
	       "\vFILE is " FT_DEFAULT_CAPTURE " if not given. A capture of the source inline or "
	       "page_ref shows who took a reference; one of the source boundary only how many "
	       "there were, and since when. The exit status is 0 whatever failed.",
};

struct rendering {
	const struct ft_run *run;
	const struct ft_why *why;
	const struct ft_text_options *text;
	const struct ft_json_options *json;
};

static int render_text(const void *arg, FILE *out)
{
	const struct rendering *r = arg;

	return ft_text__why(r->run, r->why, r->text, out);
}

static int render_json(const void *arg, FILE *out)
{
	const struct rendering *r = arg;

	return ft_json__why(r->run, r->why, r->json, out);
}

static int write_why(const struct ft_run *run, const struct why_options *o,
		     const struct ft_line_finder *lines, struct ft_error *err)
{
	const struct ft_text_options text = {
		.verbose = o->view.verbose,
		.colour = cli_colour(stdout),
		.lines = lines,
	};
	const struct ft_json_options json = { .lines = lines };
	struct ft_why *why;
	int code = ft_why__of(run, &why);

	if (code)
		return ft_fail(err, code, FT_EXIT_FAILURE, "out of memory");
	code = cli_write(NULL, o->view.json ? render_json : render_text,
			 &(struct rendering){ run, why, &text, &json }, err);
	ft_why__free(why);
	return code;
}

static int why(const struct why_options *o)
{
	const struct ft_analyse_options analyse = { .keep_all_events = true };
	struct ft_error err = { 0 };
	struct input in;
	int code = input__open(&in, &o->input, &analyse, &err);

	if (!code)
		code = write_why(in.run, o, &in.lines.finder, &err);
	input__close(&in);
	return code ? cli_error(&err) : 0;
}

int cmd_why(int argc, char **argv)
{
	struct why_options o = { 0 };

	if (cli_parse(&argp, argc, argv, &o))
		return FT_EXIT_FAILURE;
	return why(&o);
}
