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

static void change(struct simulator *sim, struct simulated_folio *f, unsigned int op, uint32_t site,
		   int delta)
{
	f->sum += delta;
	capture__op(sim->capture, &f->fixture, op, site, delta);
}

/* Begins a lifetime at a page, counted from the first page of the simulator. */
static struct simulated_folio *begin(struct simulator *sim, unsigned int page, unsigned int order,
				     uint32_t parent)
{
	uint32_t id = sim->nr_folios++;
	struct simulated_folio *f = &sim->folios[id];

	f->fixture = capture__small(id, 64 + page);
	f->fixture.order = (uint8_t)order;
	if (order)
		f->fixture.flags |= FT_PF_LARGE;
	f->parent = parent;
	f->generation = ++sim->generations[page];
	return f;
}

static bool has_room(const struct simulator *sim)
{
	return sim->nr_folios + 8 < SIMULATOR_FOLIOS;
}

static void fault(struct simulator *sim, const struct step *s)
{
	struct simulated_folio *f;

	if (sim->at[s->place] || !has_room(sim))
		return;
	f = begin(sim, 4 * s->place, s->arg % 3, 0);
	sim->at[s->place] = f->fixture.id;
	capture__at(sim->capture, &f->fixture, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap, 1, 0);
	capture__at(sim->capture, &f->fixture, FT_OP_RETURN, FT_HOOK_folio_add_new_anon_rmap, 1, 1);
}

static void die(struct simulator *sim, struct simulated_folio *f, unsigned int place)
{
	capture__value(sim->capture, &f->fixture, FT_OP_DIED, FT_HOOK_mm_page_free, 0, 0,
		       FT_DIED_FREED, 0);
	f->died = true;
	sim->at[place] = 0;
}

static void map(struct simulator *sim, struct simulated_folio *f)
{
	struct fixture *a = &f->fixture;

	change(sim, f, FT_OP_GET, MAP_SITE, 1);
	capture__at(sim->capture, a, FT_OP_RETURN, FT_HOOK_folio_add_anon_rmap_ptes, a->refcount,
		    a->mapcount + 1);
}

static void unmap(struct simulator *sim, struct simulated_folio *f, unsigned int place)
{
	struct fixture *a = &f->fixture;

	if (!a->mapcount)
		return;
	capture__at(sim->capture, a, FT_OP_RETURN, FT_HOOK_folio_remove_rmap_ptes, a->refcount,
		    a->mapcount - 1);
	change(sim, f, FT_OP_PUT, UNMAP_SITE, -1);
	if (!a->refcount)
		die(sim, f, place);
}

static void put(struct simulator *sim, struct simulated_folio *f, unsigned int place)
{
	if (!f->extra)
		return;
	f->extra--;
	change(sim, f, FT_OP_PUT, PUT_SITE, -1);
	if (!f->fixture.refcount)
		die(sim, f, place);
}

static void freeze(struct simulator *sim, struct simulated_folio *f)
{
	int all = f->fixture.refcount;

	change(sim, f, FT_OP_FREEZE, FREEZE_SITE, -all);
	change(sim, f, FT_OP_UNFREEZE, FREEZE_SITE, all);
}

/* The first child stays at its place. No step reaches the others: they are freed. */
static void split(struct simulator *sim, struct simulated_folio *f, unsigned int place)
{
	struct fixture *a = &f->fixture;
	unsigned int i, n = 1U << a->order;
	int mapcount = a->mapcount;

	if (!a->order || f->extra || f->lost || a->refcount != 1 || !has_room(sim))
		return;
	capture__value(sim->capture, a, FT_OP_SPLIT, FT_HOOK___folio_split, 1, mapcount, n, 0);
	f->died = f->split = true;
	for (i = 0; i < n; i++) {
		struct simulated_folio *child = begin(sim, 4 * place + i, 0, a->id);

		if (!i)
			sim->at[place] = child->fixture.id;
		capture__value(sim->capture, &child->fixture, FT_OP_BORN, FT_HOOK___folio_split, 1,
			       mapcount, a->id, 0);
		if (!i)
			continue;
		capture__at(sim->capture, &child->fixture, FT_OP_RETURN,
			    FT_HOOK_folio_remove_rmap_ptes, 1, 0);
		change(sim, child, FT_OP_PUT, UNMAP_SITE, -1);
		capture__value(sim->capture, &child->fixture, FT_OP_DIED, FT_HOOK_mm_page_free, 0,
			       0, FT_DIED_FREED, 0);
		child->died = true;
	}
}

