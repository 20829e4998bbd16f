// SPDX-License-Identifier: GPL-2.0
/*
 * From good runs to rules: one for each place, kind, order and role, its ranges
 * the union of what all runs show.
 *
 * Left out is what does not come out the same twice: refcount and mapcount of what
 * others map too (page cache, folios that were there before), and the refcount of
 * small folios at a checkpoint, which a per-CPU batch may hold or not. Their surplus
 * is always part of a rule, as it allows for that.
 */
#include "expect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/attribution/pair_list.h"
#include "core/util/arena.h"

struct group {
	int at;
	unsigned int order;
	enum ft_kind kind;
	enum ft_match_role role;
	int src_is_dst;
	struct ft_range field[FT_FIELD_COUNT];
	bool shared;	      /* with others: counts are not reproducible */
	uint32_t last;	      /* id of the folio counted last */
	uint64_t folios;      /* in the run being read */
	uint64_t least, most; /* in the runs read */
	size_t runs;	      /* that have it */
};

struct ft_teacher {
	const struct ft_learn_options *opts;
	struct ft_arena *arena; /* of the expectation */
	struct group *groups;
	size_t nr, room;
	struct ft_waiver *waivers;
	size_t nr_waivers, waivers_room;
	struct ft_pair_list pairs;
	size_t runs;
};

struct ft_teacher *ft_teacher__new(const struct ft_learn_options *opts)
{
	struct ft_teacher *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->opts = opts;
	l->arena = ft_arena__new();
	if (!l->arena) {
		free(l);
		return NULL;
	}
	ft_pair_list__init(&l->pairs, l->arena);
	return l;
}

void ft_teacher__free(struct ft_teacher *l)
{
	if (!l)
		return;
	ft_pair_list__free(&l->pairs);
	ft_arena__free(l->arena);
	free(l->groups);
	free(l->waivers);
	free(l);
}

static bool same_place(const struct group *a, const struct group *b)
{
	return a->at == b->at && a->order == b->order && a->kind == b->kind && a->role == b->role &&
	       a->src_is_dst == b->src_is_dst;
}

/* One more row of a list that grows; NULL: no memory left. */
static void *row(void **list, size_t *nr, size_t *room, size_t size)
{
	if (*nr == *room) {
		size_t more = *room ? 2 * *room : 16;
		void *grown = reallocarray(*list, more, size);

		if (!grown)
			return NULL;
		*list = grown;
		*room = more;
	}
	return memset((char *)*list + (*nr)++ * size, 0, size);
}

static struct group *group_like(struct ft_teacher *l, const struct group *place)
{
	struct group *g;

	for (size_t i = 0; i < l->nr; i++)
		if (same_place(&l->groups[i], place))
			return &l->groups[i];
	if (l->nr == FT_EXPECT_RULES_MAX)
		return NULL;
	g = row((void **)&l->groups, &l->nr, &l->room, sizeof(*g));
	if (g)
		*g = *place;
	return g;
}

static void widen(struct ft_range *r, int64_t n)
{
	if (!r->set)
		*r = (struct ft_range){ true, n, n };
	else if (n < r->min)
		r->min = n;
	else if (n > r->max)
		r->max = n;
}

static int learn(struct ft_teacher *l, const struct ft_folio *folio, const struct group *place,
		 const int64_t field[FT_FIELD_COUNT], bool shared)
{
	struct group *g = group_like(l, place);

	if (!g)
		return -ENOMEM;
	for (int f = 0; f < FT_FIELD_COUNT; f++)
		widen(&g->field[f], field[f]);
	g->shared |= shared;
	if (!g->folios || g->last != folio->id)
		g->folios++;
	g->last = folio->id;
	return 0;
}

static int learn_checkpoint(struct ft_teacher *l, const struct ft_folio *folio,
			    const struct ft_checkpoint *c)
{
	const struct group place = {
		.at = (int)c->at,
		.order = c->order,
		.kind = folio->kind,
		.role = c->dst ? FT_ROLE_DST : FT_ROLE_SRC,
		.src_is_dst = c->dst ? -1 : c->src_is_dst,
	};
	const int64_t field[] = { c->refcount, c->mapcount, c->surplus };

	if (c->refcount == FT_UNKNOWN || c->mapcount == FT_UNKNOWN)
		return 0;
	return learn(l, folio, &place, field, !c->order);
}

