// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "cli/view.h"

enum { OPT_FORMAT = 0x4000 };

static const struct argp_option options[] = {
	{ "format", OPT_FORMAT, "FORMAT", 0, "text (the default) or json", 0 },
	{ "verbose", 'v', NULL, 0, "All that is known: whole stacks, every step", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct view_options *o = state->input;

	switch (key) {
	case OPT_FORMAT:
		if (strcmp(arg, "json") && strcmp(arg, "text"))
			argp_error(state, "unknown format '%s': it is text or json", arg);
		o->json = !strcmp(arg, "json");
		return 0;
	case 'v':
		o->verbose = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

const struct argp view_argp = { .options = options, .parser = parse };
