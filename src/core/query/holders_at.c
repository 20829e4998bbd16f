// SPDX-License-Identifier: GPL-2.0
/*
 * The holders of a folio at one of its events. Mappings, caches and pins are counted by
 * the folio itself. The rest are references taken before and put after the event, by the
 * same assignment of puts to gets that finds the lost one. Without exact events, the
 * holder table has the transient references of the function.
 */
#include <errno.h>

#include "core/attribution/attributor.h"
#include "core/attribution/cost.h"
#include "core/folio/holders.h"
#include "core/folio/reading.h"

static const char *const term_word[FT_TERM_COUNT] = {
	[FT_TERM_MAPPINGS] = "mapping",
	[FT_TERM_SWAP_CACHE] = "swap cache",
	[FT_TERM_PAGE_CACHE] = "page cache",
	[FT_TERM_PRIVATE] = "private data",
	[FT_TERM_PRIVATE_2] = "private_2",
	[FT_TERM_PINS] = "pin",
	[FT_TERM_IDLE] = "idle",
};

/* The list being made. */
struct transients {
	struct ft_attributor *attributor;
	const struct ft_folio *folio;
	const struct ft_event *at;
	struct ft_holder *list;
	size_t nr, room;
	int64_t left; /* references not accounted for yet */
};

static bool is_like(const struct ft_holder *a, const struct ft_holder *b)
{
	return a->holder == b->holder && a->site == b->site && !a->get == !b->get &&
	       !a->put == !b->put;
}

static void add(struct transients *h, const struct ft_holder *new)
{
	size_t i;

	h->left -= new->refs;
	for (i = 0; i < h->nr; i++) {
		if (!is_like(&h->list[i], new))
			continue;
		h->list[i].refs += new->refs;
		return;
	}
	if (h->nr < h->room)
		h->list[h->nr++] = *new;
}

/* A get and the put assigned to it, one reference each. */
struct answered {
	const struct ft_token *get, *put; /* put NULL: none */
};

static const struct ft_event *event_of(const struct transients *h, const struct ft_token *t)
{
	return t && !ft_token__is_pseudo(t) ? h->attributor->refs.events[t->number] : NULL;
}

/* Taken at or before the event, put after it. */
static bool is_held(const struct transients *h, const struct answered *a)
{
	const struct ft_event *get = event_of(h, a->get), *put = event_of(h, a->put);

	if (get && get->seq > h->at->seq)
		return false;
	return !put || put->seq > h->at->seq;
}

static int add_holder(struct transients *h, const struct answered *a)
{
	struct ft_holder new = { .refs = 1, .put = event_of(h, a->put) };
	struct ft_caller at;
	int code;

	new.get = event_of(h, a->get);
	if (!new.get) {
		new.holder = h->folio->born ? "from birth" : "there before";
		add(h, &new);
		return 0;
	}
	code = ft_callers__find(&h->attributor->callers, new.get, &at);
	if (code)
		return code;
	new.site = at.site;
	new.stack = at.stack;
	switch (a->get->hold) {
	case FT_HOLD_MAP:
	case FT_HOLD_CACHE:
	case FT_HOLD_PIN:
		new.holder = "under way"; /* being made or undone: not in the counts */
		break;
	case FT_HOLD_ISOLATION:
		new.holder = "isolation";
		break;
	default:
		new.holder = ft_holders__word(at.site, at.stack);
		break;
	}
	add(h, &new);
	return 0;
}

/* Let no put be assigned to a get that the report names as lost. */
static void bar_lost(const struct transients *h, const struct ft_sides *s, struct ft_assignment *a)
{
	size_t i, j, row;

	for (i = 0; i < h->folio->nr_lost; i++) {
		for (j = 0; j < s->nr_supplies; j++) {
			if (event_of(h, s->supplies[j]) != h->folio->lost[i].event ||
			    *ft_assignment__at(a, 0, j) >= FT_COST_NEVER)
				continue;
			for (row = 0; row < a->rows; row++)
				*ft_assignment__at(a, row, j) = FT_COST_NEVER;
			break;
		}
	}
}

/* Each get with the put assigned to it, if one is. */
static void pair(const struct ft_sides *s, const struct ft_assignment *a, struct answered *out,
		 size_t *nr)
{
	size_t i;

	*nr = 0;
	if (s->over_put) {
		for (i = 0; i < s->nr_demands; i++)
			out[i] = (struct answered){ .get = s->demands[i] };
		for (i = 0; i < s->nr_supplies; i++)
			if (a->row_of[i] >= 0)
				out[a->row_of[i]].put = s->supplies[i];
		*nr = s->nr_demands;
		return;
	}
	for (i = 0; i < s->nr_supplies; i++)
		out[(*nr)++] =
			(struct answered){ s->supplies[i],
					   a->row_of[i] < 0 ? NULL : s->demands[a->row_of[i]] };
}

