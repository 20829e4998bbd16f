// SPDX-License-Identifier: GPL-2.0
/* One table for pairs by class and by place: the key has a bit for which. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "core/attribution/pair_model.h"

/* In place of the put in a key. */
#define NOBODY 0x7fffffffU  /* the get was not put */
#define ALL 0x7ffffffeU	    /* all gets of the class, however put */
#define ANSWERS 0x7ffffffdU /* the key's class is a put's: all gets that it answered */
#define BY_PLACE (1ULL << 63)
#define USED (1ULL << 62)
#define COST_MAX 8.0

static uint64_t key_of(bool by_place, uint32_t get, uint32_t put)
{
	return (by_place ? BY_PLACE : 0) | USED | (uint64_t)(get & 0x3fffffff) << 31 | put;
}

static struct ft_model_entry *slot_of(const struct ft_model *m, uint64_t key)
{
	size_t i = (key * 0x9e3779b97f4a7c15ULL >> 24) & (m->size - 1);

	while (m->table[i].key && m->table[i].key != key)
		i = (i + 1) & (m->size - 1);
	return &m->table[i];
}

static const struct ft_model_entry *find(const struct ft_model *m, bool by_place, uint32_t get,
					 uint32_t put)
{
	static const struct ft_model_entry none;

	return m->size ? slot_of(m, key_of(by_place, get, put)) : &none;
}

static int grow(struct ft_model *m)
{
	struct ft_model bigger = { .nr = m->nr, .size = m->size ? 2 * m->size : 1024 };
	size_t i;

	bigger.table = calloc(bigger.size, sizeof(*bigger.table));
	if (!bigger.table)
		return -ENOMEM;
	for (i = 0; i < m->size; i++)
		if (m->table[i].key)
			*slot_of(&bigger, m->table[i].key) = m->table[i];
	free(m->table);
	*m = bigger;
	return 0;
}

static int count(struct ft_model *m, uint64_t key, const struct ft_token *get,
		 const struct ft_token *put, double weight, uint64_t folios)
{
	struct ft_model_entry *e;
	int code;

	if (2 * (m->nr + 1) > m->size) {
		code = grow(m);
		if (code)
			return code;
	}
	e = slot_of(m, key);
	if (!e->key) {
		m->nr++;
		e->key = key;
		if (put) {
			e->get_ns = get->t_ns;
			e->put_ns = put->t_ns;
			e->put_stack = put->stack;
			e->task = put->task;
			e->same_task = put->task == get->task;
			e->same_call = e->same_task && put->entry_seq == get->entry_seq;
		}
	}
	e->weight += weight;
	e->seen += folios;
	return 0;
}

int ft_model__add(struct ft_model *m, const struct ft_token *get, const struct ft_token *put,
		  double weight, uint64_t folios)
{
	int code = count(m, key_of(false, get->class, put ? put->class : NOBODY), get, put, weight,
			 folios);

	if (!code)
		code = count(m, key_of(true, get->place, put ? put->place : NOBODY), get, put,
			     weight, folios);
	if (!code)
		code = count(m, key_of(false, get->class, ALL), get, NULL, weight, folios);
	if (!code)
		code = count(m, key_of(true, get->place, ALL), get, NULL, weight, folios);
	if (!code && put)
		code = count(m, key_of(false, put->class, ANSWERS), get, NULL, weight, folios);
	if (!code && put)
		code = count(m, key_of(true, put->place, ANSWERS), get, NULL, weight, folios);
	return code;
}

void ft_model__free(struct ft_model *m)
{
	free(m->table);
	*m = (struct ft_model){ 0 };
}

double ft_model__cost(const struct ft_model *m, const struct ft_token *get,
		      const struct ft_token *put)
{
	uint32_t all = get->put ? ANSWERS : ALL;
	double by_place = find(m, true, get->place, all)->weight, by_class, p;

	if (by_place <= 0)
		return -1;
	p = (find(m, true, get->place, put ? put->place : NOBODY)->weight + 0.01) / (by_place + 1);
	by_class = find(m, false, get->class, all)->weight;
	if (by_class > 0)
		p = (find(m, false, get->class, put ? put->class : NOBODY)->weight + p) /
		    (by_class + 1);
	return fmin(-log(fmax(p, 1e-9)), COST_MAX);
}

double ft_model__weight_of_place(const struct ft_model *m, uint32_t place)
{
	return find(m, true, place, ALL)->weight;
}

uint64_t ft_model__seen(const struct ft_model *m, uint32_t get, uint32_t put)
{
	return find(m, false, get, put)->seen;
}

bool ft_model__knows(const struct ft_model *m, const struct ft_token *t)
{
	return find(m, false, t->class, t->put ? ANSWERS : ALL)->weight > 0;
}

static bool best_answer(const struct ft_model *m, const struct ft_classes *classes, bool by_place,
			uint32_t get, struct ft_answer *answer)
{
	const struct ft_model_entry *best = NULL, *e;
	uint32_t i, id;

	for (i = 0; i < classes->nr; i++) {
		if (!classes->list[i].site)
			continue; /* a pseudo-token */
		id = by_place ? classes->list[i].place : i;
		e = find(m, by_place, get, id);
		if (e->key && (!best || e->seen > best->seen)) {
			best = e;
			answer->class = i;
		}
	}
	if (!best)
		return false;
	answer->by_place = by_place;
	answer->seen = best->seen;
	answer->all = find(m, by_place, get, ALL)->seen;
	answer->same_call = best->same_call;
	answer->same_task = best->same_task;
	answer->get_ns = best->get_ns;
	answer->put_ns = best->put_ns;
	answer->task = best->task;
	answer->stack = best->put_stack;
	return true;
}

bool ft_model__answer(const struct ft_model *m, const struct ft_classes *classes,
		      const struct ft_token *get, struct ft_answer *answer)
{
	if (best_answer(m, classes, false, get->class, answer))
		return true;
	return best_answer(m, classes, true, get->place, answer);
}
