/* SPDX-License-Identifier: GPL-2.0 */
/* Call intervals of the tasks: entries and returns of functions without a folio. */
#ifndef FT_CORE_INDEX_CALLS_H
#define FT_CORE_INDEX_CALLS_H

#include "model.h"

struct ft_calls {
	struct ft_call *list; /* by time once complete */
	size_t nr, room;
};

void ft_calls__free(struct ft_calls *calls);
int ft_calls__add(struct ft_calls *calls, const struct ft_wire_event *e,
		  const struct ft_site *site);
int ft_calls__complete(struct ft_calls *calls);

/*
 * The functions that task pid had entered and not left at t_ns, innermost first; at most
 * max of them. Returns how many.
 */
size_t ft_run__open_calls(const struct ft_run *run, uint32_t pid, uint64_t t_ns,
			  const struct ft_call **open, size_t max);
bool ft_run__is_inside(const struct ft_run *run, uint32_t pid, uint64_t t_ns, const char *function);
/* The end of one that failed, after it took a reference. */
bool ft_call__is_system_call(const struct ft_call *call);
/* Index in run->calls of the first one later than t_ns. */
size_t ft_run__calls_after(const struct ft_run *run, uint64_t t_ns);

#endif /* FT_CORE_INDEX_CALLS_H */
