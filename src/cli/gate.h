/* SPDX-License-Identifier: GPL-2.0 */
/* The regression gate: a run against an expectation or the model, in one of its formats. */
#ifndef FT_CLI_GATE_H
#define FT_CLI_GATE_H

#include <argp.h>

#include "cli/cli.h"
#include "cli/debug_lines.h"
#include "expect.h"

enum gate_format { GATE_TEXT, GATE_KTAP, GATE_JUNIT };

struct gate_options {
	const char *expect; /* file; NULL: the model alone */
	enum gate_format format;
	bool bisect, allow_inconclusive, verbose;
	struct debuginfo_options debuginfo;
};

/* --expect, --bisect, --allow-inconclusive, and those of format_argp; input: gate_options. */
extern const struct argp gate_argp;
/* --format, -v and where debug info is, of the same options. */
extern const struct argp format_argp;

struct gate {
	const struct gate_options *opts;
	struct ft_expectation *expectation; /* NULL: the model alone */
	struct ft_check *check;
	struct cli_lines lines; /* of the run that is told of */
	struct ft_test_report report;
};

/* Reads the expectation; what of it is not known is said on stderr. */
int gate__open(struct gate *g, const struct gate_options *opts, struct ft_error *err);
/*
 * Compares the capture at fd. *run is loaded here, and again if a folio that differs
 * has no story otherwise; it is the caller's to free.
 */
int gate__judge(struct gate *g, int fd, const char *name, struct ft_run **run,
		struct ft_error *err);
/* The comparison on standard output; compares first if that was not done. */
int gate__write(struct gate *g, const struct ft_run *run, struct ft_error *err);
/* The report of the run alone. */
int gate__report(struct gate *g, const struct ft_run *run, struct ft_error *err);
/* As KTAP or JUnit: every test skipped, as nothing could be run. */
int gate__write_skipped(struct gate *g, const char *why, struct ft_error *err);
/* What the process exits with. */
int gate__exit(const struct gate *g);
/* A status that is neither 0 nor 1 is one that git bisect run skips. */
int gate__status(const struct gate_options *opts, int status);
void gate__close(struct gate *g);

#endif /* FT_CLI_GATE_H */
