/* SPDX-License-Identifier: GPL-2.0 */
/* From the lives of a run to the attribution's input, and back to the model. */
#ifndef FT_CORE_ATTRIBUTION_ATTRIBUTOR_H
#define FT_CORE_ATTRIBUTION_ATTRIBUTOR_H

#include "core/util/arena.h"
#include "core/attribution/rank.h"

/* A place that stands in a stack as a site: sources whose probe is not there. */
struct ft_caller {
	const struct ft_site *site;
	const struct ft_stack *stack;
};

struct ft_attributor {
	const struct ft_run *run;
	struct ft_arena *arena;
	struct ft_classes classes;
	struct ft_learner learner;
	struct ft_model model;
	struct ft_tokens tokens; /* scratch, as are the next two */
	struct ft_ref *refs;
	const struct ft_event **events; /* of each ref */
	size_t nr, room;
	struct ft_caller *callers; /* by index of the stack */
};

void ft_attributor__init(struct ft_attributor *attributor, const struct ft_run *run,
			 struct ft_arena *arena);
void ft_attributor__free(struct ft_attributor *attributor);

/* Fills refs and events with the operations of a life; a ref's number is the
 * index of its event. */
int ft_attributor__read(struct ft_attributor *attributor, enum ft_kind kind,
			const struct ft_event *events, size_t nr);
/* Where an operation happened; with its stack from there on (or NULL). */
int ft_attributor__caller(struct ft_attributor *attributor, const struct ft_event *e,
			  struct ft_caller *caller);

/* A life that was freed at 0, or is at rest without a surplus. */
int ft_attributor__learn_folio(struct ft_attributor *attributor, const struct ft_folio *folio,
			       const struct ft_event *events, size_t nr);
/* Once, after all of them. */
int ft_attributor__learn(struct ft_attributor *attributor);
/* Fills lost from an attribution of the tokens just made. */
int ft_attributor__answer(struct ft_attributor *attributor, struct ft_folio *folio,
			  const struct ft_ref_end *end, const struct ft_attribution *a);
/* Reads a life and makes its tokens; *end: what should be there, and what is beyond.
 * *whole false: not every operation was seen, there are no tokens. */
int ft_attributor__tokens(struct ft_attributor *attributor, const struct ft_folio *folio,
			  struct ft_ref_end *end, bool *whole);
/* Fills lost of a leak or an over-put from its events. What turns out to be in
 * an LRU batch becomes inconclusive. Without exact events nothing changes. */
int ft_attributor__name(struct ft_attributor *attributor, struct ft_folio *folio);

#endif /* FT_CORE_ATTRIBUTION_ATTRIBUTOR_H */
