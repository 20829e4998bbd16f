/* SPDX-License-Identifier: GPL-2.0 */
/* The steps from two runs to what differs. */
#ifndef FT_CORE_DIFF_PARTS_H
#define FT_CORE_DIFF_PARTS_H

#include "core/attribution/attributor.h"
#include "diff.h"
#include "function.h"

struct ft_timelines {
	struct ft_timeline *list;
	size_t nr, room;
};

/* One of the two runs while they are compared. */
struct ft_side {
	const struct ft_run *run;
	struct ft_attributor attributor; /* has learned from this run */
	struct ft_timelines timelines;
};

struct ft_differ {
	struct ft_arena *arena;
	struct ft_diff *diff;
	struct ft_side a, b;
	bool operations; /* of both runs */
	bool callers;	 /* one kernel: what calls what is the same */
};

/* Fills side->timelines, those alike once. 0 or -ENOMEM. */
int ft_timelines__of(struct ft_differ *d, struct ft_side *side);
bool ft_step__is_same(const struct ft_differ *d, const struct ft_step *a, const struct ft_step *b);
bool ft_timeline__is_same(const struct ft_differ *d, const struct ft_timeline *a,
			  const struct ft_timeline *b);
/* Whether two folios end with the same verdict; balanced, freed and not judged are one. */
bool ft_timeline__ends_same(const struct ft_timeline *a, const struct ft_timeline *b);

/* Fills lines and first of a pair of timelines. 0 or -ENOMEM. */
int ft_diff__align(struct ft_differ *d, struct ft_diff_timeline *s);
/* How many steps of two timelines are in one only. -1: no memory. */
int64_t ft_diff__distance(struct ft_differ *d, const struct ft_timeline *a,
			  const struct ft_timeline *b);

int ft_diff__pairs(struct ft_differ *d);
int ft_diff__calls(struct ft_differ *d);
/* Sets reason of a pair of timelines, and what it refers to. */
void ft_diff__explain(struct ft_differ *d, struct ft_diff_timeline *s);

#endif /* FT_CORE_DIFF_PARTS_H */
