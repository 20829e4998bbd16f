// SPDX-License-Identifier: GPL-2.0
#include "support/simulator.h"

#include <stdio.h>
#include <string.h>

enum { GET_SITE = 1, PUT_SITE, MAP_SITE, UNMAP_SITE, FREEZE_SITE };

#define SITES                                                                                      \
	"{\"sites\": [{\"id\": 1, \"function\": \"get_it\", \"offset\": 4},"                       \
	"{\"id\": 2, \"function\": \"put_it\", \"offset\": 4},"                                    \
	"{\"id\": 3, \"function\": \"map_it\", \"offset\": 4},"                                    \
	"{\"id\": 4, \"function\": \"unmap_it\", \"offset\": 4},"                                  \
	"{\"id\": 5, \"function\": \"freeze_it\", \"offset\": 4}]}"

static void change(struct world *w, struct world_life *l, unsigned int op, uint32_t site, int delta)
{
	l->sum += delta;
	maker__op(w->maker, &l->actor, op, site, delta);
}

/* A life begins at a page: page is counted in the world's pages. */
static struct world_life *begin(struct world *w, unsigned int page, unsigned int order,
				uint32_t parent)
{
	uint32_t id = w->nr_lives++;
	struct world_life *l = &w->lives[id];

	l->actor = maker__small(id, 64 + page);
	l->actor.order = (uint8_t)order;
	if (order)
		l->actor.flags |= FT_PF_LARGE;
	l->parent = parent;
	l->generation = ++w->generations[page];
	return l;
}

static bool has_room(const struct world *w)
{
	return w->nr_lives + 8 < WORLD_LIVES;
}

static void fault(struct world *w, const struct step *s)
{
	struct world_life *l;

	if (w->at[s->place] || !has_room(w))
		return;
	l = begin(w, 4 * s->place, s->arg % 3, 0);
	w->at[s->place] = l->actor.id;
	maker__at(w->maker, &l->actor, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap, 1, 0);
	maker__at(w->maker, &l->actor, FT_OP_RETURN, FT_HOOK_folio_add_new_anon_rmap, 1, 1);
}

static void die(struct world *w, struct world_life *l, unsigned int place)
{
	maker__value(w->maker, &l->actor, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 0, FT_DIED_FREED, 0);
	l->died = true;
	w->at[place] = 0;
}

static void map(struct world *w, struct world_life *l)
{
	struct actor *a = &l->actor;

	change(w, l, FT_OP_GET, MAP_SITE, 1);
	maker__at(w->maker, a, FT_OP_RETURN, FT_HOOK_folio_add_anon_rmap_ptes, a->refcount,
		  a->mapcount + 1);
}

static void unmap(struct world *w, struct world_life *l, unsigned int place)
{
	struct actor *a = &l->actor;

	if (!a->mapcount)
		return;
	maker__at(w->maker, a, FT_OP_RETURN, FT_HOOK_folio_remove_rmap_ptes, a->refcount,
		  a->mapcount - 1);
	change(w, l, FT_OP_PUT, UNMAP_SITE, -1);
	if (!a->refcount)
		die(w, l, place);
}

static void put(struct world *w, struct world_life *l, unsigned int place)
{
	if (!l->extra)
		return;
	l->extra--;
	change(w, l, FT_OP_PUT, PUT_SITE, -1);
	if (!l->actor.refcount)
		die(w, l, place);
}

static void freeze(struct world *w, struct world_life *l)
{
	int all = l->actor.refcount;

	change(w, l, FT_OP_FREEZE, FREEZE_SITE, -all);
	change(w, l, FT_OP_UNFREEZE, FREEZE_SITE, all);
}

