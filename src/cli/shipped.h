/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Data files that are installed with the program. share/folio-trace/pairs/SERIES.json: which
 * put answers which get in a kernel of that series (7.3), for runs that do not show it.
 */
#ifndef FT_CLI_SHIPPED_H
#define FT_CLI_SHIPPED_H

#include "expect.h"

/* Zeroed: not looked for. */
struct shipped {
	struct ft_expectation *file; /* NULL: there is none */
};

/*
 * Of the series of a release, else of the nearest one. NULL: there is no file, or it is
 * damaged, which is said on stderr: the analysis goes on without. arg: struct shipped.
 */
const struct ft_pairs *shipped__pairs(void *arg, const char *release);
void shipped__free(struct shipped *shipped);

#endif /* FT_CLI_SHIPPED_H */
