// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "core/folio/holders.h"
#include "core/index/calls.h"
#include "function.h"

/* By PG_lru, as the return values of folio_isolate_lru() differ by release. */
static bool has_isolated(const struct ft_event *e, const struct ft_event *before)
{
	return before && before->op == FT_OP_ENTER && before->site == e->site &&
	       before->pid == e->pid && (before->flags & FT_PF_LRU) && !(e->flags & FT_PF_LRU);
}

int ft_holders__at(const struct ft_run *run, const struct ft_event *e,
		   const struct ft_event *before)
{
	const struct ft_caller_row *row;

	/* can_split_folio() expects one reference of the caller, who still has it when
	 * the split fails. */
	if (e->site->role == FT_ROLE_SPLIT) {
		if (e->op == FT_OP_ENTER)
			return 1;
		return e->op == FT_OP_RETURN && e->site->returns && e->value ? 1 : -1;
	}
	for (row = ft_caller_table; row->function; row++) {
		if (row->op != e->op || strcmp(row->function, e->site->function))
			continue;
		if (row->isolated && !has_isolated(e, before))
			continue;
		if (!row->inside || ft_run__is_inside(run, e->pid, e->t_ns, row->inside))
			return row->refs;
	}
	return -1;
}

static bool is_in(const char *const *functions, const char *name)
{
	while (*functions && strcmp(*functions, name))
		functions++;
	return *functions;
}

bool ft_holders__is_migration(const struct ft_event *e)
{
	return is_in(ft_migration_table, e->site->function);
}

bool ft_holders__adds_to_batch(const struct ft_event *e)
{
	return e->op == FT_OP_RETURN && !e->order && is_in(ft_batched_table, e->site->function);
}

static bool is_called_by(const char *const *callers, const char *function)
{
	size_t i;

	for (i = 0; i < FT_PLACE_CALLERS; i++)
		if (callers[i] && !strcmp(callers[i], function))
			return true;
	return false;
}

enum ft_place_role ft_holders__role_of(const struct ft_site *site, const char *const *callers)
{
	const struct ft_holder_row *row;

	for (row = ft_holder_table; site->function && row->function; row++) {
		if (row->role == FT_PLACE_PLAIN)
			continue;
		if (!strcmp(site->function, row->function) ||
		    (row->role == FT_PLACE_BATCH_PUT && is_called_by(callers, row->function)))
			return row->role;
	}
	return FT_PLACE_PLAIN;
}

static bool is_in_course_of(const struct ft_site *site, const struct ft_stack *stack,
			    const char *function)
{
	uint32_t i;

	if (site->function && !strcmp(site->function, function))
		return true;
	for (i = 0; stack && i < stack->depth; i++) {
		if (!strcmp(stack->frames[i]->function, function))
			return true;
		if (!strcmp(stack->frames[i]->function, ft_fault_function))
			break;
	}
	return false;
}

bool ft_holders__is_batch_put(const struct ft_site *site, const struct ft_stack *stack)
{
	const struct ft_holder_row *row;

	for (row = ft_holder_table; row->function; row++)
		if (row->role == FT_PLACE_BATCH_PUT && is_in_course_of(site, stack, row->function))
			return true;
	return false;
}

static bool is_in_course_of_any(const struct ft_site *site, const struct ft_stack *stack,
				const char *const *functions)
{
	for (; *functions; functions++)
		if (is_in_course_of(site, stack, *functions))
			return true;
	return false;
}

bool ft_holders__releases_for_others(const struct ft_site *site, const struct ft_stack *stack)
{
	return is_in_course_of_any(site, stack, ft_release_table) ||
	       ft_holders__is_batch_put(site, stack);
}

bool ft_holders__clears_entries(const struct ft_site *site)
{
	return is_in_course_of_any(site, NULL, ft_clearing_table);
}

bool ft_holders__is_unpin(const struct ft_site *site, const struct ft_stack *stack)
{
	return is_in_course_of_any(site, stack, ft_unpin_table) &&
	       !is_in_course_of_any(site, stack, ft_either_table);
}

static const struct ft_holder_row *row_of(const struct ft_site *site, const struct ft_stack *stack)
{
	const struct ft_holder_row *row;

	for (row = ft_holder_table; row->function; row++) {
		/* a fault in the course of get_user_pages() is a fault */
		bool itself = row->class == FT_OWNER_GUP;

		if (row->word && is_in_course_of(site, itself ? NULL : stack, row->function))
			return row;
	}
	return NULL;
}

bool ft_holders__is_helper(const char *function)
{
	const char *const *f;

	for (f = ft_helper_table; *f; f++)
		if (ft_function__is_same(*f, function))
			return true;
	return is_in(ft_unpin_table, function);
}

const char *ft_holders__taker(const struct ft_site *site, const struct ft_stack *stack)
{
	uint32_t i;

	if (!site->function || !ft_holders__is_helper(site->function))
		return site->function;
	/* frame 0 is the site's own */
	for (i = 1; stack && i < stack->depth; i++)
		if (!ft_holders__is_helper(stack->frames[i]->function))
			return stack->frames[i]->function;
	return site->function;
}

const char *ft_holders__word(const struct ft_site *site, const struct ft_stack *stack)
{
	const struct ft_holder_row *row = row_of(site, stack);

	return row ? row->word : NULL;
}

enum ft_owner_class ft_holders__class(const struct ft_site *site, const struct ft_stack *stack)
{
	const struct ft_holder_row *row = row_of(site, stack);

	return row ? row->class : FT_OWNER_OTHER;
}
