// SPDX-License-Identifier: GPL-2.0
/* The fault of a world, and its end. */
#include <stdio.h>
#include <string.h>

#include "support/world_parts.h"

static bool command_lives(const struct world *w)
{
	return w->plan.living & 3;
}

/* Functions that hold a reference no longer than their call. */
static bool is_of_a_call(enum scene_site site)
{
	return site == AT_LOOKUP || site == AT_COLLECT || site == AT_FAULT || site == AT_ISOLATE;
}

static bool plant_get(struct world *w, struct world_folio *f, const struct deed *d)
{
	enum scene_site site = world__get_site(d->arg);

	/* what living tasks may still have is no fault */
	if (command_lives(w) && !is_of_a_call(site))
		return false;
	if (d->who & 2 && !world__lives(w, OUTSIDER_2))
		scene__as(&w->scene, OUTSIDER_2);
	world__op(w, f, site, 1);
	f->fault_site = site;
	return true;
}

static bool plant_pin(struct world *w, struct world_folio *f, const struct deed *d)
{
	if (command_lives(w))
		return false;
	world__pin(w, f, d->arg & 1);
	if (w->plan.fault == FAULT_PIN)
		return true;
	scene__as(&w->scene, d->arg & 2 ? COMMAND : SECOND);
	world__op(w, f, AT_PUT, -1);
	return true;
}

static bool plant_mapping(struct world *w, struct world_folio *f)
{
	bool alone = f->fixture.flags & FT_PF_ANON && !command_lives(w) && w->plan.search < 3;

	/* as many as were there before are excused */
	if ((w->plan.search && !alone) || f->adopted)
		return false;
	world__map(w, f);
	return true;
}

static bool plant_overput(struct world *w, struct world_folio *f)
{
	/* of a file the last put, when nothing maps it, is not seen to be one too many */
	if (!(f->fixture.flags & FT_PF_ANON) || !f->fixture.mapcount || f->nr_holds)
		return false;
	world__op(w, f, AT_PUT, -1);
	return true;
}

static bool plant_robbed(struct world *w, struct world_folio *f)
{
	unsigned int i;

	if (f->fixture.flags & FT_PF_ANON)
		return false;
	for (i = 0; i < f->nr_holds; i++) {
		struct hold *h = &f->holds[i];
		bool plain = world__is_kind(h, HOLD_PLAIN) || world__is_kind(h, HOLD_BEFORE);

		if (!plain || h->site == AT_BIO || (h->pid != OUTSIDER && h->pid != KWORKER))
			continue;
		world__forget(f, h);
		world__op(w, f, AT_PUT, -1);
		return true;
	}
	return false;
}

void world__plant(struct world *w, struct world_folio *f, const struct deed *d)
{
	bool done = false;

	if (w->planted)
		return;
	scene__as(&w->scene, d->who & 1 ? COMMAND : SECOND);
	switch (w->plan.fault) {
	case FAULT_GET:
		done = plant_get(w, f, d);
		break;
	case FAULT_PIN:
	case FAULT_PIN_PUT:
		done = plant_pin(w, f, d);
		break;
	case FAULT_MAPPING:
		done = plant_mapping(w, f);
		break;
	case FAULT_OVERPUT:
		done = plant_overput(w, f);
		break;
	case FAULT_ROBBED:
		done = plant_robbed(w, f);
		break;
	default:
		break;
	}
	if (done)
		f->fault = w->plan.fault;
	w->planted = done;
}

/* What a task has, it may keep as long as it lives. */
static bool may_keep(const struct world *w, const struct hold *h)
{
	if (h->site == AT_BATCH || h->site == AT_ISOLATE || (h->site == AT_BIO && !h->pin))
		return false;
	if (!world__lives(w, h->pid))
		return false;
	return !world__is_commands(h->pid) || h->pin || !is_of_a_call(h->site);
}

static uint32_t releaser(const struct hold *h)
{
	return h->site == AT_BATCH || h->site == AT_BIO ? KWORKER : h->pid;
}