static void migrate(struct simulator *sim, struct simulated_folio *from, const struct step *s)
{
	unsigned int place = s->arg % SIMULATOR_PLACES;
	struct fixture *a = &from->fixture;
	struct simulated_folio *to;

	if (sim->at[place] || from->extra || a->refcount != 1 || !a->mapcount || !has_room(sim))
		return;
	to = begin(sim, 4 * place, a->order, 0);
	sim->at[place] = to->fixture.id;
	from->migrated_to = to->fixture.id;
	capture__at(sim->capture, &to->fixture, FT_OP_BORN, FT_HOOK_folio_migrate_mapping, 1, 0);
	capture__value(sim->capture, a, FT_OP_MIGRATE, FT_HOOK_folio_migrate_mapping, a->refcount,
		       a->mapcount, to->fixture.id, 0);
	capture__at(sim->capture, &to->fixture, FT_OP_RETURN, FT_HOOK_folio_add_anon_rmap_ptes, 1,
		    a->mapcount);
	unmap(sim, from, s->place);
}

/* The kernel side numbers and sums up records that it cannot deliver. */
static void lose(struct simulated_folio *f)
{
	f->fixture.seq += 2;
	f->lost += 2;
}

void simulator__init(struct simulator *sim)
{
	memset(sim, 0, sizeof(*sim));
	sim->nr_folios = 1;
	sim->capture = capture__new();
	sim->capture->source = "inline";
	capture__meta(sim->capture);
	capture__symbols(sim->capture, SITES);
	capture__task(sim->capture, FT_TASK_NEW, sim->capture->pid, "simulator");
}

void simulator__step(struct simulator *sim, const struct step *s)
{
	struct simulated_folio *f = &sim->folios[sim->at[s->place]];

	if (s->kind == STEP_FAULT)
		fault(sim, s);
	if (!sim->at[s->place])
		return;
	switch (s->kind) {
	case STEP_GET:
		f->extra++;
		change(sim, f, FT_OP_GET, GET_SITE, 1);
		break;
	case STEP_PUT:
		put(sim, f, s->place);
		break;
	case STEP_MAP:
		map(sim, f);
		break;
	case STEP_UNMAP:
		unmap(sim, f, s->place);
		break;
	case STEP_FREEZE:
		freeze(sim, f);
		break;
	case STEP_SPLIT:
		split(sim, f, s->place);
		break;
	case STEP_MIGRATE:
		migrate(sim, f, s);
		break;
	case STEP_LOSE:
		lose(f);
		break;
	}
}

struct ft_run *simulator__end(struct simulator *sim)
{
	struct ft_run *run;
	uint32_t id;
	int round;

	for (round = 1; round <= 2; round++) {
		for (id = 1; id < sim->nr_folios; id++) {
			struct simulated_folio *f = &sim->folios[id];
			struct fixture *a = &f->fixture;

			if (!f->died)
				capture__value(sim->capture, a, FT_OP_SNAPSHOT, FT_HOOK_settle,
					       a->refcount, a->mapcount, round,
					       (uint64_t)f->lost << 32 | (uint32_t)f->sum);
		}
	}
	capture__flush(sim->capture);
	capture__symbols(sim->capture, SITES);
	capture__end(sim->capture);
	run = capture__load(sim->capture, true);
	capture__free(sim->capture);
	sim->capture = NULL;
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
