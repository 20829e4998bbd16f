// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>

#include "core/ledger/records.h"
#include "core/util/grow.h"

void ft_records__free(struct ft_records *r)
{
	free(r->list);
	*r = (struct ft_records){ 0 };
}

static int compare_seq(const void *pa, const void *pb)
{
	const struct ft_wire_event *a = *(const struct ft_wire_event *const *)pa;
	const struct ft_wire_event *b = *(const struct ft_wire_event *const *)pb;

	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

int ft_records__gather(struct ft_records *r, const struct ft_account *a)
{
	struct ft_chunk *chunk;
	bool sorted = true;
	size_t i, n = 0;

	if (FT_GROW(r->list, r->room, (size_t)a->nr + 1))
		return -ENOMEM;
	for (chunk = a->first; chunk; chunk = chunk->next)
		for (i = 0; i < FT_CHUNK_EVENTS && n < a->nr; i++) {
			r->list[n++] = &chunk->event[i];
			sorted = sorted && (n < 2 || r->list[n - 2]->seq < r->list[n - 1]->seq);
		}
	if (!sorted)
		qsort(r->list, n, sizeof(*r->list), compare_seq);
	for (i = r->nr = 0; i < n; i++)
		if (!r->nr || r->list[r->nr - 1]->seq != r->list[i]->seq)
			r->list[r->nr++] = r->list[i];
	r->repeated = n - r->nr;
	return 0;
}
