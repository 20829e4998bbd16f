/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pairs: which put answered which get on the balanced folios of other runs. A place is named
 * by its function and those that called it, not by offset or address, so that it is found
 * again in another build of the kernel.
 */
#ifndef FT_PAIRS_H
#define FT_PAIRS_H

#include <stddef.h>
#include <stdint.h>

#define FT_PAIR_CALLERS 3
#define FT_PAIRS_MAX 4096	      /* rows that are kept and read: the weightiest */
#define FT_PAIR_WEIGHT_MAX 1000000000 /* of a row */
#define FT_PAIR_NAME_MAX 255	      /* bytes of a name that is read */

struct ft_pair_place {
	const char *function; /* "(mapped)", ...: no operation, but what a folio has at its ends */
	const char *caller[FT_PAIR_CALLERS]; /* innermost first; NULL: there is none */
};

struct ft_pair {
	struct ft_pair_place get, put; /* put.function NULL: the get was never put */
	uint32_t weight;	       /* kinds of folio lifetimes that had it, common ones more */
};

struct ft_pairs {
	struct ft_pair *list;
	size_t nr;
};

#endif /* FT_PAIRS_H */
