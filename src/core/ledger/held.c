// SPDX-License-Identifier: GPL-2.0
#include "core/ledger/held.h"

#define TASKS 16 /* that are told apart */

struct nets {
	uint32_t pid[TASKS];
	int64_t units[TASKS];
	size_t nr;
};

static bool add(struct nets *n, const struct ft_wire_event *e)
{
	size_t i = 0;

	while (i < n->nr && n->pid[i] != e->pid)
		i++;
	if (i == TASKS)
		return false;
	if (i == n->nr) {
		n->pid[i] = e->pid;
		n->units[i] = 0;
		n->nr++;
	}
	n->units[i] += e->delta;
	return true;
}

static bool sum_up(struct nets *n, const struct ft_account *a, enum ft_source source)
{
	const struct ft_chunk *c;
	uint32_t nr = a->nr, i;

	n->nr = 0;
	for (c = a->first; c; c = c->next)
		for (i = 0; i < FT_CHUNK_EVENTS && nr; i++, nr--)
			if (c->event[i].source == source &&
			    ft_op__is_operation(c->event[i].head.op) && !add(n, &c->event[i]))
				return false;
	return true;
}

bool ft_account__is_held_by_other(const struct ft_account *account, enum ft_source source,
				  bool (*is_commands)(void *arg, uint32_t pid), void *arg)
{
	struct nets n;
	size_t i;

	if (!sum_up(&n, account, source) || n.nr < 2)
		return false;
	for (i = 0; i < n.nr; i++)
		if (n.units[i] > 0 && !is_commands(arg, n.pid[i]))
			return true;
	return false;
}
