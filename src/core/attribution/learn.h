/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the run's own balanced lives teach: which put answers which get. Lives
 * that differ only in time and task are one signature with a number, so memory
 * grows with the kinds of lives and not with their number.
 */
#ifndef FT_CORE_ATTRIBUTION_LEARN_H
#define FT_CORE_ATTRIBUTION_LEARN_H

#include "core/attribution/token.h"

#define FT_LEARN_UNITS 100	 /* longer lives teach little and cost much */
#define FT_LEARN_SIGNATURES 4096 /* kinds of lives that are kept */

/* An answer that was seen. */
struct ft_answer {
	uint32_t class;
	uint64_t seen;	/* on so many balanced lives */
	uint64_t all;	/* of so many gets of this class */
	bool by_place;	/* the callers of the get were others */
	bool same_call; /* in the get's own call; else in another */
	bool same_task;
	/* One example of it, and its task. */
	uint64_t get_ns, put_ns;
	uint32_t task;
	const struct ft_stack *stack; /* of that put; or NULL */
};

struct ft_model_entry {
	uint64_t key;
	double weight;
	uint64_t seen;
	uint64_t get_ns, put_ns;
	const struct ft_stack *put_stack;
	uint32_t task;
	bool same_call, same_task;
};

struct ft_model {
	struct ft_model_entry *list;
	size_t nr, room;
	struct ft_hash index; /* by key */
};

struct ft_signature {
	struct ft_token *tokens;
	size_t nr;
	uint64_t folios;
};

struct ft_learner {
	struct ft_signature *list;
	size_t nr, room;
	struct ft_hash index;
	uint64_t folios; /* learned from */
	uint64_t left;	 /* lives for which there was no room */
};

/* A balanced life, lives times. Stacks must outlive the learner. */
int ft_learner__add(struct ft_learner *learner, const struct ft_tokens *tokens, uint64_t folios);
/* Two rounds: by structure, then by structure and what the first round found. */
int ft_learner__learn(const struct ft_learner *learner, struct ft_model *model);
void ft_learner__free(struct ft_learner *learner);

void ft_model__free(struct ft_model *model);
/* -ln P(put | get), at most 8; put NULL: never put. -1: nothing is known of it.
 * Of a put in the place of get, with put NULL: that it answers nothing. */
double ft_model__cost(const struct ft_model *model, const struct ft_token *get,
		      const struct ft_token *put);
/* Gets at this place that were learned from, each kind of life at most 50 times. */
double ft_model__weight_of_place(const struct ft_model *model, uint32_t place);
/* On how many lives a put of class put answered a get of class get. */
uint64_t ft_model__seen(const struct ft_model *model, uint32_t get, uint32_t put);
/* Whether a balanced life has this very class. */
bool ft_model__knows(const struct ft_model *model, const struct ft_token *t);
/* The commonest answer to gets like this one; false: none was seen. */
bool ft_model__answer(const struct ft_model *model, const struct ft_classes *classes,
		      const struct ft_token *get, struct ft_answer *answer);

#endif /* FT_CORE_ATTRIBUTION_LEARN_H */
