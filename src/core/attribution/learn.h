/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the run's own balanced lives teach: which put answers which get. Lives
 * that differ only in time and task are one signature with a number, so memory
 * grows with the kinds of lives and not with their number.
 */
#ifndef FT_CORE_ATTRIBUTION_LEARN_H
#define FT_CORE_ATTRIBUTION_LEARN_H

#include "core/attribution/pair_model.h"

#define FT_LEARN_UNITS 100	 /* longer lives teach little and cost much */
#define FT_LEARN_SIGNATURES 4096 /* kinds of lives that are kept */

struct ft_signature {
	struct ft_token *tokens;
	size_t nr;
	uint64_t hash, folios;
};

struct ft_learner {
	struct ft_signature *list;
	size_t nr, room;
	uint32_t *table; /* number + 1 by hash */
	size_t size;
	uint64_t folios; /* learned from */
	uint64_t left;	 /* lives for which there was no room */
};

/* A balanced life, lives times. Stacks must outlive the learner. */
int ft_learner__add(struct ft_learner *learner, const struct ft_tokens *tokens, uint64_t folios);
/* Two rounds: by structure, then by structure and what the first round found. */
int ft_learner__learn(const struct ft_learner *learner, struct ft_model *model);
void ft_learner__free(struct ft_learner *learner);

#endif /* FT_CORE_ATTRIBUTION_LEARN_H */
