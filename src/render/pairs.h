/* SPDX-License-Identifier: GPL-2.0 */
/* A leak and an over-put that are one bug: the put went to the wrong folio. */
#ifndef FT_RENDER_PAIRS_H
#define FT_RENDER_PAIRS_H

#include "model.h"

/*
 * The folio that has as many references too few as this one has too many, or the opposite,
 * all of them taken and put in one call. NULL: there is none, or there are so many findings
 * that it is not looked for.
 */
const struct ft_folio *pairs__other(const struct ft_run *run, const struct ft_folio *folio);

#endif /* FT_RENDER_PAIRS_H */
