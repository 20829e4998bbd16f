/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands and what they share. A command parses its own options into a
 * const struct of its own, and is the only one who prints: data on stdout, talk
 * on stderr, an error as one line "folio-trace: ...".
 */
#ifndef FT_CLI_CLI_H
#define FT_CLI_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include "error.h"
#include "model.h"
#include "render.h"

struct argp;

#define FT_DEFAULT_CAPTURE "folio-trace.data"

/* argv[0] is "folio-trace COMMAND", for argp's usage lines. */
int cmd_run(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_timeline(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_expect(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_why(int argc, char **argv);
int cmd_diff(int argc, char **argv);

/*
 * Parses the options of a command that reads captures, and lets a reader that went away be a
 * write error and not a silent death. 0, or FT_EXIT_FAILURE is due.
 */
int cli_parse(const struct argp *argp, int argc, char **argv, void *options);

/* Prints err as one line and returns what the process should exit with. */
int cli_error(const struct ft_error *err);

/* Colour on this stream: a terminal that is not dumb, NO_COLOR not set. */
bool cli_colour(FILE *out);

/* Usage errors of argp exit with FT_EXIT_FAILURE, not its EX_USAGE. To be
 * called before argp_parse(). */
void cli_argp_setup(void);

/* Opens a capture, or says what to do. path NULL: FT_DEFAULT_CAPTURE. */
int cli_open(const char *path, int *fd, struct ft_error *err);
/* Opens and judges it. */
int cli_load(const char *path, const struct ft_analyse_options *opts, struct ft_run **run,
	     struct ft_error *err);

/*
 * An output that is whole or not there: written under a temporary name beside
 * path, mode 0600, and renamed by cli_output__commit(). A device, FIFO or
 * "/dev/stdout" is written in place; path NULL is stdout.
 */
struct cli_output {
	FILE *file;
	const char *path;
	char *temporary; /* NULL: written in place */
};

int cli_output__open(struct cli_output *o, const char *path, struct ft_error *err);
/* Whether path (or NULL) could be opened, to say so before there is anything to write. */
int cli_output__check(const char *path, struct ft_error *err);
/* Flushes, checks every write so far, puts the file in place. */
int cli_output__commit(struct cli_output *o, struct ft_error *err);
/* Throws away what was written; safe on a closed one. */
void cli_output__abort(struct cli_output *o);

/* What render writes, at path. */
int cli_write(const char *path, int (*render)(const void *arg, FILE *out), const void *arg,
	      struct ft_error *err);

/* The one way to the JSON document: `run --json` and `export` agree by it. */
int cli_write_json(const struct ft_run *run, const char *path, const struct ft_json_options *opts,
		   struct ft_error *err);

/* The report, the timelines on stdout, with write errors noticed. */
int cli_write_report(const struct ft_run *run, const struct ft_text_options *opts,
		     struct ft_error *err);
int cli_write_timeline(const struct ft_run *run, const struct ft_text_options *opts,
		       struct ft_error *err);

#endif /* FT_CLI_CLI_H */
