/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What each side has of a folio in the end: the command, tasks outside of it, what goes from
 * one to another, and who had it before. Counted operation by operation, in favour of the
 * others: they have at the end the most that they can have. What an outsider puts beyond its
 * own was handed over to it.
 */
#ifndef FT_CORE_FOLIO_HOLDINGS_H
#define FT_CORE_FOLIO_HOLDINGS_H

#include "core/folio/analysis.h"

struct ft_holdings {
	bool known; /* else there are too many tasks to tell them apart */
	int64_t command;
	/* of outsiders that live, and have any */
	int64_t outsiders, outsiders_pins;
	int64_t found; /* in pipes and sockets, by the search */
	/* in pipes, sockets and rings that were not searched; if any, a class of those */
	int64_t passing;
	enum ft_owner_class passing_class;
	/* what outsiders put beyond their own: of what the command had, of what was there before */
	int64_t handed_over, put_before;
	int64_t either; /* of the latter: what may as well have been the command's */
};

/* Needs the operations of an exact source; else nobody has any. */
struct ft_holdings ft_analysis__holdings(const struct ft_analysis *c);

#endif /* FT_CORE_FOLIO_HOLDINGS_H */
