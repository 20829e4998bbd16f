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

static bool is_single(const struct ft_token *t, const struct test_folio *folio)
{
	return !ft_token__is_pseudo(t) && t->n == 1 && folio->refs[t->at].kind == FT_REF_CHANGE &&
	       (folio->refs[t->at].delta == 1 || folio->refs[t->at].delta == -1);
}

struct pair *trial__pairs(struct training_set *s, struct test_folio *folio, size_t *nr)
{
	struct ft_ref_end end = test_folio__end(folio);
	struct pair *list;
	struct ft_sides sides;
	struct ft_assignment a;
	size_t i;

	*nr = 0;
	training_set__tokens(s, folio, &end);
	if (ft_sides__of(&sides, &s->tokens) || ft_sides__assign(&sides, &s->model, &a))
		must(NULL);
	list = must(calloc(sides.nr_supplies + 1, sizeof(*list)));
	for (i = 0; i < sides.nr_supplies; i++) {
		const struct ft_token *get = sides.supplies[i],
				      *put = a.row_of[i] < 0 ? NULL : sides.demands[a.row_of[i]];

		if (put && is_single(get, folio) && is_single(put, folio))
			list[(*nr)++] = (struct pair){ (size_t)get->at, (size_t)put->at, get->class,
						       put->class, ft_token__is_shown(get) };
	}
	ft_assignment__free(&a);
	ft_sides__free(&sides);
	return list;
}

#define PAGES 512

static bool is_whole(const struct test_folio *folio)
{
	size_t i;

	for (i = 0; i < folio->nr; i++)
		if ((i && folio->refs[i].kind != FT_REF_CHANGE) || folio->refs[i].cached > 1 ||
		    folio->refs[i].cached < 0)
			return false;
	return folio->cached <= 1;
}

bool trial__enlarge(struct training_set *s, const struct test_folio *folio,
		    struct test_folio *large)
{
	struct ft_ref_end end = test_folio__end(folio);
	int64_t count, cached = 0;
	size_t i;

	*large = *folio;
	if (!is_whole(folio))
		return false;
	large->refs = must(calloc(folio->nr + 1, sizeof(*folio->refs)));
	memcpy(large->refs, folio->refs, folio->nr * sizeof(*folio->refs));
	training_set__tokens(s, large, &end);
	count = large->refs[0].count - large->refs[0].delta + (PAGES - 1) * large->refs[0].cached;
	for (i = 0; i < s->tokens.nr; i++) {
		const struct ft_token *t = &s->tokens.list[i];

		if (t->hold != FT_HOLD_CACHE || ft_token__is_pseudo(t))
			continue;
		large->refs[t->at].delta *= PAGES;
		cached++;
	}
	for (i = 0; i < folio->nr; i++) {
		large->refs[i].count = (int32_t)(count += large->refs[i].delta);
		large->refs[i].cached *= PAGES;
	}
	large->cached *= PAGES;
	large->refcount = large->alive ? (int32_t)count : 0;
	if (cached && test_folio__is_balanced(large))
		return true;
	free(large->refs);
	return false;
}

/* Whether the count may be shifted from a ref on: a folio with a surplus cannot be frozen,
 * and the count must not reach 0 before the last ref. */
static bool can_change(const struct test_folio *folio, size_t from, int32_t by)
{
	size_t i;

	for (i = from; i < folio->nr; i++)
		if (folio->refs[i].kind != FT_REF_CHANGE ||
		    (i + 1 < folio->nr && folio->refs[i].count + by <= 0))
			return false;
	return true;
}

static void shift(struct test_folio *folio, size_t from, int32_t by)
{
	size_t i;

	for (i = from; i < folio->nr; i++)
		folio->refs[i].count += by;
	folio->refcount += by;
}

static void take_out(struct test_folio *folio, size_t at)
{
	memmove(&folio->refs[at], &folio->refs[at + 1],
		(folio->nr - at - 1) * sizeof(*folio->refs));
	folio->nr--;
}

