// SPDX-License-Identifier: GPL-2.0
#include "core/ledger/nets.h"

void ft_nets__add(struct ft_nets *nets, uint32_t pid, int64_t delta)
{
	size_t i = 0;

	while (i < nets->nr && nets->pid[i] != pid)
		i++;
	if (i == FT_NETS_TASKS) {
		nets->rest += delta;
		nets->more = true;
		return;
	}
	if (i == nets->nr) {
		nets->pid[i] = pid;
		nets->units[i] = 0;
		nets->nr++;
	}
	nets->units[i] += delta;
}

bool ft_nets__has_any(const struct ft_nets *nets)
{
	size_t i;

	for (i = 0; i < nets->nr; i++)
		if (nets->units[i] > 0)
			return true;
	return nets->rest > 0;
}