static int learn_final(struct ft_teacher *l, const struct ft_folio *folio)
{
	const struct group place = {
		.at = FT_AT_FINAL,
		.order = folio->order,
		.kind = folio->kind,
		.src_is_dst = -1,
	};
	const int64_t field[] = { folio->final.refcount, folio->final.mapcount,
				  ft_folio__surplus(folio) };
	bool ours = folio->born &&
		    (folio->kind == FT_KIND_ANON || folio->kind == FT_KIND_DEVICE_PRIVATE ||
		     folio->kind == FT_KIND_DEVICE_COHERENT);

	if (folio->final.refcount == FT_UNKNOWN || folio->final.mapcount == FT_UNKNOWN)
		return 0;
	return learn(l, folio, &place, field, !ours);
}

static int learn_folio(struct ft_teacher *l, const struct ft_folio *folio)
{
	int code = 0;

	if (folio->verdict == FT_VERDICT_INCONCLUSIVE || ft_folio__is_bad(folio))
		return 0;
	for (size_t i = 0; i < folio->nr_checkpoints && !code; i++)
		code = learn_checkpoint(l, folio, &folio->checkpoints[i]);
	if (!code && folio->verdict == FT_VERDICT_BALANCED && folio->final.valid)
		code = learn_final(l, folio);
	return code;
}

static int waive(struct ft_teacher *l, const struct ft_folio *folio, const struct ft_site *site)
{
	struct ft_waiver *w;

	for (size_t i = 0; i < l->nr_waivers; i++) {
		w = &l->waivers[i];
		if (!strcmp(w->function, site->function) && w->kinds == 1U << folio->kind &&
		    w->orders == 1ULL << (folio->order & 63))
			return 0;
	}
	if (l->nr_waivers == FT_EXPECT_RULES_MAX)
		return -ENOMEM;
	w = row((void **)&l->waivers, &l->nr_waivers, &l->waivers_room, sizeof(*w));
	if (!w)
		return -ENOMEM;
	*w = (struct ft_waiver){
		.function = ft_arena__strdup(l->arena, site->function),
		.module = site->module ? ft_arena__strdup(l->arena, site->module) : NULL,
		.kinds = 1U << folio->kind,
		.orders = 1ULL << (folio->order & 63),
		.reason = l->opts->waive,
		.until = l->opts->until,
	};
	return w->function && (w->module || !site->module) ? 0 : -ENOMEM;
}

static int refuse(const struct ft_run *run, const char *name, struct ft_error *err)
{
	if (run->doubt.code)
		return ft_fail(err, -EINVAL, FT_EXIT_FAILURE,
			       "%s: its verdict is inconclusive (%s), as its report says; an "
			       "expectation is made of good runs",
			       name, ft_reason__name(run->doubt.code));
	return ft_fail(err, -EINVAL, FT_EXIT_FAILURE,
		       "%s: its verdict is fail; an expectation is made of good runs (a leak that "
		       "is known can be waived: --waive REASON)",
		       name);
}

static int waive_folio(struct ft_teacher *l, const struct ft_folio *folio, const char *name,
		       struct ft_error *err)
{
	int code = 0;

	if (!folio->nr_lost || folio->free_while_mapped)
		return ft_fail(err, -EINVAL, FT_EXIT_FAILURE,
			       "%s: F%u cannot be waived: no lost reference of it is known", name,
			       folio->id);
	for (size_t i = 0; i < folio->nr_lost && !code; i++) {
		const struct ft_site *site = ft_lost__site(&folio->lost[i]);

		if (!site || !site->function)
			return ft_fail(err, -EINVAL, FT_EXIT_FAILURE,
				       "%s: F%u cannot be waived: where its reference was lost is "
				       "not known",
				       name, folio->id);
		code = waive(l, folio, site);
	}
	return code;
}

/* What the run had of each group becomes part of what all runs had. */
static void close_run(struct ft_teacher *l)
{
	for (size_t i = 0; i < l->nr; i++) {
		struct group *g = &l->groups[i];

		if (g->folios) {
			if (!g->runs || g->folios < g->least)
				g->least = g->folios;
			if (g->folios > g->most)
				g->most = g->folios;
			g->runs++;
		}
		g->folios = 0;
	}
	l->runs++;
}

int ft_teacher__add(struct ft_teacher *l, const struct ft_run *run, const char *name,
		    struct ft_error *err)
{
	int code = 0;

