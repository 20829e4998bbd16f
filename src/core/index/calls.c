// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/index/calls.h"

/* How far back an open function is looked for, and how deep they nest. */
#define LOOK_BACK 16384
#define DEPTH 32

void ft_scopes__free(struct ft_scopes *scopes)
{
	free(scopes->list);
	*scopes = (struct ft_scopes){ 0 };
}

int ft_scopes__add(struct ft_scopes *scopes, const struct ft_wire_event *e,
		   const struct ft_site *site)
{
	if (scopes->nr == scopes->room) {
		size_t room = scopes->room ? 2 * scopes->room : 256;
		struct ft_scope *p = realloc(scopes->list, room * sizeof(*p));

		if (!p)
			return -ENOMEM;
		scopes->list = p;
		scopes->room = room;
	}
	scopes->list[scopes->nr++] = (struct ft_scope){
		.t_ns = e->t_ns,
		.site = site,
		.pid = e->pid,
		.cpu = e->head.cpu,
		.returned = e->head.op == FT_OP_RETURN,
		.value = e->value,
	};
	return 0;
}

/* Merge sort: a task's own order is kept where the clock did not move. */
static void sort(struct ft_scope *list, struct ft_scope *spare, size_t nr)
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

int ft_scopes__complete(struct ft_scopes *scopes)
{
	struct ft_scope *spare;

	if (scopes->nr < 2)
		return 0;
	spare = malloc(scopes->nr / 2 * sizeof(*spare));
	if (!spare)
		return -ENOMEM;
	sort(scopes->list, spare, scopes->nr);
	free(spare);
	return 0;
}

size_t ft_run__scopes_after(const struct ft_run *run, uint64_t t_ns)
{
	size_t lo = 0, hi = run->nr_scopes;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (run->scopes[mid].t_ns <= t_ns)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Backwards: an enter whose return was not met on the way is still open. */
size_t ft_run__open_scopes(const struct ft_run *run, uint32_t pid, uint64_t t_ns,
			   const struct ft_scope **open, size_t max)
{
	const struct ft_site *closed[DEPTH];
	size_t nr_closed = 0, nr = 0, looked = 0;
	size_t i = ft_run__scopes_after(run, t_ns);

	while (i-- && looked++ < LOOK_BACK && nr < max) {
		const struct ft_scope *s = &run->scopes[i];

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

bool ft_run__is_inside(const struct ft_run *run, uint32_t pid, uint64_t t_ns, const char *function)
{
	const struct ft_scope *open[DEPTH];
	size_t nr = ft_run__open_scopes(run, pid, t_ns, open, DEPTH);

	while (nr--)
		if (!strcmp(open[nr]->site->function, function))
			return true;
	return false;
}