/* Transient references before those that the folio shows, the latest first. */
static int add_pairs(struct transients *h, const struct answered *pairs, size_t nr)
{
	int pass, code = 0;
	size_t i;

	for (pass = 0; pass < 3; pass++) {
		for (i = nr; !code && i-- && h->left > 0;) {
			const struct answered *a = &pairs[i];
			bool shown = ft_token__is_shown(a->get),
			     moves = a->put && ft_token__is_shown(a->put);

			/* 0: transient; 1: handed on to a holder that the folio shows; 2: of one */
			if ((shown ? 2 : moves ? 1 : 0) == pass && is_held(h, a))
				code = add_holder(h, a);
		}
	}
	return code;
}

static int add_taken(struct transients *h)
{
	struct ft_assignment a = { 0 };
	struct ft_sides sides = { 0 };
	struct answered *pairs;
	struct ft_ref_end end;
	bool whole;
	size_t nr;
	int code = ft_attributor__tokens(h->attributor, h->folio, &end, &whole);

	if (code || !whole)
		return code;
	code = ft_sides__of(&sides, &h->attributor->tokens);
	if (!code)
		code = ft_sides__price(&sides, NULL, &a);
	pairs = code ? NULL :
		       ft_arena__alloc(h->attributor->arena,
				       sides.nr_supplies + sides.nr_demands + 1, sizeof(*pairs));
	if (!code && !pairs)
		code = -ENOMEM;
	if (!code) {
		if (a.rows)
			bar_lost(h, &sides, &a);
		ft_assignment__solve(&a);
		pair(&sides, &a, pairs, &nr);
		code = add_pairs(h, pairs, nr);
	}
	ft_assignment__free(&a);
	ft_sides__free(&sides);
	return code;
}

static void add_terms(struct transients *h, const struct ft_analysis *c)
{
	struct ft_expected x = ft_analysis__expected(c, h->at);
	int i;

	for (i = 0; i < FT_TERM_COUNT; i++)
		if (x.term[i] && term_word[i])
			add(h, &(struct ft_holder){ .refs = x.term[i], .holder = term_word[i] });
}

/* Transient references by the holder table, and lost ones that were inferred. */
static void add_known(struct transients *h, const struct ft_analysis *c)
{
	int holders = ft_analysis__transient_at(c, h->at);
	size_t i;

	if (holders > 0 && h->left > 0)
		add(h, &(struct ft_holder){ .refs = holders < h->left ? holders : h->left,
					    .holder = "work in hand",
					    .site = h->at->site });
	for (i = 0; i < h->folio->nr_lost && h->left > 0; i++) {
		const struct ft_lost *l = &h->folio->lost[i];

		if (!l->put && l->event && l->event->seq <= h->at->seq)
			add(h, &(struct ft_holder){ .refs = 1,
						    .get = l->event,
						    .site = l->in ? l->in : l->event->site });
	}
}

int ft_folio__holders_at(const struct ft_run *run, const struct ft_folio *folio,
			 const struct ft_event *at, struct ft_holder **list, size_t *nr)
{
	struct ft_attributor attributor;
	struct transients h = { .attributor = &attributor, .folio = folio, .at = at };
	struct ft_analysis c = { .run = run,
				 .arena = run->arena,
				 .events = folio->events,
				 .nr = folio->nr_events };
	int code = 0;

	*list = NULL;
	*nr = 0;
	if (!folio->events || !at || !ft_event__is_reading(at) || at->refcount <= 0)
		return 0;
	c.folio = (struct ft_folio *)folio; /* only read */
	h.room = FT_TERM_COUNT + folio->nr_events + folio->nr_lost + 2;
	h.list = ft_arena__alloc(run->arena, h.room, sizeof(*h.list));
	if (!h.list)
		return -ENOMEM;
	h.left = at->refcount;
	add_terms(&h, &c);
	ft_attributor__init(&attributor, run, run->arena);
	if (run->exact && h.left > 0)
		code = add_taken(&h);
	ft_attributor__free(&attributor);
	if (code)
		return code;
	if (h.left > 0)
		add_known(&h, &c);
	if (h.left)
		add(&h, &(struct ft_holder){ .refs = h.left });
	*list = h.list;
	*nr = h.nr;
	return 0;
}
