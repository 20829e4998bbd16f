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
	*c = (struct ft_caller){ e->site, full };
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
	*c = (struct ft_caller){ site, stack };
	return 0;
}

int ft_callers__find(struct ft_callers *callers, const struct ft_event *e, struct ft_caller *c)
{
	const struct ft_run *run = callers->run;
	bool known = e->stack && e->stack < run->nr_stacks && run->stacks[e->stack].depth;
	int code;

	*c = (struct ft_caller){ e->site, known ? &run->stacks[e->stack] : NULL };
	if (!known || e->source != FT_SRC_PAGE_REF)
		return 0;
	if (!callers->by_stack) {
		callers->by_stack =
			ft_arena__alloc(callers->arena, run->nr_stacks, sizeof(*callers->by_stack));
		if (!callers->by_stack)
			return -ENOMEM;
	}
	if (!callers->by_stack[e->stack].site) {
		code = site_of_frame(callers, e, &callers->by_stack[e->stack]);
		if (code)
			return code;
	}
	*c = callers->by_stack[e->stack];
	return 0;
}
