/* SPDX-License-Identifier: GPL-2.0 */
/* Transient references whose holder is known by the function they are taken or read in. */
#ifndef FT_CORE_FOLIO_HOLDERS_H
#define FT_CORE_FOLIO_HOLDERS_H

#include "core/folio/holder_table.h"
#include "model.h"

/*
 * References that the task of e has for sure at that point of its call; -1: not known.
 * before: the folio's event before e, or NULL.
 */
int ft_holders__at(const struct ft_run *run, const struct ft_event *e,
		   const struct ft_event *before);
/* Whether e is of a function that moves the folio's contents elsewhere, for which its
 * caller has exactly one reference. */
bool ft_holders__is_migration(const struct ft_event *e);
/* Whether after e the folio is in a per-CPU LRU batch, which has a reference. */
bool ft_holders__adds_to_batch(const struct ft_event *e);

#define FT_PLACE_CALLERS 2
/* What a get or a put at site does with the reference. callers: names of the functions
 * around it, innermost first, NULL where there is none. */
enum ft_place_role ft_holders__role_of(const struct ft_site *site, const char *const *callers);
/* Who has a reference that was taken here, as the report names it; NULL: no row says. */
const char *ft_holders__word(const struct ft_site *site, const struct ft_stack *stack);
/* Whether the function clears entries of page tables. */
bool ft_holders__clears_entries(const struct ft_site *site);
/* Whether a put here is of a pin. */
bool ft_holders__is_unpin(const struct ft_site *site, const struct ft_stack *stack);
/* Whether a put here is of a per-CPU batch. */
bool ft_holders__is_batch_put(const struct ft_site *site, const struct ft_stack *stack);
/* Whether a put here releases what others may have taken: a batch, a pipe, a socket buffer,
 * the page table of a range that was unmapped. */
bool ft_holders__releases_for_others(const struct ft_site *site, const struct ft_stack *stack);
/* Whether the function only takes or puts references for its callers. */
bool ft_holders__is_helper(const char *function);
/* The function that a person would name for an operation at site: the innermost that does not
 * only take or put references for its callers. */
const char *ft_holders__taker(const struct ft_site *site, const struct ft_stack *stack);
/* The same as a class; FT_OWNER_OTHER: no row says. */
enum ft_owner_class ft_holders__class(const struct ft_site *site, const struct ft_stack *stack);

#endif /* FT_CORE_FOLIO_HOLDERS_H */
