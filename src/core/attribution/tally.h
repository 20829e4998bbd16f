/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tallies: how many references of one folio the calls of a function take and put. A call is
 * one entry of a task into the kernel, or what interrupts do in its course; a function has
 * what is done in it and in what it calls. References that a mapping, a cache, a per-CPU batch
 * or a buffer has, which goes to other tasks, are left out: they outlive the call.
 */
#ifndef FT_CORE_ATTRIBUTION_TALLY_H
#define FT_CORE_ATTRIBUTION_TALLY_H

#include "core/attribution/tokens.h"

#define FT_TALLY_FUNCTIONS 4096 /* more are not counted */
#define FT_TALLY_EACH 16	/* a call that takes as many or more is counted with others */

/* What one call took and put in one function. */
struct ft_tally {
	uint32_t task, entry_seq;
	bool interrupt;
	uint32_t function; /* its number */
	uint32_t took, put;
	uint32_t last; /* the token that was added last, + 1 */
};

struct ft_tally_function {
	const char *name;
	bool helper; /* takes and puts for its callers, and is not counted */
	uint64_t calls, balanced;
	uint64_t each[FT_TALLY_EACH]; /* of the balanced ones, by what they took */
	uint32_t at;		      /* of the tally in the call that is read */
};

/* A name as sites and frames have it: some are one function, by what the compiler added. */
struct ft_tally_name {
	const char *name;
	uint32_t function;
};

/* Zeroed at first. */
struct ft_tallies {
	struct ft_tally *list; /* of the last folio, call by call */
	size_t nr, room;
	const struct ft_token **order; /* its tokens, call by call */
	size_t room_order;
	struct ft_tally_function *functions; /* of all folios that were counted */
	size_t nr_functions, room_functions;
	struct ft_hash by_function;
	struct ft_tally_name *names;
	size_t nr_names, room_names;
	struct ft_hash by_name;
};

void ft_tallies__free(struct ft_tallies *tallies);
/* Fills list again from the tokens of a folio, none of which was taken out yet. 0 or -ENOMEM. */
int ft_tallies__of(struct ft_tallies *tallies, const struct ft_tokens *tokens,
		   const struct ft_classes *classes);
/* Adds list to what is known of the functions. */
void ft_tallies__count(struct ft_tallies *tallies);
/*
 * Sets calls of a reference that the folio of list lost: of the innermost function around it
 * whose calls mostly put as many as they took, as this one did not.
 */
void ft_tallies__tell(const struct ft_tallies *tallies, struct ft_lost *lost);

#endif /* FT_CORE_ATTRIBUTION_TALLY_H */
