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

static void change(struct simulator *w, struct simulated_folio *l, unsigned int op, uint32_t site,
		   int delta)
{
	l->sum += delta;
	capture__op(w->capture_builder, &l->fixture, op, site, delta);
}

/* A life begins at a page: page is counted in the world's pages. */
static struct simulated_folio *begin(struct simulator *w, unsigned int page, unsigned int order,
				     uint32_t parent)
{
	uint32_t id = w->nr_folios++;
	struct simulated_folio *l = &w->folios[id];

	l->fixture = capture__small(id, 64 + page);
	l->fixture.order = (uint8_t)order;
	if (order)
		l->fixture.flags |= FT_PF_LARGE;
	l->parent = parent;
	l->generation = ++w->generations[page];
	return l;
}

static bool has_room(const struct simulator *w)
{
	return w->nr_folios + 8 < SIMULATOR_FOLIOS;
}

static void fault(struct simulator *w, const struct step *s)
{
	struct simulated_folio *l;

	if (w->at[s->place] || !has_room(w))
		return;
	l = begin(w, 4 * s->place, s->arg % 3, 0);
	w->at[s->place] = l->fixture.id;
	capture__at(w->capture_builder, &l->fixture, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap, 1,
		    0);
	capture__at(w->capture_builder, &l->fixture, FT_OP_RETURN, FT_HOOK_folio_add_new_anon_rmap,
		    1, 1);
}

static void die(struct simulator *w, struct simulated_folio *l, unsigned int place)
{
	capture__value(w->capture_builder, &l->fixture, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 0,
		       FT_DIED_FREED, 0);
	l->died = true;
	w->at[place] = 0;
}

static void map(struct simulator *w, struct simulated_folio *l)
{
	struct fixture *a = &l->fixture;

	change(w, l, FT_OP_GET, MAP_SITE, 1);
	capture__at(w->capture_builder, a, FT_OP_RETURN, FT_HOOK_folio_add_anon_rmap_ptes,
		    a->refcount, a->mapcount + 1);
}

static void unmap(struct simulator *w, struct simulated_folio *l, unsigned int place)
{
	struct fixture *a = &l->fixture;

	if (!a->mapcount)
		return;
	capture__at(w->capture_builder, a, FT_OP_RETURN, FT_HOOK_folio_remove_rmap_ptes,
		    a->refcount, a->mapcount - 1);
	change(w, l, FT_OP_PUT, UNMAP_SITE, -1);
	if (!a->refcount)
		die(w, l, place);
}

static void put(struct simulator *w, struct simulated_folio *l, unsigned int place)
{
	if (!l->extra)
		return;
	l->extra--;
	change(w, l, FT_OP_PUT, PUT_SITE, -1);
	if (!l->fixture.refcount)
		die(w, l, place);
}

static void freeze(struct simulator *w, struct simulated_folio *l)
{
	int all = l->fixture.refcount;

	change(w, l, FT_OP_FREEZE, FREEZE_SITE, -all);
	change(w, l, FT_OP_UNFREEZE, FREEZE_SITE, all);
}

/* The page of the first child stays at its place; the others live where no step reaches them. */
static void split(struct simulator *w, struct simulated_folio *l, unsigned int place)
{
	struct fixture *a = &l->fixture;
	unsigned int i, n = 1U << a->order;
	int mapcount = a->mapcount;

	if (!a->order || l->extra || l->lost || a->refcount != 1 || !has_room(w))
		return;
	capture__value(w->capture_builder, a, FT_OP_SPLIT, FT_HOOK___folio_split, 1, mapcount, n,
		       0);
	l->died = l->split = true;
	for (i = 0; i < n; i++) {
		struct simulated_folio *child = begin(w, 4 * place + i, 0, a->id);

		if (!i)
			w->at[place] = child->fixture.id;
		capture__value(w->capture_builder, &child->fixture, FT_OP_BORN,
			       FT_HOOK___folio_split, 1, mapcount, a->id, 0);
		if (!i)
			continue;
		capture__at(w->capture_builder, &child->fixture, FT_OP_RETURN,
			    FT_HOOK_folio_remove_rmap_ptes, 1, 0);
		change(w, child, FT_OP_PUT, UNMAP_SITE, -1);
		capture__value(w->capture_builder, &child->fixture, FT_OP_DIED,
			       FT_HOOK_mm_page_free, 0, 0, FT_DIED_FREED, 0);
		child->died = true;
	}
}

static void migrate(struct simulator *w, struct simulated_folio *from, const struct step *s)
{
	unsigned int place = s->arg % SIMULATOR_PLACES;
	struct fixture *a = &from->fixture;
	struct simulated_folio *to;

	if (w->at[place] || from->extra || a->refcount != 1 || !a->mapcount || !has_room(w))
		return;
	to = begin(w, 4 * place, a->order, 0);
	w->at[place] = to->fixture.id;
	from->migrated_to = to->fixture.id;
	capture__at(w->capture_builder, &to->fixture, FT_OP_BORN, FT_HOOK_folio_migrate_mapping, 1,
		    0);
	capture__value(w->capture_builder, a, FT_OP_MIGRATE, FT_HOOK_folio_migrate_mapping,
		       a->refcount, a->mapcount, to->fixture.id, 0);
	capture__at(w->capture_builder, &to->fixture, FT_OP_RETURN,
		    FT_HOOK_folio_add_anon_rmap_ptes, 1, a->mapcount);
	unmap(w, from, s->place);
}

/* The numbers are taken and the account is right, but nobody reads the records. */
static void lose(struct simulated_folio *l)
{
	l->fixture.seq += 2;
	l->lost += 2;
}

void simulator__init(struct simulator *w)
{
	memset(w, 0, sizeof(*w));
	w->nr_folios = 1;
	w->capture_builder = capture__new();
	w->capture_builder->source = "inline";
	capture__meta(w->capture_builder);
	capture__symbols(w->capture_builder, SITES);
	capture__task(w->capture_builder, FT_TASK_NEW, w->capture_builder->pid, "world");
}

void simulator__step(struct simulator *w, const struct step *s)
{
	struct simulated_folio *l = &w->folios[w->at[s->place]];

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

struct ft_run *simulator__end(struct simulator *w)
{
	struct ft_run *run;
	uint32_t id;
	int round;

	for (round = 1; round <= 2; round++) {
		for (id = 1; id < w->nr_folios; id++) {
			struct simulated_folio *l = &w->folios[id];
			struct fixture *a = &l->fixture;

			if (!l->died)
				capture__value(w->capture_builder, a, FT_OP_SNAPSHOT,
					       FT_HOOK_settle, a->refcount, a->mapcount, round,
					       (uint64_t)l->lost << 32 | (uint32_t)l->sum);
		}
	}
	capture__flush(w->capture_builder);
	capture__symbols(w->capture_builder, SITES);
	capture__end(w->capture_builder);
	run = capture__load(w->capture_builder, true);
	capture__free(w->capture_builder);
	w->capture_builder = NULL;
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
