/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The driver of the attribution: operations of a folio are read into refs, tokens are
 * made of refs and ranked, and the answer goes into folio->lost. Learn from the balanced
 * lifetimes of a run first, then name the lost references of the others. How often that
 * is right: docs/accuracy.md.
 *
 * Everything returns 0 or -ENOMEM.
 */
#ifndef FT_CORE_ATTRIBUTION_ATTRIBUTOR_H
#define FT_CORE_ATTRIBUTION_ATTRIBUTOR_H

#include "core/attribution/learn.h"
#include "core/attribution/pair_list.h"
#include "core/attribution/rank.h"
#include "core/attribution/refs.h"
#include "core/attribution/tally.h"
#include "core/attribution/tokenize.h"

struct ft_attributor {
	const struct ft_run *run;
	struct ft_arena *arena; /* of what goes into folio->lost */
	struct ft_callers callers;
	struct ft_classes classes;
	struct ft_learner learner;
	struct ft_pair_table table; /* what other runs taught, */
	struct ft_model model;	    /* and what this one did */
	struct ft_tallies tallies;  /* what its calls do */
	struct ft_refs refs;	    /* of the last lifetime that was read, */
	struct ft_tokens tokens;    /* and its tokens */
};

/* The run and the arena must outlive the attributor. */
void ft_attributor__init(struct ft_attributor *attributor, const struct ft_run *run,
			 struct ft_arena *arena);
void ft_attributor__free(struct ft_attributor *attributor);

/* Takes a lifetime as an example if it is balanced: freed with a count of 0, split, or at
 * rest without a surplus. */
int ft_attributor__learn_folio(struct ft_attributor *attributor, const struct ft_folio *folio,
			       const struct ft_event *events, size_t nr);
/* Adds what another run taught, each pair scale times as heavy; before the model is made. */
int ft_attributor__know(struct ft_attributor *attributor, const struct ft_pairs *pairs,
			double scale);
/* Makes the model of them. Once, after all of them. */
int ft_attributor__learn(struct ft_attributor *attributor);

/* What was learned, by names; in the arena. */
int ft_attributor__pairs(struct ft_attributor *attributor, struct ft_pairs *pairs);

/* Reads the operations among events into refs. */
int ft_attributor__read(struct ft_attributor *attributor, enum ft_kind kind,
			const struct ft_event *events, size_t nr);
/* Reads a lifetime and makes its tokens. *end: what it ends with. *whole false: not every
 * operation was seen, and there are no tokens. */
int ft_attributor__tokens(struct ft_attributor *attributor, const struct ft_folio *folio,
			  struct ft_ref_end *end, bool *whole);
/* Counts what the calls on a lifetime do that is no example. */
int ft_attributor__count(struct ft_attributor *attributor, const struct ft_folio *folio);
/*
 * Fills lost of a leaked or over-put folio from its events. A leak whose reference is
 * most likely in a per-CPU LRU batch becomes inconclusive. Nothing changes if not every
 * operation was seen: what was inferred from readings stays.
 */
int ft_attributor__name(struct ft_attributor *attributor, struct ft_folio *folio);

#endif /* FT_CORE_ATTRIBUTION_ATTRIBUTOR_H */
