/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Learns from the run's own balanced lifetimes which put answers which get. Lifetimes
 * that differ only in times and tasks are kept as one signature with a number, so memory
 * grows with the kinds of lifetimes and not with their number.
 */
#ifndef FT_CORE_ATTRIBUTION_LEARN_H
#define FT_CORE_ATTRIBUTION_LEARN_H

#include "core/attribution/pair_model.h"

#define FT_LEARN_UNITS 100	 /* references; longer lifetimes are left out: the cost is cubic */
#define FT_LEARN_SIGNATURES 4096 /* kinds of lifetimes that are kept */

/* One kind of lifetime. */
struct ft_signature {
	struct ft_token *tokens;
	size_t nr;
	uint64_t folios;
};

/* Zeroed: empty. */
struct ft_learner {
	struct ft_signature *list;
	size_t nr, room;
	struct ft_hash index;
	uint64_t folios; /* learned from */
	uint64_t left;	 /* of kinds for which there was no room */
};

/* An example that so many folios had; its tokens are copied, the stacks they point to must
 * outlive learner and model. What is too long or coarse is left out. 0 or -ENOMEM. */
int ft_learner__add(struct ft_learner *learner, const struct ft_tokens *tokens, uint64_t folios);
/* Fills model, in rounds: expected pairs by structure, then by structure and the pairs of
 * the round before. 0 or -ENOMEM, then model is empty. */
int ft_learner__learn(const struct ft_learner *learner, struct ft_model *model);
void ft_learner__free(struct ft_learner *learner);

#endif /* FT_CORE_ATTRIBUTION_LEARN_H */
