/* SPDX-License-Identifier: GPL-2.0 */
/* Who has taken more references of a lifetime than it has put, by its records alone. */
#ifndef FT_CORE_LEDGER_HELD_H
#define FT_CORE_LEDGER_HELD_H

#include "core/ledger/account.h"

/* Whether a task other than those of the command did, by the operations of this source. */
bool ft_account__is_held_by_other(const struct ft_account *account, enum ft_source source,
				  bool (*is_commands)(void *arg, uint32_t pid), void *arg);

#endif /* FT_CORE_LEDGER_HELD_H */
