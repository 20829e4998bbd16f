// SPDX-License-Identifier: GPL-2.0
#include "render/timeline/open_calls.h"

#include <string.h>

unsigned int open_calls__depth(const struct open_calls *o, uint32_t pid)
{
	unsigned int i, depth = 0;

	for (i = 0; i < o->nr; i++)
		depth += o->call[i].pid == pid;
	return depth;
}

bool open_calls__others(const struct open_calls *o, uint32_t pid)
{
	return open_calls__depth(o, pid) != o->nr;
}

void open_calls__push(struct open_calls *o, size_t line, uint32_t pid, const struct ft_site *site)
{
	if (o->nr == OPEN_CALLS_MAX) {
		memmove(o->call, o->call + 1, sizeof(o->call) - sizeof(o->call[0]));
		o->nr--;
	}
	o->call[o->nr++] = (struct open_call){ line, pid, site };
}

ssize_t open_calls__pop(struct open_calls *o, uint32_t pid, const struct ft_site *site)
{
	unsigned int i, to, at = o->nr;
	ssize_t line;

	while (at > 0 && (o->call[at - 1].pid != pid || o->call[at - 1].site != site))
		at--;
	if (!at)
		return -1;
	line = (ssize_t)o->call[--at].line;
	for (i = to = at; i < o->nr; i++)
		if (o->call[i].pid != pid)
			o->call[to++] = o->call[i];
	o->nr = to;
	return line;
}
