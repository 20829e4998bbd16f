// SPDX-License-Identifier: GPL-2.0
#include "core/attribution/pair_table.h"
#include "core/util/grow.h"

/* In place of the put's name in a key. */
#define NOBODY 1 /* the get was not put */
#define ALL 2	 /* all gets of the name, however put */

static uint64_t key_of(enum ft_class_level level, uint64_t get, uint64_t put)
{
	return ft_hash__mix(ft_hash__mix(get, put), level + 1);
}

static bool has_key(const void *list, uint32_t number, const void *key)
{
	return ((const struct ft_pair_sum *)list)[number].key == *(const uint64_t *)key;
}

static double weight_of(const struct ft_pair_table *t, uint64_t key)
{
	uint32_t number = ft_hash__find(&t->index, ft_hash__of(key), has_key, t->list, &key);

	return number == FT_HASH_NONE ? 0 : t->list[number].weight;
}

static int count(struct ft_pair_table *t, uint64_t key, double weight)
{
	uint32_t number = ft_hash__find(&t->index, ft_hash__of(key), has_key, t->list, &key);

	if (number == FT_HASH_NONE) {
		number = (uint32_t)t->nr;
		if (FT_GROW(t->list, t->room, t->nr + 1) ||
		    ft_hash__add(&t->index, ft_hash__of(key), number))
			return -ENOMEM;
		t->list[t->nr++] = (struct ft_pair_sum){ .key = key };
	}
	t->list[number].weight += weight;
	return 0;
}

static int add_pair(struct ft_pair_table *t, const struct ft_pair *pair, double weight)
{
	uint64_t get[FT_LEVEL_COUNT], put[FT_LEVEL_COUNT];
	enum ft_class_level level;
	int code = 0;

	ft_class__hash_names(pair->get.function, pair->get.caller, get);
	if (pair->put.function)
		ft_class__hash_names(pair->put.function, pair->put.caller, put);
	for (level = 0; !code && level < FT_LEVEL_COUNT; level++) {
		code = count(t, key_of(level, get[level], pair->put.function ? put[level] : NOBODY),
			     weight);
		if (!code)
			code = count(t, key_of(level, get[level], ALL), weight);
	}
	return code;
}

int ft_pair_table__add(struct ft_pair_table *t, const struct ft_pairs *pairs, double scale)
{
	size_t i;
	int code = 0;

	for (i = 0; !code && i < pairs->nr; i++)
		code = add_pair(t, &pairs->list[i], scale * pairs->list[i].weight);
	return code;
}

void ft_pair_table__free(struct ft_pair_table *t)
{
	free(t->list);
	ft_hash__free(&t->index);
	*t = (struct ft_pair_table){ 0 };
}

double ft_pair_table__known(const struct ft_pair_table *t, const struct ft_class *get,
			    enum ft_class_level level)
{
	return weight_of(t, key_of(level, get->name[level], ALL));
}

double ft_pair_table__p(const struct ft_pair_table *t, const struct ft_class *get,
			const struct ft_class *put, enum ft_class_level level, double p)
{
	double all = ft_pair_table__known(t, get, level);

	if (all <= 0)
		return p;
	return (weight_of(t, key_of(level, get->name[level], put->name[level])) + p) / (all + 1);
}