static void leave(struct world *w, struct world_folio *f)
{
	unsigned int i, task;

	for (i = f->nr_holds; i-- && !f->died;) {
		struct hold *h = &f->holds[i];

		if (may_keep(w, h))
			continue;
		f->passed |= h->site == AT_BIO && h->pid != KWORKER;
		world__release(w, f, h, releaser(h));
	}
	for (task = 0; task < WORLD_TASKS; task++) {
		if (world__lives(w, world_tasks[task]))
			continue;
		for (; f->mapped[task] && !f->died; f->mapped[task]--) {
			scene__as(&w->scene, world_tasks[task]);
			world__unmap(w, f);
		}
	}
}

/* Whether the search looks where the owner of this folio is. */
static bool is_found(const struct world *w, const struct world_folio *f)
{
	return w->plan.search == 0 || (w->plan.search == 1 && f->fixture.id % 2);
}

static void found(struct world *w, struct world_folio *f, enum ft_owner_class class, uint32_t units,
		  uint32_t pid)
{
	if (units && is_found(w, f))
		capture__owner(w->scene.capture, &f->fixture, class, units, pid, "owner");
	else
		f->open += units;
}

static void look_for_owners(struct world *w, struct world_folio *f)
{
	unsigned int i;

	for (i = 0; i < f->nr_holds; i++) {
		if (world__is_kind(&f->holds[i], HOLD_PIPE))
			found(w, f, FT_OWNER_PIPE, 1, f->holds[i].pid);
		else if (!world__is_kind(&f->holds[i], HOLD_BEFORE))
			f->open++;
	}
	for (i = 0; i < WORLD_TASKS; i++)
		found(w, f, FT_OWNER_MAPPING, (uint32_t)f->mapped[i], world_tasks[i]);
	found(w, f, FT_OWNER_MAPPING, (uint32_t)f->mapped_before, 999);
}

static void exit_tasks(struct world *w)
{
	struct capture_builder *m = w->scene.capture;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		/* the living do something else */
		scene__as(&w->scene, world_tasks[i]);
		if (world__lives(w, world_tasks[i]))
			capture__call(m, FT_HOOK_migrate_vma_pages, false, 0);
		else
			capture__task(m, FT_TASK_EXIT, world_tasks[i], "gone");
		m->tasks_left += world__lives(w, world_tasks[i]);
	}
	if (!world__lives(w, OUTSIDER_2))
		m->ended[m->nr_ended++] = OUTSIDER_2;
}

static void read_all(struct world *w, int round)
{
	uint32_t id;

	for (id = 1; id < w->nr_folios; id++) {
		struct world_folio *f = &w->folios[id];
		struct fixture *a = &f->fixture;

		if (!f->died)
			capture__value(w->scene.capture, a, FT_OP_SNAPSHOT, FT_HOOK_settle,
				       a->refcount, a->mapcount, round,
				       (uint64_t)f->lost << 32 | (uint32_t)f->sum);
	}
}

struct ft_run *world__end(struct world *w)
{
	static const struct ft_search *const searches[] = { &searched_whole, &searched_busy,
							    &searched_nothing, NULL };
	uint32_t id;

	w->scene.way = DEED_KINDS;
	for (id = 1; id < w->nr_folios; id++) {
		struct world_folio *f = &w->folios[id];

		if (!f->died)
			leave(w, f);
		if (!f->died)
			look_for_owners(w, f);
	}
	exit_tasks(w);
	w->scene.capture->now += w->scene.pause_ns;
	read_all(w, 1);
	read_all(w, 2);
	w->scene.capture->search = searches[w->plan.search % 4];
	return scene__end(&w->scene);
}

const char *deed__text(const struct deed *d, char *buf, size_t size)
{
	static const char *const names[DEED_KINDS] = {
		"fault", "create",  "adopt",	"look",	  "get",       "put",	"pass", "leave",
		"pin",	 "unpin",   "map",	"unmap",  "batch",     "drain", "pipe", "read_pipe",
		"swap",	 "isolate", "put_back", "freeze", "interrupt", "plant", "lose",
	};

	snprintf(buf, size, "%s(%u, %u, %u)", names[d->kind], d->place, d->who, d->arg);
	return buf;
}

const char *plan__text(const struct world_plan *p, char *buf, size_t size)
{
	static const char *const faults[FAULTS] = { "none",    "get",	  "pin",   "pin_put",
						    "mapping", "overput", "robbed" };
	static const char *const searches[] = { "whole", "busy", "nothing", "old" };

	snprintf(buf, size, "fault %s, living %u, search %s", faults[p->fault], p->living,
		 searches[p->search % 4]);
	return buf;
}
