/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The conservation check: first stable count + sum of deltas = count at rest. Once per
 * lifetime, as soon as all of its records are there.
 */
#ifndef FT_CORE_LEDGER_CONSERVATION_H
#define FT_CORE_LEDGER_CONSERVATION_H

#include "core/index/sites.h"
#include "core/ledger/account.h"
#include "core/ledger/records.h"
#include "core/util/arena.h"
#include "model.h"

struct ft_violation_row;

struct ft_conservation_checker {
	const struct ft_run *run;  /* its sources; from META on */
	struct ft_records records; /* scratch: of one account */
	struct ft_violation_row *rows;
	size_t nr_rows, rows_room;
	uint64_t errors, overlaps;
	uint64_t waited; /* lifetimes that stayed open after their end */
};

void ft_conservation_checker__init(struct ft_conservation_checker *checker,
				   const struct ft_run *run);
void ft_conservation_checker__free(struct ft_conservation_checker *checker);
/* For every record, before it is appended. */
void ft_conservation_checker__record(const struct ft_conservation_checker *checker,
				     struct ft_account *account, const struct ft_wire_event *e);
/* Checks the account, unless that was done before. 0, -ENOMEM, or 1: it does not add up,
 * and a record that comes late may mend that; not so if last. */
int ft_conservation_checker__account(struct ft_conservation_checker *checker,
				     struct ft_account *account, bool last);
/* Fills the run's violations and counters, once the sites are known. */
int ft_conservation_checker__complete(struct ft_conservation_checker *checker, struct ft_run *run,
				      const struct ft_sites *sites, struct ft_arena *arena);

#endif /* FT_CORE_LEDGER_CONSERVATION_H */
