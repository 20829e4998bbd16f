// SPDX-License-Identifier: GPL-2.0
#include "core/ledger/nets.h"

bool ft_nets__add(struct ft_nets *nets, uint32_t pid, int64_t delta)
{
	size_t i = 0;

	while (i < nets->nr && nets->pid[i] != pid)
		i++;
	if (i == FT_NETS_TASKS)
		return false;
	if (i == nets->nr) {
		nets->pid[i] = pid;
		nets->units[i] = 0;
		nets->nr++;
	}
	nets->units[i] += delta;
	return true;
}
