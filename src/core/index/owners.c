// SPDX-License-Identifier: GPL-2.0
#include "core/index/owners.h"

#include <errno.h>
#include <stdlib.h>

#include "core/util/grow.h"

void ft_owners_found__init(struct ft_owners_found *found, struct ft_arena *arena)
{
	*found = (struct ft_owners_found){ .arena = arena };
}

void ft_owners_found__free(struct ft_owners_found *found)
{
	free(found->list);
	*found = (struct ft_owners_found){ 0 };
}

int ft_owners_found__add(struct ft_owners_found *found, const struct ft_wire_owner *o)
{
	struct ft_found_owner *f;

	if (!o->id || o->head.op >= FT_OWNER_COUNT)
		return -EINVAL;
	if (FT_GROW(found->list, found->room, found->nr + 1))
		return -ENOMEM;
	f = &found->list[found->nr];
	*f = (struct ft_found_owner){
		.folio = o->id,
		.class = (enum ft_owner_class)o->head.op,
		.units = o->units,
		.pid = o->pid,
		.tgid = o->tgid,
		.comm = ft_arena__strndup(found->arena, o->comm, FT_COMM_LEN),
	};
	if (!f->comm)
		return -ENOMEM;
	found->nr++;
	return 0;
}

static int by_folio(const void *pa, const void *pb)
{
	const struct ft_found_owner *a = pa, *b = pb;

	if (a->folio != b->folio)
		return a->folio < b->folio ? -1 : 1;
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

int ft_owners_found__export(struct ft_owners_found *found, struct ft_run *run)
{
	if (!found->nr)
		return 0;
	qsort(found->list, found->nr, sizeof(*found->list), by_folio);
	run->nr_found_owners = found->nr;
	run->found_owners = ft_arena__adopt(found->arena, found->list);
	found->list = NULL;
	return run->found_owners ? 0 : -ENOMEM;
}

size_t ft_run__found_owners(const struct ft_run *run, uint32_t folio,
			    const struct ft_found_owner **first)
{
	size_t lo = 0, hi = run->nr_found_owners, nr = 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (run->found_owners[mid].folio < folio)
			lo = mid + 1;
		else
			hi = mid;
	}
	*first = run->found_owners ? &run->found_owners[lo] : NULL;
	while (lo + nr < run->nr_found_owners && run->found_owners[lo + nr].folio == folio)
		nr++;
	return nr;
}

int64_t ft_run__units_found(const struct ft_run *run, uint32_t folio, enum ft_owner_class class)
{
	const struct ft_found_owner *f;
	size_t nr = ft_run__found_owners(run, folio, &f), i;
	int64_t units = 0;

	for (i = 0; i < nr; i++)
		if (f[i].class == class)
			units += f[i].units;
	return units;
}
