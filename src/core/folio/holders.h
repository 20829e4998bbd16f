/* SPDX-License-Identifier: GPL-2.0 */
/* Temporary references whose holder is known from where a reading was made. */
#ifndef FT_CORE_FOLIO_HOLDERS_H
#define FT_CORE_FOLIO_HOLDERS_H

#include "core/folio/holder_table.h"
#include "model.h"

/*
 * References that the task in the middle of e holds for sure; -1: not known.
 * before: the life's event before e, or NULL.
 */
int ft_holders__at(const struct ft_run *run, const struct ft_event *e,
		   const struct ft_event *before);
/* Whether e is the return of a function that moves the folio's contents elsewhere,
 * for which the caller has exactly one reference of its own. */
bool ft_holders__is_migration(const struct ft_event *e);
/* Whether e puts the folio into a per-CPU LRU batch, which holds a reference. */
bool ft_holders__adds_to_batch(const struct ft_event *e);

/* callers: names of the functions around the site, innermost first; NULL: none. */
#define FT_PLACE_CALLERS 2
enum ft_place_role ft_holders__role_of(const struct ft_site *site, const char *const *callers);
/* Who has a reference that was taken here, in a word or two; NULL: no row says. */
const char *ft_holders__word(const struct ft_site *site, const struct ft_stack *stack);

#endif /* FT_CORE_FOLIO_HOLDERS_H */
