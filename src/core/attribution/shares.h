/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Expected pairs: how much of each get is put by which put, if every pair is as likely as its
 * cost says and all references of a lifetime are put. Where two ways of pairing cost the
 * same, each counts half.
 */
#ifndef FT_CORE_ATTRIBUTION_SHARES_H
#define FT_CORE_ATTRIBUTION_SHARES_H

#include "core/attribution/pair_model.h"

/* Of gets (rows) and puts (columns); zeroed at first, filled again from call to call. */
struct ft_shares {
	const struct ft_token **gets, **puts; /* they point into the tokens */
	size_t nr_gets, nr_puts;
	double *share; /* references of a get that a put answers, row by row */
	size_t room_tokens, room_shares;
	double *row, *column; /* of the search: factors */
};

/* tokens: of a balanced lifetime. model may be NULL. 0 or -ENOMEM. */
int ft_shares__of(struct ft_shares *x, const struct ft_tokens *tokens,
		  const struct ft_model *model);
static inline double ft_shares__of_pair(const struct ft_shares *x, size_t get, size_t put)
{
	return x->share[get * x->nr_puts + put];
}
void ft_shares__free(struct ft_shares *x);

#endif /* FT_CORE_ATTRIBUTION_SHARES_H */