	if (run->doubt.code || (run->verdict == FT_RUN_FAIL && !l->opts->waive))
		return refuse(run, name, err);
	for (size_t i = 0; i < run->nr_folios && !code; i++)
		code = ft_folio__is_bad(run->folios[i]) ?
			       waive_folio(l, run->folios[i], name, err) :
			       learn_folio(l, run->folios[i]);
	if (!code)
		code = ft_pair_list__add_all(&l->pairs, &run->pairs);
	close_run(l);
	if (code && !(err && err->code))
		return ft_fail(err, code, FT_EXIT_FAILURE, "out of memory");
	return code;
}

/* Checkpoints in the order of time, then what stays; large folios first. */
static int by_place(const void *x, const void *y)
{
	const struct group *a = x, *b = y;
	int p = a->at == FT_AT_FINAL ? FT_AT_FINALIZE_RETURN + 1 : a->at;
	int q = b->at == FT_AT_FINAL ? FT_AT_FINALIZE_RETURN + 1 : b->at;

	if (p != q)
		return p - q;
	if (a->kind != b->kind)
		return (int)a->kind - (int)b->kind;
	if (a->order != b->order)
		return (int)b->order - (int)a->order;
	if (a->role != b->role)
		return (int)a->role - (int)b->role;
	return a->src_is_dst - b->src_is_dst;
}

static const char *name_of(struct ft_arena *arena, const struct group *g)
{
	return ft_arena__printf(arena, "%s, %s, order %u%s%s", ft_at__name(g->at),
				ft_kind__name(g->kind), g->order,
				g->role == FT_ROLE_SRC ? ", src" :
				g->role == FT_ROLE_DST ? ", dst" :
							 "",
				g->src_is_dst > 0 ? ", put back" : "");
}

static int fill_rule(const struct ft_teacher *l, const struct group *g, struct ft_rule *r)
{
	r->name = name_of(l->arena, g);
	r->match = (struct ft_match){
		.at = g->at,
		.orders = 1ULL << (g->order & 63),
		.kinds = 1U << g->kind,
		.role = g->role,
		.src_is_dst = g->src_is_dst,
	};
	r->field[FT_FIELD_SURPLUS] = g->field[FT_FIELD_SURPLUS];
	if (!g->shared)
		r->field[FT_FIELD_REFCOUNT] = g->field[FT_FIELD_REFCOUNT];
	if (!g->shared || g->at != FT_AT_FINAL)
		r->field[FT_FIELD_MAPCOUNT] = g->field[FT_FIELD_MAPCOUNT];
	if (l->opts->counts)
		r->folios = (struct ft_range){ true, g->runs < l->runs ? 0 : (int64_t)g->least,
					       (int64_t)g->most };
	else if (g->runs == l->runs && g->at != FT_AT_FINAL)
		r->folios = (struct ft_range){ true, 1, INT64_MAX };
	return r->name ? 0 : -ENOMEM;
}

int ft_teacher__finish(struct ft_teacher *l, struct ft_expectation **out, struct ft_error *err)
{
	struct ft_expectation *e = ft_arena__alloc(l->arena, 1, sizeof(*e));
	int code = e ? 0 : -ENOMEM;

	*out = NULL;
	if (l->nr)
		qsort(l->groups, l->nr, sizeof(*l->groups), by_place);
	if (!code) {
		e->rules = ft_arena__alloc(l->arena, l->nr + 1, sizeof(*e->rules));
		e->waivers = ft_arena__alloc(l->arena, l->nr_waivers + 1, sizeof(*e->waivers));
		code = e->rules && e->waivers ? 0 : -ENOMEM;
	}
	for (size_t i = 0; i < l->nr && !code; i++)
		code = fill_rule(l, &l->groups[i], &e->rules[i]);
	if (!code)
		code = ft_pair_list__finish(&l->pairs, &e->pairs);
	if (code)
		return ft_fail(err, code, FT_EXIT_FAILURE, "out of memory");
	if (l->nr_waivers)
		memcpy(e->waivers, l->waivers, l->nr_waivers * sizeof(*e->waivers));
	e->nr_rules = l->nr;
	e->nr_waivers = l->nr_waivers;
	e->arena = l->arena;
	l->arena = NULL;
	*out = e;
	return 0;
}
