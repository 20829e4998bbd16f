/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Crossings: pairs of the assignment whose get and put are not of one owner. Counts do
 * not show them, as both sides are there: a pin that was released by a plain put, a
 * reference of somebody else that the command put.
 */
#ifndef FT_CORE_ATTRIBUTION_CROSSING_H
#define FT_CORE_ATTRIBUTION_CROSSING_H

#include "core/attribution/answer.h"
#include "core/attribution/robbed.h"

#define FT_CROSSINGS_MAX 16

enum ft_crossing_kind {
	FT_CROSSING_NONE = 0,
	FT_CROSSING_PIN,     /* a pin, released as a plain reference */
	FT_CROSSING_UNPIN,   /* a plain reference, released as a pin */
	FT_CROSSING_ROBBED,  /* a reference of somebody else, put by the command or for it */
	FT_CROSSING_UNCLEAR, /* the same, by a kernel thread that may have had it */
};

struct ft_crossing {
	const struct ft_token *get, *put; /* get: a pseudo-token if it was there before */
	enum ft_crossing_kind kind;
};

struct ft_crossings {
	struct ft_crossing list[FT_CROSSINGS_MAX];
	size_t nr;
	struct ft_robbed robbed; /* which puts did it */
};

/* Of the tokens of a folio; they point into tokens. 0 or -ENOMEM. */
int ft_crossings__of(struct ft_crossings *crossings, const struct ft_evidence *evidence,
		     const struct ft_tokens *tokens, const struct ft_folio *folio);
void ft_crossings__free(struct ft_crossings *crossings);
/* Adds them to folio->lost. 0 or -ENOMEM. */
int ft_crossings__answer(const struct ft_crossings *crossings, const struct ft_evidence *evidence,
			 const struct ft_tokens *tokens, struct ft_folio *folio);

#endif /* FT_CORE_ATTRIBUTION_CROSSING_H */
