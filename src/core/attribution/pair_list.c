// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "core/attribution/pair_list.h"
#include "core/util/grow.h"

void ft_pair_list__init(struct ft_pair_list *l, struct ft_arena *arena)
{
	*l = (struct ft_pair_list){ .arena = arena };
	ft_strings__init(&l->names, arena);
}

void ft_pair_list__free(struct ft_pair_list *l)
{
	ft_strings__free(&l->names);
	free(l->list);
	ft_hash__free(&l->index);
	*l = (struct ft_pair_list){ 0 };
}

/* Names are interned: the same ones are the same pointers. */
static bool is_same(const void *list, uint32_t number, const void *key)
{
	const struct ft_pair *a = (const struct ft_pair *)list + number, *b = key;

	return !memcmp(&a->get, &b->get, sizeof(a->get)) &&
	       !memcmp(&a->put, &b->put, sizeof(a->put));
}

static uint64_t hash_place(uint64_t h, const struct ft_pair_place *place)
{
	size_t i;

	h = ft_hash__mix(h, (uintptr_t)place->function);
	for (i = 0; i < FT_PAIR_CALLERS; i++)
		h = ft_hash__mix(h, (uintptr_t)place->caller[i]);
	return h;
}

static int intern_name(struct ft_pair_list *l, const char *name, const char **interned)
{
	*interned = name ? ft_strings__intern(&l->names, name) : NULL;
	return name && !*interned ? -ENOMEM : 0;
}

static int intern_place(struct ft_pair_list *l, const struct ft_pair_place *from,
			struct ft_pair_place *to)
{
	size_t i;
	int code = intern_name(l, from->function, &to->function);

	for (i = 0; !code && i < FT_PAIR_CALLERS; i++)
		code = intern_name(l, from->caller[i], &to->caller[i]);
	return code;
}

static void add_weight(struct ft_pair *pair, uint64_t weight)
{
	weight += pair->weight;
	pair->weight = weight < FT_PAIR_WEIGHT_MAX ? (uint32_t)weight : FT_PAIR_WEIGHT_MAX;
}

int ft_pair_list__add(struct ft_pair_list *l, const struct ft_pair *pair)
{
	struct ft_pair key = { .weight = 0 };
	uint32_t hash, number;

	if (intern_place(l, &pair->get, &key.get) || intern_place(l, &pair->put, &key.put))
		return -ENOMEM;
	hash = ft_hash__of(hash_place(hash_place(0, &key.get), &key.put));
	number = ft_hash__find(&l->index, hash, is_same, l->list, &key);
	if (number == FT_HASH_NONE) {
		number = (uint32_t)l->nr;
		if (FT_GROW(l->list, l->room, l->nr + 1) || ft_hash__add(&l->index, hash, number))
			return -ENOMEM;
		l->list[l->nr++] = key;
	}
	add_weight(&l->list[number], pair->weight);
	return 0;
}

int ft_pair_list__add_all(struct ft_pair_list *l, const struct ft_pairs *pairs)
{
	size_t i;
	int code = 0;

	for (i = 0; !code && i < pairs->nr; i++)
		code = ft_pair_list__add(l, &pairs->list[i]);
	return code;
}

static void fill_place(struct ft_pair_place *place, const struct ft_class *class, char *holder)
{
	size_t i;

	place->function = ft_class__function(class, holder, FT_HOLDER_NAME);
	for (i = 0; class->site && i < FT_PAIR_CALLERS; i++)
		place->caller[i] = class->caller[i];
}

int ft_pair_list__add_model(struct ft_pair_list *l, const struct ft_model *model,
			    const struct ft_classes *classes)
{
	char of_get[FT_HOLDER_NAME], of_put[FT_HOLDER_NAME];
	struct ft_model_pair found;
	size_t at = 0;
	int code = 0;

	while (!code && ft_model__next(model, &at, &found)) {
		struct ft_pair pair = { .weight = found.weight };

		fill_place(&pair.get, &classes->list[found.get], of_get);
		if (found.answered)
			fill_place(&pair.put, &classes->list[found.put], of_put);
		if (pair.get.function)
			code = ft_pair_list__add(l, &pair);
	}
	return code;
}

static int compare_names(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int compare_places(const struct ft_pair_place *a, const struct ft_pair_place *b)
{
	int order = compare_names(a->function, b->function);
	size_t i;

	for (i = 0; !order && i < FT_PAIR_CALLERS; i++)
		order = compare_names(a->caller[i], b->caller[i]);
	return order;
}

static int by_names(const void *x, const void *y)
{
	const struct ft_pair *a = x, *b = y;
	int order = compare_places(&a->get, &b->get);

	return order ? order : compare_places(&a->put, &b->put);
}

static int by_weight(const void *x, const void *y)
{
	const struct ft_pair *a = x, *b = y;

	return a->weight != b->weight ? (a->weight < b->weight ? 1 : -1) : by_names(x, y);
}

int ft_pair_list__finish(struct ft_pair_list *l, struct ft_pairs *pairs)
{
	size_t nr = l->nr < FT_PAIRS_MAX ? l->nr : FT_PAIRS_MAX;

	*pairs = (struct ft_pairs){ .nr = nr };
	if (!nr)
		return 0;
	pairs->list = ft_arena__alloc(l->arena, nr, sizeof(*pairs->list));
	if (!pairs->list)
		return -ENOMEM;
	qsort(l->list, l->nr, sizeof(*l->list), by_weight);
	memcpy(pairs->list, l->list, nr * sizeof(*pairs->list));
	qsort(pairs->list, nr, sizeof(*pairs->list), by_names);
	ft_hash__free(&l->index); /* its numbers are of the order before */
	l->nr = 0;
	return 0;
}
