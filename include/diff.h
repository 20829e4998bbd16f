/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two runs side by side, aligned by what was called and not by address: the
 * timelines that only one of them has, the puts that answer a get in one of them
 * only, and what was called in one only.
 *
 * A timeline is the row of calls, operations and checkpoints of a folio, by
 * function and role. Folios that were split, migrated, or ended wrong have one;
 * of all others only pairs and calls are compared. All of it is owned by the
 * struct ft_diff; names, events and sites are the runs'.
 */
#ifndef FT_DIFF_H
#define FT_DIFF_H

#include "model.h"
#include "reason.h"

enum ft_step_what { FT_STEP_CALL, FT_STEP_GET, FT_STEP_PUT, FT_STEP_MARK, FT_STEP_CHECKPOINT };

struct ft_step {
	enum ft_step_what what;
	const char *function, *module; /* as the symbol has them */
	const char *caller;	       /* of an operation; or NULL */
	int64_t result;		       /* -errno of a call; else 0 */
	uint8_t op;		  /* of a mark: FT_OP_BORN, _ADOPTED, _SPLIT, _MIGRATE or _DIED */
	enum ft_checkpoint_at at; /* of a checkpoint */
	int64_t surplus;
	bool has_surplus;	      /* ... and it is compared */
	const struct ft_event *event; /* or NULL: of a call without folio, a checkpoint */
	uint64_t t_ns;
};

struct ft_timeline {
	const struct ft_folio *folio; /* the first that has it */
	uint64_t folios;	      /* that have it */
	struct ft_step *step;
	size_t nr;
	bool cut;  /* too long: the first FT_STEPS_MAX of them */
	bool done; /* of the comparison: has its partner, or needs none */
};

#define FT_STEPS_MAX 500

/* A step of both, or of one; differs: in both, but with another surplus. */
struct ft_diff_line {
	const struct ft_step *a, *b;
	bool differs;
};

struct ft_diff_timeline {
	struct ft_timeline *a, *b; /* NULL: only the other run has it */
	struct ft_diff_line *line;
	size_t nr;
	size_t first;  /* index of the first divergence; nr: only the end differs */
	uint64_t t_ns; /* of it, since the start of its run */
	/*
	 * What the other run does about what leaks in this one, if only one leaks. n[0]:
	 * 0: it leaks in a, 1: in b. site: of the get that nothing puts, or in what the
	 * reference was taken; NULL: not known.
	 */
	struct ft_reason reason;
	const struct ft_site *put; /* FT_REASON_PUT_IN_OTHER_RUN: what puts it there */
	const char *put_caller;	   /* ... and who called that; or NULL */
	/* FT_REASON_SURPLUS_IN_ONE_RUN: the first with another surplus, and the last one
	 * that both have before it; or NULL */
	const struct ft_step *differs, *before;
};

/* A get and the put that answers it; put NULL: never put. */
struct ft_diff_pair {
	const char *get, *get_module, *put, *put_module;
	uint64_t a, b; /* folios */
};

struct ft_diff_call {
	const char *function;
	int64_t result; /* -errno, or 0 */
	bool missing;	/* the run without it has no such hook */
	uint64_t a, b;
};

struct ft_diff {
	const struct ft_run *a, *b;
	struct ft_diff_timeline *timelines; /* another verdict first, then by time */
	size_t nr_timelines;
	uint64_t same;		    /* timelines of both */
	struct ft_diff_pair *pairs; /* in one run only */
	size_t nr_pairs;
	struct ft_diff_call *calls; /* in one run only, by time */
	size_t nr_calls;
	bool operations; /* both are exact: pairs could be compared */
	bool differ;
	void *arena;
};

/* Both runs must have been loaded with keep_all_events, and outlive it. 0 or -ENOMEM. */
int ft_diff__of(const struct ft_run *a, const struct ft_run *b, struct ft_diff **out);
void ft_diff__free(struct ft_diff *d);

#endif /* FT_DIFF_H */
