/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which reference of a folio lifetime was lost (docs/accuracy.md): of all gets,
 * which one has no put? Every put is assigned to a get at least cost, and each get is
 * rated by its regret: what the best assignment costs more in which that get is the one
 * without a put. For an over-put the same with gets and puts exchanged.
 *
 * Costs and regrets are in nats, so exp(-regret) is a likelihood. Nothing here knows a
 * kernel function or a capture: input are tokens and a model.
 */
#ifndef FT_CORE_ATTRIBUTION_RANK_H
#define FT_CORE_ATTRIBUTION_RANK_H

#include "core/attribution/pair_model.h"

#define FT_RANK_MAX 8	    /* candidates that are kept of a ranking */
#define FT_UNMATCHED_MAX 16 /* references that are kept of those without a partner */

/* A class of tokens that one of the lost references may belong to. */
struct ft_suspect {
	const struct ft_token *token; /* the best of its class */
	double regret;
	double p;
	uint32_t alike; /* tokens of this class with hardly more regret */
};

struct ft_ranking {
	struct ft_suspect suspect[FT_RANK_MAX]; /* best first */
	size_t nr;
	size_t nr_classes; /* that were rated */
	double open_batch; /* probability that a per-CPU LRU batch still holds it */
	/* What the best assignment leaves without a partner: several only if the surplus
	 * is more than 1. */
	const struct ft_token *unmatched[FT_UNMATCHED_MAX];
	size_t nr_unmatched;
	bool was_there; /* ... and one that was there before the first operation */
};

/* Rates the gets (of an over-put: the puts) of tokens. model: NULL for structure alone.
 * The result points into tokens. 0 or -ENOMEM. */
int ft_ranking__of(const struct ft_tokens *tokens, const struct ft_model *model,
		   struct ft_ranking *ranking);

/* Both rankings, and the one that counts. */
struct ft_attribution {
	struct ft_ranking structure, learned;
	const struct ft_ranking *lead; /* one of the two */
	enum ft_confidence confidence;
	bool has_example; /* a balanced lifetime of this run has the best class, or its rival */
	bool in_batch;	  /* most likely nothing is lost: a per-CPU LRU batch holds it */
};

/* The result points into tokens and itself. model may be NULL. 0 or -ENOMEM. */
int ft_attribution__of(const struct ft_tokens *tokens, const struct ft_model *model,
		       struct ft_attribution *a);

#endif /* FT_CORE_ATTRIBUTION_RANK_H */
