/* SPDX-License-Identifier: GPL-2.0 */
/* Who has the units of a folio's counts, in one line. */
#ifndef FT_RENDER_OWNERS_H
#define FT_RENDER_OWNERS_H

#include "model.h"

/*
 * "refcount 3 = 1 mapping (drive/136) + 1 pipe of outer/99 (alive) + 1 taken at f+0x10, never
 * put". To be freed. *words is NULL if the counts say as much. 0 or -ENOMEM.
 */
int owners__text(const struct ft_run *run, const struct ft_folio *folio, char **words);

/* Of what is lost; a core that does not know says so by the verdict. */
enum ft_owner_state owners__lost_state(const struct ft_folio *folio, const struct ft_lost *lost);

#endif /* FT_RENDER_OWNERS_H */
