/* SPDX-License-Identifier: GPL-2.0 */
/* Who was inside what: enters and returns of functions without a folio. */
#ifndef FT_CORE_INDEX_CALLS_H
#define FT_CORE_INDEX_CALLS_H

#include "model.h"

struct ft_scopes {
	struct ft_scope *list; /* by time once complete */
	size_t nr, room;
};

void ft_scopes__free(struct ft_scopes *scopes);
int ft_scopes__add(struct ft_scopes *scopes, const struct ft_wire_event *e,
		   const struct ft_site *site);
int ft_scopes__complete(struct ft_scopes *scopes);

/*
 * The functions that the task pid was inside of at t_ns, innermost first; at
 * most max of them. Returns how many.
 */
size_t ft_run__open_scopes(const struct ft_run *run, uint32_t pid, uint64_t t_ns,
			   const struct ft_scope **open, size_t max);
bool ft_run__is_inside(const struct ft_run *run, uint32_t pid, uint64_t t_ns, const char *function);
/* Index of the first scope later than t_ns. */
size_t ft_run__scopes_after(const struct ft_run *run, uint64_t t_ns);

#endif /* FT_CORE_INDEX_CALLS_H */
