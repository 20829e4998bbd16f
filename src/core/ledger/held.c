// SPDX-License-Identifier: GPL-2.0
#include "core/ledger/held.h"
#include "core/ledger/nets.h"

bool ft_account__is_held_by_other(const struct ft_account *account, enum ft_source source,
				  bool (*is_commands)(void *arg, uint32_t pid), void *arg)
{
	struct ft_nets nets = { 0 };
	const struct ft_chunk *c;
	uint32_t nr = account->nr, i;

	for (c = account->first; c; c = c->next) {
		for (i = 0; i < FT_CHUNK_EVENTS && nr; i++, nr--) {
			const struct ft_wire_event *e = &c->event[i];

			/* the command may have any number of tasks: they are not told apart */
			if (e->source == source && ft_op__is_operation(e->head.op) &&
			    !is_commands(arg, e->pid))
				ft_nets__add(&nets, e->pid, e->delta);
		}
	}
	return ft_nets__has_any(&nets);
}
