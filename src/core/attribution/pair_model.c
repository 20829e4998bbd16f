// SPDX-License-Identifier: GPL-2.0
/* One table for pairs by class, by place, and by place and caller: the key has bits for which. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "core/attribution/pair_model.h"
#include "core/util/grow.h"

/* In place of the put in a key. */
#define NOBODY 0x7fffffffU  /* the get was not put */
#define ALL 0x7ffffffeU	    /* all gets of the class, however put */
#define ANSWERS 0x7ffffffdU /* the key's class is a put's: all gets that it answered */
#define OWN 0x7ffffffcU	    /* ... of its own call */
#define OTHERS 0x7ffffffbU  /* ... of another */
#define RELATION                                                                                   \
	0x7ffffff0U /* so many gets were put in their own call, by their task, by another */
#define BY_PLACE (1ULL << 63)
#define BY_CALLER (1ULL << 62)
#define NO_KEY UINT64_MAX
#define COST_MAX 8.0
#define CHANCE 0.01	  /* that a put which was never seen to answers a get */
#define BY_PLACE_WEIGHT 4 /* examples that what is known of the place counts for a class */

static uint64_t key_of(bool by_place, uint32_t get, uint32_t put)
{
	return (by_place ? BY_PLACE : 0) | (uint64_t)(get & 0x3fffffff) << 31 | put;
}

/* The place of a put, and the function that called it: batches are put in one place for all. */
static uint64_t key_of_caller(const struct ft_token *put, uint32_t whose)
{
	const struct ft_stack *s = put->stack;
	const char *caller = s && s->depth > 1 ? s->frames[1]->function : NULL;
	uint32_t id = ft_hash__of(ft_hash__mix(put->place, (uintptr_t)caller));

	return BY_CALLER | key_of(false, id, whose);
}

static bool has_key(const void *list, uint32_t number, const void *key)
{
	return ((const struct ft_model_entry *)list)[number].key == *(const uint64_t *)key;
}

static const struct ft_model_entry *find_key(const struct ft_model *m, uint64_t key)
{
	static const struct ft_model_entry none;
	uint32_t number = ft_hash__find(&m->index, ft_hash__of(key), has_key, m->list, &key);

	return number == FT_HASH_NONE ? &none : &m->list[number];
}

static const struct ft_model_entry *find(const struct ft_model *m, bool by_place, uint32_t get,
					 uint32_t put)
{
	return find_key(m, key_of(by_place, get, put));
}

static int add(struct ft_model *m, uint64_t key, const struct ft_token *get,
	       const struct ft_token *put)
{
	struct ft_model_entry e = { .key = key };

	if (put) {
		e.get_ns = get->t_ns;
		e.put_ns = put->t_ns;
		e.put_stack = put->stack;
		e.task = put->task;
		e.same_task = put->task == get->task;
		e.same_call = e.same_task && put->entry_seq == get->entry_seq;
	}
	if (FT_GROW(m->list, m->room, m->nr + 1) ||
	    ft_hash__add(&m->index, ft_hash__of(key), (uint32_t)m->nr))
		return -ENOMEM;
	m->list[m->nr++] = e;
	return 0;
}

static int count(struct ft_model *m, uint64_t key, const struct ft_token *get,
		 const struct ft_token *put, double weight, uint64_t folios)
{
	uint32_t number = ft_hash__find(&m->index, ft_hash__of(key), has_key, m->list, &key);

	if (number == FT_HASH_NONE) {
		number = (uint32_t)m->nr;
		if (add(m, key, get, put))
			return -ENOMEM;
	}
	m->list[number].weight += weight;
	m->list[number].seen += folios;
	return 0;
}

static enum ft_relation relation_of(const struct ft_token *get, const struct ft_token *put)
{
	return ft_token__is_same_call(get, put) ? FT_RELATION_CALL :
	       ft_token__is_same_task(get, put) ? FT_RELATION_TASK :
						  FT_RELATION_OTHER;
}

static int count_relation(struct ft_model *m, const struct ft_token *get,
			  const struct ft_token *put, double weight, uint64_t folios)
{
	uint32_t relation = RELATION + relation_of(get, put);
	int code = count(m, key_of(false, get->class, relation), get, NULL, weight, folios);

	return code ? code :
		      count(m, key_of(true, get->place, relation), get, NULL, weight, folios);
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
	if (!code && put && !ft_token__is_pseudo(get) && !ft_token__is_pseudo(put))
		code = count_relation(m, get, put, weight, folios);
	if (!code && put && !ft_token__is_pseudo(get))
		code = count(m, key_of_caller(put, ft_token__is_same_call(get, put) ? OWN : OTHERS),
			     get, NULL, weight, folios);
	return code;
}

void ft_model__free(struct ft_model *m)
{
	free(m->list);
	ft_hash__free(&m->index);
	*m = (struct ft_model){ 0 };
}

