/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations that only one of the sources page_ref and inline saw, of a run with both.
 * Names are owned by the run.
 */
#ifndef FT_COMPARISON_H
#define FT_COMPARISON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why only one of two sources has an operation. */
enum ft_alone {
	FT_ALONE_UNEXPLAINED = 0,
	FT_ALONE_REFUSED, /* page_ref: in a function with a site that the kernel refused */
	FT_ALONE_EDGE,	  /* tracking of the folio began or ended during it */
	FT_ALONE_MISSED,  /* the other source has a counted miss for it */
	FT_ALONE_COUNT,
};

/* Operations of each source that the other has not, per folio as multisets of
 * (op, delta, function). */
struct ft_difference {
	const char *function;
	uint8_t op; /* FT_OP_GET to FT_OP_SET */
	int32_t delta;
	enum ft_alone why;
	uint64_t only_page_ref, only_inline;
};

struct ft_comparison {
	bool made;
	uint64_t folios, differing;
	uint64_t page_ref, inlined, matched; /* operations */
	uint64_t elsewhere;		     /* of both, but a tail call hides one's function */
	uint64_t alone[FT_ALONE_COUNT];	     /* of one, by why */
	struct ft_difference *differences;   /* the unexplained, then most first */
	size_t nr_differences;
};

const char *ft_alone__name(enum ft_alone why); /* "refused", ... */

#endif /* FT_COMPARISON_H */
