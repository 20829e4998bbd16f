// SPDX-License-Identifier: GPL-2.0
#include "cli/debug_lines.h"

enum { OPT_VMLINUX = 0x3000, OPT_DEBUG_DIR };

static const struct argp_option options[] = {
	{ 0, 0, NULL, 0,
	  "Files, lines and inlined functions come from debug info of the traced kernel, if it is "
	  "found by build id or name, or through DEBUGINFOD_URLS:",
	  6 },
	{ "vmlinux", OPT_VMLINUX, "FILE", 0, "The vmlinux with debug info of that very build", 6 },
	{ "debug-dir", OPT_DEBUG_DIR, "DIR", 0, "Look in DIR and not in /usr/lib/debug", 6 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct debuginfo_options *o = state->input;

	switch (key) {
	case OPT_VMLINUX:
		o->vmlinux = arg;
		return 0;
	case OPT_DEBUG_DIR:
		o->dir = arg;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp lines_argp = { .options = options, .parser = parse };

int cli_lines__open(struct cli_lines *l, const struct ft_run *run,
		    const struct debuginfo_options *opts, struct ft_error *err)
{
	int code = debuginfo__open(&l->debuginfo, run, opts, err);

	l->finder = debuginfo__finder(l->debuginfo);
	return code;
}

void cli_lines__close(struct cli_lines *l)
{
	debuginfo__close(l->debuginfo);
	l->debuginfo = NULL;
}
