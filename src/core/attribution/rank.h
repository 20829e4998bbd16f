/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Naming the lost reference (design/attribution.md): of all gets of a folio's
 * life, which one was never put? References whose holder the folio itself shows
 * are marked, every put is assigned to a get at least cost, and of each get is
 * asked what it would cost to leave that one over. For an over-put the same with
 * the roles exchanged.
 *
 * Input and output are of this header alone, so that it can be tested without a
 * capture. Nothing here knows the name of a kernel function.
 */
#ifndef FT_CORE_ATTRIBUTION_RANK_H
#define FT_CORE_ATTRIBUTION_RANK_H

#include "core/attribution/pair_model.h"

#define FT_RANK_MAX 8  /* candidates that are kept of a ranking */
#define FT_OVER_MAX 16 /* references left over that are told apart */

/* One class of tokens that may be the one left over. */
struct ft_suspect {
	const struct ft_token *token; /* the best of its class */
	double regret;		      /* what accusing it costs above the best */
	double p;
	uint32_t alike; /* of this class and hardly worse: any of them may be it */
};

struct ft_ranking {
	struct ft_suspect suspect[FT_RANK_MAX]; /* best first */
	size_t nr;
	size_t nr_classes; /* that were considered */
	double open_batch; /* probability that it is a batch's reference, still held */
	/* What the best assignment leaves over; several only for a surplus above 1. */
	const struct ft_token *over[FT_OVER_MAX];
	size_t nr_over;
	bool was_there; /* it leaves one over that was there before the first event */
};

/* Ranks the gets (of an over-put: the puts) of tokens made by ft_tokens__of().
 * model: NULL for structure alone. */
int ft_ranking__of(const struct ft_tokens *tokens, const struct ft_model *model,
		   struct ft_ranking *ranking);

/* Both rankings, and which of them is believed. */
struct ft_attribution {
	struct ft_ranking structure, learned;
	const struct ft_ranking *lead;
	enum ft_confidence confidence;
	bool has_example; /* a balanced life of this run shows the leading class, or its rival */
	bool in_batch;	  /* nothing is lost: an LRU batch has it, by all that is seen */
};

/* The result points into tokens. model may be NULL. */
int ft_attribution__of(const struct ft_tokens *tokens, const struct ft_model *model,
		       struct ft_attribution *a);

#endif /* FT_CORE_ATTRIBUTION_RANK_H */
