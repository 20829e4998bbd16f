// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/index/calls.h"
#include "core/util/grow.h"

/* How far back an open function is looked for, and how deep they nest. */
#define LOOK_BACK 16384
#define DEPTH 32

void ft_calls__free(struct ft_calls *calls)
{
	free(calls->list);
	*calls = (struct ft_calls){ 0 };
}

int ft_calls__add(struct ft_calls *calls, const struct ft_wire_event *e, const struct ft_site *site)
{
	if (FT_GROW(calls->list, calls->room, calls->nr + 1))
		return -ENOMEM;
	calls->list[calls->nr++] = (struct ft_call){
		.t_ns = e->t_ns,
		.site = site,
		.pid = e->pid,
		.entry_seq = e->entry_seq,
		.cpu = e->head.cpu,
		.returned = e->head.op == FT_OP_RETURN,
		.value = e->value,
	};
	return 0;
}

/* Merge sort, as it is stable: calls of one task may have the same time. */
static void sort(struct ft_call *list, struct ft_call *spare, size_t nr)
{
	size_t half = nr / 2, i = 0, j = half, k = 0;

	if (nr < 2)
		return;
	sort(list, spare, half);
	sort(list + half, spare, nr - half);
	if (list[half - 1].t_ns <= list[half].t_ns)
		return;
	memcpy(spare, list, half * sizeof(*list));
	while (i < half && j < nr)
		list[k++] = list[j].t_ns < spare[i].t_ns ? list[j++] : spare[i++];
	while (i < half)
		list[k++] = spare[i++];
}

int ft_calls__complete(struct ft_calls *calls)
{
	struct ft_call *spare;

	if (calls->nr < 2)
		return 0;
	spare = malloc(calls->nr / 2 * sizeof(*spare));
	if (!spare)
		return -ENOMEM;
	sort(calls->list, spare, calls->nr);
	free(spare);
	return 0;
}

size_t ft_run__calls_after(const struct ft_run *run, uint64_t t_ns)
{
	size_t lo = 0, hi = run->nr_calls;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (run->calls[mid].t_ns <= t_ns)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Walks back in time: an entry is open if its return was not met on the way. */
size_t ft_run__open_calls(const struct ft_run *run, uint32_t pid, uint64_t t_ns,
			  const struct ft_call **open, size_t max)
{
	const struct ft_site *closed[DEPTH];
	size_t nr_closed = 0, nr = 0, looked = 0;
	size_t i = ft_run__calls_after(run, t_ns);

	while (i-- && looked++ < LOOK_BACK && nr < max) {
		const struct ft_call *s = &run->calls[i];

		if (s->pid != pid)
			continue;
		if (s->returned) {
			if (nr_closed < DEPTH)
				closed[nr_closed++] = s->site;
			continue;
		}
		if (nr_closed && closed[nr_closed - 1] == s->site)
			nr_closed--;
		else if (!nr_closed)
			open[nr++] = s;
	}
	return nr;
}

bool ft_call__is_system_call(const struct ft_call *call)
{
	return !strcmp(call->site->function, "system_call"); /* FT_HOOKS_BUILTIN */
}

bool ft_run__is_inside(const struct ft_run *run, uint32_t pid, uint64_t t_ns, const char *function)
{
	const struct ft_call *open[DEPTH];
	size_t nr = ft_run__open_calls(run, pid, t_ns, open, DEPTH);

	while (nr--)
		if (!strcmp(open[nr]->site->function, function))
			return true;
	return false;
}
