// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "core/attribution/cost.h"
#include "trial.h"

static void *must(void *p)
{
	if (!p) {
		fprintf(stderr, "trial: out of memory\n");
		exit(1);
	}
	return p;
}

static bool is_single(const struct ft_token *t, const struct test_life *life)
{
	return !ft_token__is_pseudo(t) && t->n == 1 && life->refs[t->at].kind == FT_REF_CHANGE &&
	       (life->refs[t->at].delta == 1 || life->refs[t->at].delta == -1);
}

struct couple *trial__couples(struct school *s, struct test_life *life, size_t *nr)
{
	struct ft_ref_end end = life__end(life);
	struct couple *list;
	struct ft_sides sides;
	struct ft_assignment a;
	size_t i;

	*nr = 0;
	school__tokens(s, life, &end);
	if (ft_sides__of(&sides, &s->tokens) || ft_sides__assign(&sides, &s->model, &a))
		must(NULL);
	list = must(calloc(sides.nr_may + 1, sizeof(*list)));
	for (i = 0; i < sides.nr_may; i++) {
		const struct ft_token *get = sides.may[i],
				      *put = a.row_of[i] < 0 ? NULL : sides.must[a.row_of[i]];

		if (put && is_single(get, life) && is_single(put, life))
			list[(*nr)++] = (struct couple){ (size_t)get->at, (size_t)put->at,
							 get->class, put->class,
							 ft_token__is_shown(get) };
	}
	ft_assignment__free(&a);
	ft_sides__free(&sides);
	return list;
}

#define PAGES 512

static bool is_whole(const struct test_life *life)
{
	size_t i;

	for (i = 0; i < life->nr; i++)
		if ((i && life->refs[i].kind != FT_REF_CHANGE) || life->refs[i].cached > 1 ||
		    life->refs[i].cached < 0)
			return false;
	return life->cached <= 1;
}

bool trial__enlarge(struct school *s, const struct test_life *life, struct test_life *large)
{
	struct ft_ref_end end = life__end(life);
	int64_t count, cached = 0;
	size_t i;

	*large = *life;
	if (!is_whole(life))
		return false;
	large->refs = must(calloc(life->nr + 1, sizeof(*life->refs)));
	memcpy(large->refs, life->refs, life->nr * sizeof(*life->refs));
	school__tokens(s, large, &end);
	count = large->refs[0].count - large->refs[0].delta + (PAGES - 1) * large->refs[0].cached;
	for (i = 0; i < s->tokens.nr; i++) {
		const struct ft_token *t = &s->tokens.list[i];

		if (t->hold != FT_HOLD_CACHE || ft_token__is_pseudo(t))
			continue;
		large->refs[t->at].delta *= PAGES;
		cached++;
	}
	for (i = 0; i < life->nr; i++) {
		large->refs[i].count = (int32_t)(count += large->refs[i].delta);
		large->refs[i].cached *= PAGES;
	}
	large->cached *= PAGES;
	large->refcount = large->alive ? (int32_t)count : 0;
	if (cached && life__is_balanced(large))
		return true;
	free(large->refs);
	return false;
}

/* Folios with a reference too many are not frozen; and none dies before its end. */
static bool can_change(const struct test_life *life, size_t from, int32_t by)
{
	size_t i;

	for (i = from; i < life->nr; i++)
		if (life->refs[i].kind != FT_REF_CHANGE ||
		    (i + 1 < life->nr && life->refs[i].count + by <= 0))
			return false;
	return true;
}

static void shift(struct test_life *life, size_t from, int32_t by)
{
	size_t i;

	for (i = from; i < life->nr; i++)
		life->refs[i].count += by;
	life->refcount += by;
}

static void take_out(struct test_life *life, size_t at)
{
	memmove(&life->refs[at], &life->refs[at + 1], (life->nr - at - 1) * sizeof(*life->refs));
	life->nr--;
}

static bool leave_out(struct test_life *life, size_t at)
{
	int32_t by = -life->refs[at].delta;

	if (!can_change(life, at + 1, by))
		return false;
	shift(life, at + 1, by);
	take_out(life, at);
	return true;
}

static bool do_twice(struct test_life *life, size_t at)
{
	int32_t by = life->refs[at].delta;

	if (!can_change(life, at, by))
		return false;
	memmove(&life->refs[at + 1], &life->refs[at], (life->nr - at) * sizeof(*life->refs));
	life->nr++;
	shift(life, at + 1, by);
	return true;
}

/* An over-put shows while something holds the folio: the last such moment at which
 * it was as it should be, and all of the couple was over. */
static bool cut(struct test_life *life, const struct couple *c)
{
	const struct ft_ref *next;
	size_t i;

	if (life->alive)
		return true;
	for (i = life->nr; i-- > c->put + 1;) {
		next = &life->refs[i];
		if (next->mapped < 0 || next->mapped + next->cached <= 0 ||
		    next->count - next->delta != next->mapped + next->cached)
			continue;
		life->nr = i;
		life->alive = true;
		life->died = false;
		life->refcount = next->count - next->delta;
		life->mapped = next->mapped;
		life->cached = next->cached;
		return true;
	}
	return false;
}

static bool lose_event(struct test_life *life, const struct couple *c, size_t which)
{
	size_t at = which % life->nr;

	if (at == c->get || at + 1 == life->nr) /* the last one would be missed */
		return false;
	take_out(life, at);
	return true;
}

static bool apply(struct trial *t, enum fault fault, const struct couple *c,
		  const struct couple *second, size_t which)
{
	struct test_life *l = &t->life;

	switch (fault) {
	case FAULT_LEAK:
	case FAULT_LARGE_LEAK:
		return leave_out(l, c->put);
	case FAULT_TWO_LEAKS: /* the later one first, so that the other keeps its place */
		if (!second || second->put == c->put)
			return false;
		t->guilty[t->nr++] = second->get_class;
		return second->put > c->put ? leave_out(l, second->put) && leave_out(l, c->put) :
					      leave_out(l, c->put) && leave_out(l, second->put);
	case FAULT_LOST_EVENT:
		return leave_out(l, c->put) && lose_event(l, c, which);
	case FAULT_NO_GET: /* what the folio shows to be held was got: no put is at fault */
		if (c->shown)
			return false;
		t->guilty[0] = c->put_class;
		return cut(l, c) && leave_out(l, c->get);
	case FAULT_PUT_TWICE:
		t->guilty[0] = c->put_class;
		return cut(l, c) && do_twice(l, c->put);
	default:
		return false;
	}
}

bool trial__make(const struct test_life *life, enum fault fault, const struct couple *c,
		 const struct couple *second, size_t which, struct trial *t)
{
	size_t i;

	*t = (struct trial){ .life = *life, .guilty = { c->get_class }, .nr = 1 };
	t->life.refs = must(calloc(life->nr + 1, sizeof(*life->refs)));
	memcpy(t->life.refs, life->refs, life->nr * sizeof(*life->refs));
	if (!apply(t, fault, c, second, which) || !t->life.nr || t->life.refcount <= 0) {
		trial__free(t);
		return false;
	}
	t->life.alive = true;
	t->life.died = false;
	for (i = 0; i < t->life.nr; i++)
		t->life.refs[i].number = (uint32_t)i;
	t->end = life__end(&t->life);
	return true;
}

void trial__free(struct trial *t)
{
	free(t->life.refs);
	t->life.refs = NULL;
}
