/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The timeline of a folio as lines: one for the entry and the return of a call, others for
 * the calls around it that are not on this folio, and for changes of its counts that no
 * event explains. How a line looks is for the renderer.
 */
#ifndef FT_RENDER_TIMELINE_TIMELINE_H
#define FT_RENDER_TIMELINE_TIMELINE_H

#include "render/timeline/line.h"

/* 0 or -ENOMEM; whole: repeated lines are not joined. The lines point into run. */
int timeline__init(struct timeline *s, const struct ft_run *run, const struct ft_folio *folio,
		   bool whole);
void timeline__free(struct timeline *s);

#endif /* FT_RENDER_TIMELINE_TIMELINE_H */