/* The page of the first child stays at its place; the others live where no step reaches them. */
static void split(struct world *w, struct world_life *l, unsigned int place)
{
	struct actor *a = &l->actor;
	unsigned int i, n = 1U << a->order;
	int mapcount = a->mapcount;

	if (!a->order || l->extra || l->lost || a->refcount != 1 || !has_room(w))
		return;
	maker__value(w->maker, a, FT_OP_SPLIT, FT_HOOK___folio_split, 1, mapcount, n, 0);
	l->died = l->split = true;
	for (i = 0; i < n; i++) {
		struct world_life *child = begin(w, 4 * place + i, 0, a->id);

		if (!i)
			w->at[place] = child->actor.id;
		maker__value(w->maker, &child->actor, FT_OP_BORN, FT_HOOK___folio_split, 1,
			     mapcount, a->id, 0);
		if (!i)
			continue;
		maker__at(w->maker, &child->actor, FT_OP_RETURN, FT_HOOK_folio_remove_rmap_ptes, 1,
			  0);
		change(w, child, FT_OP_PUT, UNMAP_SITE, -1);
		maker__value(w->maker, &child->actor, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 0,
			     FT_DIED_FREED, 0);
		child->died = true;
	}
}

static void migrate(struct world *w, struct world_life *from, const struct step *s)
{
	unsigned int place = s->arg % WORLD_PLACES;
	struct actor *a = &from->actor;
	struct world_life *to;

	if (w->at[place] || from->extra || a->refcount != 1 || !a->mapcount || !has_room(w))
		return;
	to = begin(w, 4 * place, a->order, 0);
	w->at[place] = to->actor.id;
	from->migrated_to = to->actor.id;
	maker__at(w->maker, &to->actor, FT_OP_BORN, FT_HOOK_folio_migrate_mapping, 1, 0);
	maker__value(w->maker, a, FT_OP_MIGRATE, FT_HOOK_folio_migrate_mapping, a->refcount,
		     a->mapcount, to->actor.id, 0);
	maker__at(w->maker, &to->actor, FT_OP_RETURN, FT_HOOK_folio_add_anon_rmap_ptes, 1,
		  a->mapcount);
	unmap(w, from, s->place);
}

/* The numbers are taken and the account is right, but nobody reads the records. */
static void lose(struct world_life *l)
{
	l->actor.seq += 2;
	l->lost += 2;
}

void world__init(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->nr_lives = 1;
	w->maker = maker__new();
	w->maker->source = "inline";
	maker__meta(w->maker);
	maker__symbols(w->maker, SITES);
	maker__task(w->maker, FT_TASK_NEW, w->maker->pid, "world");
}

void world__step(struct world *w, const struct step *s)
{
	struct world_life *l = &w->lives[w->at[s->place]];

	if (s->kind == STEP_FAULT)
		fault(w, s);
	if (!w->at[s->place])
		return;
	switch (s->kind) {
	case STEP_GET:
		l->extra++;
		change(w, l, FT_OP_GET, GET_SITE, 1);
		break;
	case STEP_PUT:
		put(w, l, s->place);
		break;
	case STEP_MAP:
		map(w, l);
		break;
	case STEP_UNMAP:
		unmap(w, l, s->place);
		break;
	case STEP_FREEZE:
		freeze(w, l);
		break;
	case STEP_SPLIT:
		split(w, l, s->place);
		break;
	case STEP_MIGRATE:
		migrate(w, l, s);
		break;
	case STEP_LOSE:
		lose(l);
		break;
	}
}

struct ft_run *world__end(struct world *w)
{
	struct ft_run *run;
	uint32_t id;
	int round;

	for (round = 1; round <= 2; round++) {
		for (id = 1; id < w->nr_lives; id++) {
			struct world_life *l = &w->lives[id];
			struct actor *a = &l->actor;

			if (!l->died)
				maker__value(w->maker, a, FT_OP_SNAPSHOT, FT_HOOK_settle,
					     a->refcount, a->mapcount, round,
					     (uint64_t)l->lost << 32 | (uint32_t)l->sum);
		}
	}
	maker__flush(w->maker);
	maker__symbols(w->maker, SITES);
	maker__end(w->maker);
	run = maker__load(w->maker, true);
	maker__free(w->maker);
	w->maker = NULL;
	return run;
}

const char *step__text(const struct step *s, char *buf, size_t size)
{
	static const char *const names[STEP_KINDS] = {
		"fault", "get", "put", "map", "unmap", "freeze", "split", "migrate", "lose",
	};

	snprintf(buf, size, "%s(%u, %u)", names[s->kind], s->place, s->arg);
	return buf;
}
