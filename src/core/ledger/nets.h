/* SPDX-License-Identifier: GPL-2.0 */
/* What each of a few tasks took, less what it put. */
#ifndef FT_CORE_LEDGER_NETS_H
#define FT_CORE_LEDGER_NETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FT_NETS_TASKS 16 /* that are told apart */

struct ft_nets {
	size_t nr;
	uint32_t pid[FT_NETS_TASKS];
	int64_t units[FT_NETS_TASKS];
	int64_t rest; /* of more tasks than are told apart, all together */
	bool more;    /* there are such */
};

void ft_nets__add(struct ft_nets *nets, uint32_t pid, int64_t delta);
/* Whether one of them took more than it put; of those not told apart, all together. */
bool ft_nets__has_any(const struct ft_nets *nets);

#endif /* FT_CORE_LEDGER_NETS_H */
