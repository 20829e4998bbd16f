/* SPDX-License-Identifier: GPL-2.0 */
/* Where an operation on a refcount happened: the site that the attribution compares. */
#ifndef FT_CORE_ATTRIBUTION_CALLER_H
#define FT_CORE_ATTRIBUTION_CALLER_H

#include "core/folio/holders.h"
#include "core/util/arena.h"
#include "model.h"

struct ft_caller {
	const struct ft_site *site;
	const struct ft_stack *stack; /* frame 0 is the site's own; NULL: no stack */
	enum ft_owner_class owner;    /* by ft_holders__class() */
	bool no_mapping;	      /* what is taken or put there is never a mapping's */
	bool unpin;		      /* what is put there is a pin */
};

/* Sets owner, no_mapping and unpin by site and stack. */
void ft_caller__classify(struct ft_caller *caller);

/*
 * A look-up with a cache by stack. The run and the arena belong to the caller and must
 * outlive what is found; zeroed but for them at first, nothing to free.
 */
struct ft_callers {
	const struct ft_run *run;
	struct ft_arena *arena;
	struct ft_caller *by_stack; /* by index of the stack in run->stacks; NULL: empty */
};

/* Sets *caller for an operation of the run. 0 or -ENOMEM. */
int ft_callers__find(struct ft_callers *callers, const struct ft_event *e,
		     struct ft_caller *caller);

#endif /* FT_CORE_ATTRIBUTION_CALLER_H */
