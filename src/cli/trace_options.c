// SPDX-License-Identifier: GPL-2.0
/* The options that `run` and `record` share. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/trace.h"

enum {
	OPT_BUFFER = 0x1000,
	OPT_FOLIOS,
	OPT_SPOOL,
	OPT_BTF,
	OPT_READY,
	OPT_PID_FILE,
	OPT_SOURCE,
	OPT_SITES,
	OPT_EXACT,
	OPT_FAST,
	OPT_STACK_DEPTH,
	OPT_SETTLE,
	OPT_TIMINGS
};

static const struct argp_option options[] = {
	{ "source", OPT_SOURCE, "WORD", 0,
	  "Where reference events come from: auto (default: the most exact one there is), boundary, "
	  "inline, page_ref, or page_ref,inline",
	  9 },
	{ "sites", OPT_SITES, "GLOB", 0,
	  "Inline: only sites in functions that match (default all: a site left out is a sum that "
	  "may break)",
	  9 },
	{ "exact", OPT_EXACT, NULL, 0,
	  "Inline: no optimised kprobes while tracing, nothing is missed (default)", 9 },
	{ "fast", OPT_FAST, NULL, 0, "Inline: leave them on, and say what was missed", 9 },
	{ "stack-depth", OPT_STACK_DEPTH, "N", 0, "Frames of a stack, 0 to 32 (default 32)", 9 },
	{ "settle", OPT_SETTLE, "SECONDS", 0,
	  "At the end: how long references and mappings that nobody is seen to own are waited for, "
	  "if there are any (default 4)",
	  9 },
	{ "buffer-size", OPT_BUFFER, "SIZE", 0,
	  "Ring buffer of each CPU, a power of two (default 8M)", 10 },
	{ "max-folios", OPT_FOLIOS, "N", 0, "Folios tracked at a time (default 262144)", 10 },
	{ "spool-size", OPT_SPOOL, "SIZE", 0, "Bound of the capture without -o (default 1G)", 10 },
	{ "kernel-btf", OPT_BTF, "FILE", 0,
	  "The running kernel's BTF (default /sys/kernel/btf/vmlinux)", 10 },
	{ "ready-file", OPT_READY, "FILE", 0,
	  "Create FILE when everything is armed, before CMD starts", 11 },
	{ "pid-file", OPT_PID_FILE, "FILE", 0,
	  "Keep folio-trace's own PID in FILE while it runs; SIGINT or SIGTERM to it ends a "
	  "recording",
	  11 },
	{ "timings", OPT_TIMINGS, NULL, 0, "Say how long the start and the end took, in parts",
	  11 },
	{ 0 },
};

void trace_options__init(struct trace_options *o, const char *mode)
{
	*o = (struct trace_options){
		.mode = mode,
		.command_stdout = -1,
		.buffer_bytes = 8 << 20,
		.max_folios = 1 << 18,
		.spool_bytes = 1ULL << 30,
		.stack_depth = 32,
		.settle_ns = 4000000000LL,
	};
}

static uint64_t size_or_die(struct argp_state *state, const char *arg, uint64_t min, uint64_t max)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;
	unsigned long long v;
	int shift = 0;

	errno = 0;
	v = strtoull(arg, &end, 10);
	unit = *end ? strchr(units, *end & ~0x20) : NULL;
	if (unit) {
		shift = 10 * (unit - units + 1);
		end++;
	}
	if (errno || end == arg || *end || *arg == '-' || v > max >> shift || v << shift < min)
		argp_error(state, "'%s' is no number from %llu to %llu (K, M, G allowed)", arg,
			   (unsigned long long)min, (unsigned long long)max);
	return v << shift;
}

int trace_options__seconds(const char *arg, int64_t *ns)
{
	char *end;
	double v;

	errno = 0;
	v = strtod(arg, &end);
	if (errno || end == arg || *end || !(v >= 0.001 && v <= 1e9))
		return -EINVAL;
	*ns = (int64_t)(v * 1e9);
	return 0;
}

error_t trace_options__command(struct trace_options *o, struct argp_state *state)
{
	char **word = &state->argv[state->next - 1];

	/* the command comes only after "--", and argp has eaten that */
	if (state->quoted == 0 || state->next - 1 < state->quoted)
		argp_error(state, "'%s': the command comes after --", *word);
	o->argv = word;
	state->next = state->argc;
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct trace_options *o = state->input;

	switch (key) {
	case OPT_SOURCE:
		o->sources.word = arg;
		return 0;
	case OPT_SITES:
		o->sources.sites = strcmp(arg, "all") ? arg : NULL;
		return 0;
	case OPT_EXACT:
	case OPT_FAST:
		o->sources.fast = key == OPT_FAST;
		return 0;
	case OPT_STACK_DEPTH:
		o->stack_depth = size_or_die(state, arg, 0, 32);
		return 0;
	case OPT_SETTLE:
		if (trace_options__seconds(arg, &o->settle_ns))
			argp_error(state, "'%s' is no number of seconds", arg);
		return 0;
	case OPT_BUFFER:
		o->buffer_bytes = size_or_die(state, arg, 4096, 1U << 30);
		if (o->buffer_bytes & (o->buffer_bytes - 1))
			argp_error(state, "--buffer-size %s is no power of two", arg);
		return 0;
	case OPT_FOLIOS:
		o->max_folios = size_or_die(state, arg, 1, 1U << 26);
		return 0;
	case OPT_SPOOL:
		o->spool_bytes = size_or_die(state, arg, 1 << 16, 1ULL << 40);
		return 0;
	case OPT_BTF:
		o->kernel_btf = arg;
		return 0;
	case OPT_READY:
		o->ready_file = arg;
		return 0;
	case OPT_TIMINGS:
		o->timings = true;
		return 0;
	case OPT_PID_FILE:
		o->pid_file = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp trace_argp = { .options = options, .parser = parse };