int ft_model__lean_on(struct ft_model *m, const struct ft_pair_table *table,
		      const struct ft_classes *classes)
{
	if (!table->nr)
		return 0;
	m->table = table;
	m->classes = classes;
	m->learned = m->nr > 0;
	/* An entry that nobody asks for, so that no model with a table looks empty. */
	return add(m, NO_KEY, NULL, NULL);
}

bool ft_model__next(const struct ft_model *m, size_t *at, struct ft_model_pair *pair)
{
	while (*at < m->nr) {
		const struct ft_model_entry *e = &m->list[(*at)++];
		uint32_t put = (uint32_t)(e->key & 0x7fffffff);

		if (e->key & (BY_PLACE | BY_CALLER) || (put >= RELATION && put != NOBODY))
			continue;
		*pair = (struct ft_model_pair){ (uint32_t)(e->key >> 31), put, put != NOBODY,
						(uint32_t)ceil(e->weight) };
		return true;
	}
	return false;
}

/* What one source says of a pair that it has seen in so many of so many examples; p, what is
 * believed without it, counts as weight examples more. */
static double believe(double seen, double examples, double p, double weight)
{
	return (seen + weight * p) / (examples + weight);
}

bool ft_model__may_lead(const struct ft_model *m, int64_t surplus, bool whole)
{
	return !m->table || m->learned || surplus < 0 || (surplus == 1 && whole);
}

/* Whether the table is asked: only of gets that no balanced lifetime of the run has. */
static bool asks_table(const struct ft_model *m, const struct ft_token *get, double by_class)
{
	return m->table && by_class <= 0 &&
	       ft_pair_table__known(m->table, &m->classes->list[get->class], FT_LEVEL_FUNCTION) > 0;
}

/*
 * The price of leaving over a get that the table knows and the run does not. That others always
 * put theirs makes a get which nobody here was seen to put no smaller a suspect, so it is
 * not their number that counts: it is like a get that was seen once. A run that has
 * learned nothing has none that are better known, and the price is that of any.
 */
static double cost_of_leaving(const struct ft_model *m)
{
	return m->learned ? -log(CHANCE) : -1;
}

static double ask_table(const struct ft_model *m, const struct ft_token *get,
			const struct ft_token *put, enum ft_class_level level, double p)
{
	return ft_pair_table__p(m->table, &m->classes->list[get->class],
				&m->classes->list[put->class], level, p);
}

/* From what says least to what says most: each is believed as far as it has examples. */
double ft_model__cost(const struct ft_model *m, const struct ft_token *get,
		      const struct ft_token *put)
{
	uint32_t all = get->put ? ANSWERS : ALL;
	double by_place = find(m, true, get->place, all)->weight;
	double by_class = find(m, false, get->class, all)->weight, p = CHANCE;
	bool ask = asks_table(m, get, by_class);

	if (by_place <= 0 && !ask)
		return -1;
	if (by_place <= 0 && !put)
		return cost_of_leaving(m);
	ask &= put != NULL;
	if (ask)
		p = ask_table(m, get, put, FT_LEVEL_FUNCTION, p);
	if (by_place > 0)
		p = believe(find(m, true, get->place, put ? put->place : NOBODY)->weight, by_place,
			    p, 1);
	if (ask) {
		p = ask_table(m, get, put, FT_LEVEL_CALLER, p);
		p = ask_table(m, get, put, FT_LEVEL_CALLERS, p);
	}
	if (by_class > 0)
		p = believe(find(m, false, get->class, put ? put->class : NOBODY)->weight, by_class,
			    p, BY_PLACE_WEIGHT);
	return fmin(-log(fmax(p, 1e-9)), COST_MAX);
}

double ft_model__cost_of_relation(const struct ft_model *m, const struct ft_token *get,
				  const struct ft_token *put)
{
	/* of gets that nothing is known of */
	static const double prior[] = { [FT_RELATION_CALL] = 0.6,
					[FT_RELATION_TASK] = 0.25,
					[FT_RELATION_OTHER] = 0.15 };
	enum ft_relation relation = relation_of(get, put), i;
	double all = 0, by_place = 0, p;

	for (i = 0; i < FT_RELATION_COUNT; i++) {
		by_place += find(m, true, get->place, RELATION + i)->weight;
		all += find(m, false, get->class, RELATION + i)->weight;
	}
	p = (find(m, true, get->place, RELATION + relation)->weight + prior[relation]) /
	    (by_place + 1);
	p = (find(m, false, get->class, RELATION + relation)->weight + p) / (all + 1);
	return fmin(-log(p), COST_MAX);
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

bool ft_model__puts_its_own(const struct ft_model *m, const struct ft_token *put)
{
	return find_key(m, key_of_caller(put, OWN))->seen &&
	       !find_key(m, key_of_caller(put, OTHERS))->seen;
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
		if (e->seen && (!best || e->seen > best->seen)) {
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
