// SPDX-License-Identifier: GPL-2.0
#include <errno.h>

#include "core/attribution/caller.h"

/*
 * A tracepoint of the page_ref source fires in an out-of-line function
 * (__page_ref_mod() and the like) that every operation shares. What tells operations
 * apart is the frame that called it: the site is made of that frame, and the stack
 * starts there.
 */
static int site_of_frame(struct ft_callers *callers, const struct ft_event *e, struct ft_caller *c)
{
	const struct ft_stack *full = &callers->run->stacks[e->stack];
	struct ft_stack *stack = ft_arena__alloc(callers->arena, 1, sizeof(*stack));
	struct ft_site *site = ft_arena__alloc(callers->arena, 1, sizeof(*site));
	uint32_t i = ft_run__operator(callers->run, e);

	if (!stack || !site)
		return -ENOMEM;
	if (i >= full->depth)
		return 0;
	*stack = (struct ft_stack){ full->frames + i, full->depth - i, full->cut };
	*site = (struct ft_site){
		.function = full->frames[i]->function,
		.module = full->frames[i]->module,
		.offset = full->frames[i]->offset,
		.address = full->frames[i]->address,
		.after = true,
		.role = FT_ROLE_REF,
		.attached = true,
	};
	*c = (struct ft_caller){ .site = site, .stack = stack };
	return 0;
}

/*
 * A reference that is taken on the way into a page table, or at a place that no table knows,
 * may become a mapping's.
 */
static bool may_be_mappings(enum ft_owner_class class)
{
	return class == FT_OWNER_OTHER || class == FT_OWNER_FAULT || class == FT_OWNER_LOOKUP ||
	       class == FT_OWNER_ALLOCATION || class == FT_OWNER_MAPPING;
}

void ft_caller__classify(struct ft_caller *c)
{
	const char *callers[FT_PLACE_CALLERS] = { NULL };
	enum ft_place_role role;
	size_t i;

	for (i = 0; c->stack && i < FT_PLACE_CALLERS && i + 1 < c->stack->depth; i++)
		callers[i] = c->stack->frames[i + 1]->function;
	role = ft_holders__role_of(c->site, callers);
	c->owner = ft_holders__class(c->site, c->stack);
	c->unpin = ft_holders__is_unpin(c->site, c->stack);
	c->no_mapping = role != FT_PLACE_PLAIN || !may_be_mappings(c->owner) || c->unpin;
}

int ft_callers__find(struct ft_callers *callers, const struct ft_event *e, struct ft_caller *c)
{
	const struct ft_run *run = callers->run;
	bool known = e->stack && e->stack < run->nr_stacks && run->stacks[e->stack].depth;
	struct ft_caller *kept;
	int code = 0;

	*c = (struct ft_caller){ .site = e->site };
	if (!known) {
		ft_caller__classify(c);
		return 0;
	}
	if (!callers->by_stack) {
		callers->by_stack =
			ft_arena__alloc(callers->arena, run->nr_stacks, sizeof(*callers->by_stack));
		if (!callers->by_stack)
			return -ENOMEM;
	}
	kept = &callers->by_stack[e->stack];
	if (!kept->site) {
		*kept = (struct ft_caller){ .site = e->site, .stack = &run->stacks[e->stack] };
		if (e->source == FT_SRC_PAGE_REF)
			code = site_of_frame(callers, e, kept);
		if (code)
			return code;
		ft_caller__classify(kept);
	}
	*c = *kept;
	if (e->source != FT_SRC_PAGE_REF && e->site != kept->site) {
		c->site = e->site;
		ft_caller__classify(c);
	}
	return 0;
}
