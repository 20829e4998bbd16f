/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The commands and what they share. A command parses its options into a struct of its own.
 * Only commands print: data on stdout, messages on stderr, an error as one line
 * "folio-trace: ...".
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

/* Prints err as one line; returns the exit status of the process. */
int cli_error(const struct ft_error *err);

/* Colour on this stream: a terminal that is not dumb, NO_COLOR not set. */
bool cli_colour(FILE *out);

/* Usage errors of argp exit with FT_EXIT_FAILURE, not its EX_USAGE. To be
 * called before argp_parse(). */
void cli_argp_setup(void);

/* Opens a capture. path NULL: FT_DEFAULT_CAPTURE. The error says what to do. */
int cli_open(const char *path, int *fd, struct ft_error *err);
/* ft_run__load(), with what is shipped for the capture's kernel. */
int cli_analyse(int fd, const char *name, const struct ft_analyse_options *opts,
		struct ft_run **run, struct ft_error *err);
/* Opens and analyses it; *run is to be freed by ft_run__free(). */
int cli_load(const char *path, const struct ft_analyse_options *opts, struct ft_run **run,
	     struct ft_error *err);

/*
 * A file that is complete or absent: it is written under a temporary name in the same
 * directory, mode 0600, and renamed by cli_output__commit(). A device, a FIFO and
 * "/dev/stdout" are written in place. path NULL: stdout.
 */
struct cli_output {
	FILE *file;
	const char *path;
	char *temporary; /* NULL: written in place */
};

int cli_output__open(struct cli_output *o, const char *path, struct ft_error *err);
/* Fails if path (may be NULL) cannot be opened: an error before the run, not after it. */
int cli_output__check(const char *path, struct ft_error *err);
/* Flushes, fails if any write so far did, renames the file to path. */
int cli_output__commit(struct cli_output *o, struct ft_error *err);
/* Removes what was written; safe on a closed one. */
void cli_output__abort(struct cli_output *o);

/* A file with what render() writes. */
int cli_write(const char *path, int (*render)(const void *arg, FILE *out), const void *arg,
	      struct ft_error *err);

/* The JSON document, for `run --json` and `export`. */
int cli_write_json(const struct ft_run *run, const char *path, const struct ft_json_options *opts,
		   struct ft_error *err);

/* The report or the timelines on stdout. */
int cli_write_report(const struct ft_run *run, const struct ft_text_options *opts,
		     struct ft_error *err);
int cli_write_timeline(const struct ft_run *run, const struct ft_text_options *opts,
		       struct ft_error *err);

#endif /* FT_CLI_CLI_H */
