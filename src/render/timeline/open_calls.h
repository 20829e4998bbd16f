/* SPDX-License-Identifier: GPL-2.0 */
/* Calls that were entered and have not returned yet, of all tasks, oldest first. */
#ifndef FT_RENDER_TIMELINE_OPEN_CALLS_H
#define FT_RENDER_TIMELINE_OPEN_CALLS_H

#include <sys/types.h>

#include "model.h"

#define OPEN_CALLS_MAX 32

struct open_call {
	size_t line; /* its index in the timeline */
	uint32_t pid;
	const struct ft_site *site;
};

struct open_calls {
	struct open_call call[OPEN_CALLS_MAX];
	unsigned int nr;
};

/* How many a task has open, and whether another task has any. */
unsigned int open_calls__depth(const struct open_calls *o, uint32_t pid);
bool open_calls__others(const struct open_calls *o, uint32_t pid);
/* If there are too many, the oldest is dropped: its return was probably lost. */
void open_calls__push(struct open_calls *o, size_t line, uint32_t pid, const struct ft_site *site);
/* The line of the call that returns here, or -1. Calls of the same task that were entered
 * after it have lost their returns, and are dropped. */
ssize_t open_calls__pop(struct open_calls *o, uint32_t pid, const struct ft_site *site);

#endif /* FT_RENDER_TIMELINE_OPEN_CALLS_H */
