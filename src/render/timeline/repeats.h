/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FT_RENDER_TIMELINE_REPEATS_H
#define FT_RENDER_TIMELINE_REPEATS_H

#include "render/timeline/line.h"

/*
 * A loop over the pages of a folio becomes one round of it, of one to three lines: counts
 * before the first round, counts after the last, and how often it was run.
 */
void repeats__join(struct timeline *s);

#endif /* FT_RENDER_TIMELINE_REPEATS_H */