static bool leave_out(struct test_folio *folio, size_t at)
{
	int32_t by = -folio->refs[at].delta;

	if (!can_change(folio, at + 1, by))
		return false;
	shift(folio, at + 1, by);
	take_out(folio, at);
	return true;
}

static bool do_twice(struct test_folio *folio, size_t at)
{
	int32_t by = folio->refs[at].delta;

	if (!can_change(folio, at, by))
		return false;
	memmove(&folio->refs[at + 1], &folio->refs[at], (folio->nr - at) * sizeof(*folio->refs));
	folio->nr++;
	shift(folio, at + 1, by);
	return true;
}

/* Ends the lifetime where an over-put can be seen: at the last moment behind the pair at
 * which the folio was mapped or cached and had exactly those references. */
static bool cut(struct test_folio *folio, const struct pair *c)
{
	const struct ft_ref *next;
	size_t i;

	if (folio->alive)
		return true;
	for (i = folio->nr; i-- > c->put + 1;) {
		next = &folio->refs[i];
		if (next->mapped < 0 || next->mapped + next->cached <= 0 ||
		    next->count - next->delta != next->mapped + next->cached)
			continue;
		folio->nr = i;
		folio->alive = true;
		folio->died = false;
		folio->refcount = next->count - next->delta;
		folio->mapped = next->mapped;
		folio->cached = next->cached;
		return true;
	}
	return false;
}

static bool lose_event(struct test_folio *folio, const struct pair *c, size_t which)
{
	size_t at = which % folio->nr;

	if (at == c->get ||
	    at + 1 == folio->nr) /* then the last count differs: it is known that one is missing */
		return false;
	take_out(folio, at);
	return true;
}

static bool apply(struct trial *t, enum fault fault, const struct pair *c,
		  const struct pair *second, size_t which)
{
	struct test_folio *l = &t->folio;

	switch (fault) {
	case FAULT_LEAK:
	case FAULT_LARGE_LEAK:
		return leave_out(l, c->put);
	case FAULT_TWO_LEAKS: /* the later one first, so that the index of the other stays valid */
		if (!second || second->put == c->put)
			return false;
		t->lost[t->nr++] = second->get_class;
		return second->put > c->put ? leave_out(l, second->put) && leave_out(l, c->put) :
					      leave_out(l, c->put) && leave_out(l, second->put);
	case FAULT_LOST_EVENT:
		return leave_out(l, c->put) && lose_event(l, c, which);
	case FAULT_NO_GET: /* a shown holder proves the get: its put is not the wrong one */
		if (c->shown)
			return false;
		t->lost[0] = c->put_class;
		return cut(l, c) && leave_out(l, c->get);
	case FAULT_PUT_TWICE:
		t->lost[0] = c->put_class;
		return cut(l, c) && do_twice(l, c->put);
	default:
		return false;
	}
}

bool trial__make(const struct test_folio *folio, enum fault fault, const struct pair *c,
		 const struct pair *second, size_t which, struct trial *t)
{
	size_t i;

	*t = (struct trial){ .folio = *folio, .lost = { c->get_class }, .nr = 1 };
	t->folio.refs = must(calloc(folio->nr + 1, sizeof(*folio->refs)));
	memcpy(t->folio.refs, folio->refs, folio->nr * sizeof(*folio->refs));
	if (!apply(t, fault, c, second, which) || !t->folio.nr || t->folio.refcount <= 0) {
		trial__free(t);
		return false;
	}
	t->folio.alive = true;
	t->folio.died = false;
	for (i = 0; i < t->folio.nr; i++)
		t->folio.refs[i].number = (uint32_t)i;
	t->end = test_folio__end(&t->folio);
	return true;
}

void trial__free(struct trial *t)
{
	free(t->folio.refs);
	t->folio.refs = NULL;
}
