// SPDX-License-Identifier: GPL-2.0
#include "core/ledger/held.h"
#include "core/ledger/nets.h"

static bool sum_up(struct ft_nets *nets, const struct ft_account *a, enum ft_source source)
{
	const struct ft_chunk *c;
	uint32_t nr = a->nr, i;

	nets->nr = 0;
	for (c = a->first; c; c = c->next)
		for (i = 0; i < FT_CHUNK_EVENTS && nr; i++, nr--)
			if (c->event[i].source == source &&
			    ft_op__is_operation(c->event[i].head.op) &&
			    !ft_nets__add(nets, c->event[i].pid, c->event[i].delta))
				return false;
	return true;
}

bool ft_account__is_held_by_other(const struct ft_account *account, enum ft_source source,
				  bool (*is_commands)(void *arg, uint32_t pid), void *arg)
{
	struct ft_nets nets;
	size_t i;

	if (!sum_up(&nets, account, source) || nets.nr < 2)
		return false;
	for (i = 0; i < nets.nr; i++)
		if (nets.units[i] > 0 && !is_commands(arg, nets.pid[i]))
			return true;
	return false;
}
