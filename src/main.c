// SPDX-License-Identifier: GPL-2.0
/* folio-trace COMMAND [ARG...]: the table of commands. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static int cmd_help(int argc, char **argv);
static int cmd_version(int argc, char **argv);

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "run", cmd_run, "trace a command, report its folios' reference counts" },
	{ "record", cmd_record, "write a capture of a command, processes or the system" },
	{ "report", cmd_report, "the report of a capture" },
	{ "timeline", cmd_timeline, "what happened to each folio of a capture" },
	{ "export", cmd_export, "a capture as JSON" },
	{ "expect", cmd_expect, "an expectation of good captures, for check" },
	{ "check", cmd_check, "a capture against an expectation or the model: a gate" },
	{ "why", cmd_why, "failed splits and migrations: which references were too many" },
	{ "diff", cmd_diff, "two captures: the first divergence, pairs, calls, verdicts" },
	{ "doctor", cmd_doctor, "what this kernel and user allow, and what would give more" },
	{ "help", cmd_help, "this, or the help of a command" },
	{ "version", cmd_version, "the version of folio-trace" },
};

#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const struct command *find(const char *name)
{
	size_t i;

	if (!strcmp(name, "-h") || !strcmp(name, "--help"))
		name = "help";
	if (!strcmp(name, "-V") || !strcmp(name, "--version"))
		name = "version";
	for (i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int unknown(const char *name)
{
	fprintf(stderr, "folio-trace: '%s' is not a command; 'folio-trace help' lists them\n",
		name);
	return FT_EXIT_FAILURE;
}

static int call(const struct command *c, int argc, char **argv)
{
	char name[64];

	/* argp prints argv[0] in usage and error lines */
	snprintf(name, sizeof(name), "folio-trace %s", c->name);
	argv[0] = name;
	return c->run(argc, argv);
}

static void usage(FILE *out)
{
	size_t i;

	fputs("folio-trace finds leaked folio references: it watches the kernel's memory\n"
	      "management while a command runs, and reports with which reference count each\n"
	      "folio ends, which count it should have, and where a reference that is too many\n"
	      "was taken.\n"
	      "\n"
	      "  folio-trace run -- CMD [ARG...]\n"
	      "  folio-trace report [" FT_DEFAULT_CAPTURE "]\n"
	      "\n"
	      "Commands:\n",
	      out);
	for (i = 0; i < NR_COMMANDS; i++)
		fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].help);
	fputs("\n'folio-trace COMMAND --help' has the options of one.\n", out);
}

static int cmd_help(int argc, char **argv)
{
	char help[] = "--help";
	char *sub[] = { argv[0], help, NULL };
	const struct command *c;

	if (argc < 2) {
		usage(stdout);
		return fflush(stdout) ? FT_EXIT_FAILURE : 0;
	}
	c = find(argv[1]);
	if (!c)
		return unknown(argv[1]);
	if (c->run == cmd_help || c->run == cmd_version)
		return call(c, 1, sub);
	return call(c, 2, sub);
}

static int cmd_version(int argc, char **argv)
{
	(void)argc, (void)argv;
	puts("folio-trace " FT_VERSION);
	return fflush(stdout) ? FT_EXIT_FAILURE : 0;
}

int main(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2) {
		usage(stderr);
		return FT_EXIT_FAILURE;
	}
	c = find(argv[1]);
	if (!c)
		return unknown(argv[1]);
	return call(c, argc - 1, argv + 1);
}
