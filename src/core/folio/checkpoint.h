/* SPDX-License-Identifier: GPL-2.0 */
/* Checkpoints: readings in __migrate_device_finalize() (mm/migrate_device.c). */
#ifndef FT_CORE_FOLIO_CHECKPOINT_H
#define FT_CORE_FOLIO_CHECKPOINT_H

#include "core/folio/analysis.h"

/* Fills c->folio->checkpoints from c->events. -ENOMEM. */
int ft_analysis__add_checkpoints(struct ft_analysis *c);
/* The checkpoint that was made of e, or NULL. */
const struct ft_checkpoint *ft_folio__checkpoint_of(const struct ft_folio *folio,
						    const struct ft_event *e);
/* The surplus at e less the transient references that are known there: by its
 * checkpoint, else by the holder table. e is one of c->events. */
int64_t ft_analysis__own_surplus(const struct ft_analysis *c, const struct ft_event *e);

#endif /* FT_CORE_FOLIO_CHECKPOINT_H */
