/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FT_CORE_FOLIO_CHECKPOINT_H
#define FT_CORE_FOLIO_CHECKPOINT_H

#include "core/folio/lifetime.h"

/* Fills life->checkpoints from the events of the case. */
int ft_case__add_checkpoints(struct ft_case *c);
/* The checkpoint that e made, or NULL. */
const struct ft_checkpoint *ft_life__checkpoint_of(const struct ft_life *life,
						   const struct ft_event *e);

#endif /* FT_CORE_FOLIO_CHECKPOINT_H */
