// SPDX-License-Identifier: GPL-2.0
/* folio-trace export: a capture in a format for other programs. */
#include <argp.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/input.h"

enum { OPT_FORMAT = 0x100, OPT_EVENTS, OPT_ADDRESSES, OPT_SCHEMA };

/* build/schemas.c, made of include/ */
extern const char ft_schema_document[], ft_schema_expect[], ft_schema_why[], ft_schema_diff[],
	ft_schema_doctor[];

static const struct {
	const char *name, *text;
} schemas[] = {
	{ "json", ft_schema_document },
	{ "ndjson", ft_schema_document }, /* definitions/ndjson is a line's */
	{ "expect", ft_schema_expect },
	{ "why", ft_schema_why },
	{ "diff", ft_schema_diff },
	{ "doctor", ft_schema_doctor },
};

struct export_options {
	struct input_options input;
	const char *output;
	const char *format;
	const char *schema; /* only this is to be printed */
	struct ft_json_options json;
};

static const struct argp_option options[] = {
	{ "format", OPT_FORMAT, "FORMAT", 0,
	  "json (the default): one document; ndjson: one record a line", 0 },
	{ "schema", OPT_SCHEMA, "FORMAT", OPTION_ARG_OPTIONAL,
	  "Print the JSON Schema of json (the default), ndjson, expect, why, diff or doctor, and no capture",
	  0 },
	{ "events", OPT_EVENTS, "WHICH", 0,
	  "Events of which folios: 'bad' (the default: leaked, over-put, inconclusive) or 'all'",
	  0 },
	{ "addresses", OPT_ADDRESSES, NULL, 0,
	  "Kernel addresses too; they defeat KASLR, so keep the output to yourself", 0 },
	{ "output", 'o', "OUT", 0, "Write to OUT (mode 0600) and not to standard output", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct export_options *o = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &o->input;
		return 0;
	case OPT_FORMAT:
		if (strcmp(arg, "json") && strcmp(arg, "ndjson"))
			argp_error(state, "unknown format '%s': json or ndjson", arg);
		o->format = arg;
		return 0;
	case OPT_EVENTS:
		if (strcmp(arg, "all") && strcmp(arg, "bad"))
			argp_error(state, "--events takes 'bad' or 'all', not '%s'", arg);
		o->json.all_events = !strcmp(arg, "all");
		return 0;
	case OPT_SCHEMA:
		for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++)
			if (!strcmp(arg ? arg : "json", schemas[i].name))
				o->schema = schemas[i].text;
		if (!o->schema)
			argp_error(state,
				   "no schema of '%s': json, ndjson, expect, why, diff or doctor",
				   arg);
		return 0;
	case OPT_ADDRESSES:
		o->json.addresses = true;
		return 0;
	case 'o':
		o->output = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{ .argp = &input_argp },
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.children = children,
	.args_doc = "[FILE]",
	.doc = "Export a capture as JSON: every folio with its verdict, the events of the bad "
	       "ones.\vFILE is " FT_DEFAULT_CAPTURE " if not given. 'run --json' "
	       "writes the same document.",
};

/* A capture, open for as long as its events may be wanted. */
struct source {
	const struct export_options *opts;
	struct input in;
	struct ft_json_options json;
	int fd; /* -1: the events are in memory */
	struct ft_error *err;
};

static int each_event(void *arg, ft_event_fn fn, void *fn_arg)
{
	const struct source *s = arg;

	const char *path = s->opts->input.path;

	return ft_run__stream(s->in.run, s->fd, path ? path : FT_DEFAULT_CAPTURE, fn, fn_arg,
			      s->err);
}

static int ndjson(const void *arg, FILE *out)
{
	const struct source *s = arg;
	const struct ft_ndjson_source source = { .each = each_event, .arg = (void *)s };

	return ft_ndjson__write(s->in.run, &s->json, s->fd < 0 ? NULL : &source, out);
}

static int text(const void *arg, FILE *out)
{
	return fputs(arg, out) < 0 ? -EIO : 0;
}

/*
 * With --events all, NDJSON reads the events from the file a second time, one by one, rather
 * than from memory. Not from a pipe, and not with a filter: the file knows no folios.
 */
static int open_again(const struct export_options *o, struct source *s)
{
	bool stream = !strcmp(o->format, "ndjson") && o->json.all_events &&
		      ft_filter__is_empty(&o->input.filter);
	int code = stream ? cli_open(o->input.path, &s->fd, s->err) : 0;

	if (!code && s->fd >= 0 && lseek(s->fd, 0, SEEK_CUR) < 0) {
		close(s->fd);
		s->fd = -1;
	}
	return code;
}

static int export(const struct export_options *o, struct ft_error *err)
{
	struct source s = { .opts = o, .json = o->json, .fd = -1, .err = err };
	int code = open_again(o, &s);
	const struct ft_analyse_options analyse = { .keep_all_events = o->json.all_events &&
								       s.fd < 0 };

	if (!code)
		code = input__open(&s.in, &o->input, &analyse, err);
	s.json.lines = &s.in.lines.finder;
	if (!code && !strcmp(o->format, "ndjson"))
		code = cli_write(o->output, ndjson, &s, err);
	else if (!code)
		code = cli_write_json(s.in.run, o->output, &s.json, err);
	input__close(&s.in);
	if (s.fd >= 0)
		close(s.fd);
	return code;
}

int cmd_export(int argc, char **argv)
{
	struct export_options o = { .format = "json" };
	struct ft_error err = { 0 };
	int code;

	if (cli_parse(&argp, argc, argv, &o))
		return FT_EXIT_FAILURE;
	code = o.schema ? cli_write(o.output, text, o.schema, &err) : export(&o, &err);
	return code ? cli_error(&err) : 0;
}
