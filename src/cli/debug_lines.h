/* SPDX-License-Identifier: GPL-2.0 */
/* The options about debug info, and the line finder for the renderers. */
#ifndef FT_CLI_DEBUG_LINES_H
#define FT_CLI_DEBUG_LINES_H

#include <argp.h>

#include "debuginfo/debuginfo.h"

/* --vmlinux, --debug-dir; input: struct debuginfo_options. */
extern const struct argp lines_argp;

struct cli_lines {
	struct debuginfo *debuginfo;
	struct ft_line_finder finder;
};

int cli_lines__open(struct cli_lines *l, const struct ft_run *run,
		    const struct debuginfo_options *opts, struct ft_error *err);
void cli_lines__close(struct cli_lines *l);

#endif /* FT_CLI_DEBUG_LINES_H */
