/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FT_CORE_FOLIO_CHECKPOINT_H
#define FT_CORE_FOLIO_CHECKPOINT_H

#include "core/folio/lifetime.h"

/* Fills life->checkpoints from the events of the case. */
int ft_analysis__add_checkpoints(struct ft_analysis *c);
/* The checkpoint that e made, or NULL. */
const struct ft_checkpoint *ft_folio__checkpoint_of(const struct ft_folio *folio,
						    const struct ft_event *e);

#endif /* FT_CORE_FOLIO_CHECKPOINT_H */
