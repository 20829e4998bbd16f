/* SPDX-License-Identifier: GPL-2.0 */
/* A wire record as an event of the model. */
#ifndef FT_CORE_LEDGER_EVENT_H
#define FT_CORE_LEDGER_EVENT_H

#include "model.h"

/* Without comm, followed and stack: these need the index of the whole capture. */
void ft_event__of(const struct ft_wire_event *w, const struct ft_site *site, struct ft_event *e);

#endif /* FT_CORE_LEDGER_EVENT_H */
