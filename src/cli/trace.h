/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One tracing session from the first check to the last frame, for `run` and `record`: check, load,
 * arm, start the command or follow processes, quiesce, disarm, end.
 */
#ifndef FT_CLI_TRACE_H
#define FT_CLI_TRACE_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "capture/attach/session.h"
#include "capture/kernel/kernel.h"
#include "capture/record/recorder.h"
#include "capture/record/writer.h"
#include "capture/run/command.h"
#include "capture/run/readings.h"
#include "capture/run/sources.h"
#include "cli/timings.h"
#include "error.h"
#include "model.h"

#define TRACE_PIDS_MAX 64

struct trace_options {
	const char *mode;   /* "run" or "record" */
	char *const *argv;  /* the command; NULL: none */
	const char *output; /* NULL: a spool that is gone after */
	int command_stdout; /* where the command writes; -1: where we do */
	pid_t pids[TRACE_PIDS_MAX];
	int nr_pids;
	bool all;
	struct ft_filter only; /* orders, and at most one range of PFNs */
	int64_t duration_ns;   /* 0: no bound */
	int64_t settle_ns;     /* how long a reference too many is waited for at the end */
	uint32_t buffer_bytes, max_folios;
	uint64_t spool_bytes;
	uint32_t stack_depth;
	struct sources_options sources;
	const char *kernel_btf; /* NULL: the running kernel's own */
	const char *ready_file, *pid_file;
	bool timings;
};

/* Options that every command that traces has; its input is a trace_options. */
extern const struct argp trace_argp;

void trace_options__init(struct trace_options *o, const char *mode);
/* For the parser of a command: takes the words after "--", exits with an error without them. */
error_t trace_options__command(struct trace_options *o, struct argp_state *state);
/* "2.5" as nanoseconds; -EINVAL. */
int trace_options__seconds(const char *arg, int64_t *ns);

struct trace {
	const struct trace_options *opts;
	struct kernel kernel;
	struct writer writer;
	struct recorder recorder;
	struct readings readings;
	struct session *session;
	struct sources sources;
	struct command command;
	struct timings timings;
};

void trace__init(struct trace *t, const struct trace_options *opts);
/* On return everything is disarmed and the capture is complete. */
int trace__record(struct trace *t, struct ft_error *err);
/* Warns on stderr if the capture was cut off. */
void trace__warn(const struct trace *t);
void trace__close(struct trace *t);

#endif /* FT_CLI_TRACE_H */
