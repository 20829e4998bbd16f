/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sources page_ref and inline side by side: what only one of them saw. Part of the
 * model; names are owned by the run.
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
	FT_ALONE_EDGE,	  /* the folio came to be followed, or ended, in the midst of it */
	FT_ALONE_MISSED,  /* the other source is known to have missed as many */
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
	uint64_t elsewhere;		   /* of both, in functions that a tail call tells apart */
	uint64_t alone[FT_ALONE_COUNT];	   /* of one, by why */
	struct ft_difference *differences; /* the unexplained, then most first */
	size_t nr_differences;
};

const char *ft_alone__name(enum ft_alone why); /* "refused", ... */

#endif /* FT_COMPARISON_H */
