/* SPDX-License-Identifier: GPL-2.0 */
/* The regression gate: a run is compared with an expectation or the model. */
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
	bool strict; /* pages that are still allocated are a finding */
	struct debuginfo_options debuginfo;
};

/* --expect, --bisect, --allow-inconclusive, and those of format_argp; input: gate_options. */
extern const struct argp gate_argp;
/* --format, --strict, -v and lines_argp; input: gate_options. */
extern const struct argp format_argp;

struct gate {
	const struct gate_options *opts;
	struct ft_expectation *expectation; /* NULL: the model alone */
	struct ft_check *check;
	struct cli_lines lines; /* of the run that is shown */
	struct ft_test_report report;
};

/* Reads the expectation; warns on stderr of members that are not known. */
int gate__open(struct gate *g, const struct gate_options *opts, struct ft_error *err);
/*
 * Loads *run, the caller's to free, from the capture at fd, and compares it. Loads it a second
 * time, with all events, if a folio that differs has none: at first only those of leaked,
 * over-put and inconclusive folios are kept.
 */
int gate__judge(struct gate *g, int fd, const char *name, struct ft_run **run,
		struct ft_error *err);
/* The comparison on standard output; compares if gate__judge() did not. */
int gate__write(struct gate *g, const struct ft_run *run, struct ft_error *err);
/* The report of the run alone. */
int gate__report(struct gate *g, const struct ft_run *run, struct ft_error *err);
/* With KTAP or JUnit a document in which every test is skipped; why: nothing could be run. */
int gate__write_skipped(struct gate *g, const char *why, struct ft_error *err);
/* The exit status of the process, after gate__judge(). */
int gate__exit(const struct gate *g);
/* With --bisect 125 for a status that is neither 0 nor 1: git bisect run skips this one. */
int gate__status(const struct gate_options *opts, int status);
void gate__close(struct gate *g);

#endif /* FT_CLI_GATE_H */
