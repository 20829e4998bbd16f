/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The learned model: how often a put answers a get on the run's balanced lifetimes. Pairs
 * are counted by class and, to fall back on, by place alone. What it knows too little of,
 * a table of other runs may know.
 */
#ifndef FT_CORE_ATTRIBUTION_PAIR_MODEL_H
#define FT_CORE_ATTRIBUTION_PAIR_MODEL_H

#include "core/attribution/pair_table.h"
#include "core/attribution/tokens.h"
#include "hash.h"

/* Where a get is put. */
enum ft_relation { FT_RELATION_CALL, FT_RELATION_TASK, FT_RELATION_OTHER, FT_RELATION_COUNT };

struct ft_model_entry {
	uint64_t key;
	double weight;
	uint64_t seen;
	uint64_t get_ns, put_ns;
	const struct ft_stack *put_stack;
	uint32_t task;
	bool same_call, same_task;
};

/* Zeroed: empty. */
struct ft_model {
	struct ft_model_entry *list;
	size_t nr, room;
	struct ft_hash index; /* by key */
	/* What it leans on, and the classes whose names the table has; or NULL. */
	const struct ft_pair_table *table;
	const struct ft_classes *classes;
	bool learned; /* it has something of the run, too */
};

/* A pair by class, with its weight rounded up. */
struct ft_model_pair {
	uint32_t get, put; /* classes */
	bool answered;	   /* else the get was not put */
	uint32_t weight;
};

/* How gets of a class are mostly answered. */
struct ft_answer {
	uint32_t class; /* of the put */
	uint64_t seen;	/* so often */
	uint64_t all;	/* of so many such gets */
	bool by_place;	/* none had the get's callers: gets at its place */
	bool same_call; /* in the get's own call; else in another */
	bool same_task;
	/* One example of it. */
	uint64_t get_ns, put_ns;
	uint32_t task;		      /* of the put */
	const struct ft_stack *stack; /* of the put; or NULL */
};

/* One get was answered by put (NULL: by none) on so many lifetimes. 0 or -ENOMEM. */
int ft_model__add(struct ft_model *model, const struct ft_token *get, const struct ft_token *put,
		  double weight, uint64_t folios);
/* To be asked where the run's lifetimes say too little. Both must outlive the model, which
 * may be empty; an empty table changes nothing. 0 or -ENOMEM. */
int ft_model__lean_on(struct ft_model *model, const struct ft_pair_table *table,
		      const struct ft_classes *classes);
/*
 * Whether to ask it about a lifetime that ends with this surplus; whole: no event of it may be
 * missing. A table alone, of a run that taught nothing, was measured to mislead where more
 * than one thing is wrong.
 */
bool ft_model__may_lead(const struct ft_model *model, int64_t surplus, bool whole);
void ft_model__free(struct ft_model *model);
/* The next pair from *at on, which is 0 at first; false: there is none. */
bool ft_model__next(const struct ft_model *model, size_t *at, struct ft_model_pair *pair);
/*
 * -ln P(put | get) in nats, at most 8; put NULL: that get is never put. -1: the model has
 * no such get. With a put in place of get, and put NULL: that it answers no get.
 */
double ft_model__cost(const struct ft_model *model, const struct ft_token *get,
		      const struct ft_token *put);
/* -ln of how often gets like this one are put where this put is: in their own call, in
 * another one of their task, by others; at most 8. */
double ft_model__cost_of_relation(const struct ft_model *model, const struct ft_token *get,
				  const struct ft_token *put);
/* Gets at this place that were learned from; lifetimes that are alike count at most 50. */
double ft_model__weight_of_place(const struct ft_model *model, uint32_t place);
/* How often a put of class put answered a get of class get. */
uint64_t ft_model__seen(const struct ft_model *model, uint32_t get, uint32_t put);
/* Whether a balanced lifetime has this class. */
bool ft_model__knows(const struct ft_model *model, const struct ft_token *t);
/* Whether a put at this place, by this caller, always answered a get of its own call. */
bool ft_model__puts_its_own(const struct ft_model *model, const struct ft_token *put);
/* The commonest answer to gets like this one; false: none was seen. */
bool ft_model__answer(const struct ft_model *model, const struct ft_classes *classes,
		      const struct ft_token *get, struct ft_answer *answer);

#endif /* FT_CORE_ATTRIBUTION_PAIR_MODEL_H */
