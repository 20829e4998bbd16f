/* SPDX-License-Identifier: GPL-2.0 */
/* The records of one account in order of their number. */
#ifndef FT_CORE_LEDGER_RECORDS_H
#define FT_CORE_LEDGER_RECORDS_H

#include "core/ledger/account.h"

/* Zeroed at first, and reused from account to account. */
struct ft_records {
	struct ft_wire_event **list; /* each number (seq) once; they are the account's */
	size_t nr, room;
	size_t repeated; /* records left out: their number was there already */
};

/* 0 or -ENOMEM. */
int ft_records__gather(struct ft_records *records, const struct ft_account *account);
void ft_records__free(struct ft_records *records);

#endif /* FT_CORE_LEDGER_RECORDS_H */
