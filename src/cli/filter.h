/* SPDX-License-Identifier: GPL-2.0 */
/* The options that choose which folios of a capture are shown. */
#ifndef FT_CLI_FILTER_H
#define FT_CLI_FILTER_H

#include <argp.h>

#include "model.h"

/* --order, --kind, --pfn, --comm; input: struct ft_filter. */
extern const struct argp filter_argp;

/* As cli_load(); hides the folios that do not match. */
int cli_load_filtered(const char *path, const struct ft_analyse_options *opts,
		      const struct ft_filter *filter, struct ft_run **run, struct ft_error *err);

#endif /* FT_CLI_FILTER_H */
