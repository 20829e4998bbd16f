// SPDX-License-Identifier: GPL-2.0
#include "support/world.h"

#include <stdio.h>
#include <string.h>

#include "support/world_parts.h"

const uint32_t world_tasks[WORLD_TASKS] = { COMMAND, SECOND, OUTSIDER, OUTSIDER_2, KWORKER };

bool world__lives(const struct world *w, uint32_t pid)
{
	switch (pid) {
	case COMMAND:
		return w->plan.living & 1;
	case SECOND:
		return w->plan.living & 2;
	case OUTSIDER_2:
		return w->plan.living & 4;
	default:
		return true;
	}
}

bool world__is_commands(uint32_t pid)
{
	return pid == COMMAND || pid == SECOND;
}

static void die(struct world *w, struct world_folio *f)
{
	unsigned int i;

	capture__value(w->scene.capture, &f->fixture, FT_OP_DIED, FT_HOOK_mm_page_free, 0,
		       f->fixture.mapcount, FT_DIED_FREED, 0);
	f->died = true;
	for (i = 0; i < WORLD_PLACES; i++)
		if (w->at[i] == f->fixture.id)
			w->at[i] = 0;
}

void world__op(struct world *w, struct world_folio *f, enum scene_site site, int delta)
{
	w->scene.folio = f->fixture;
	scene__op(&w->scene, site, delta);
	f->fixture = w->scene.folio;
	f->sum += delta;
	if (!f->fixture.refcount)
		die(w, f);
}

void world__pin(struct world *w, struct world_folio *f, bool two_steps)
{
	if (f->fixture.order) {
		world__op(w, f, AT_GUP, 1);
		f->fixture.pincount++;
	} else if (two_steps) {
		world__op(w, f, AT_GUP, 1);
		world__op(w, f, AT_GUP, FT_PIN_BIAS - 1);
	} else {
		world__op(w, f, AT_GUP, FT_PIN_BIAS);
	}
}

void world__unpin(struct world *w, struct world_folio *f)
{
	f->fixture.pincount -= f->fixture.order > 0;
	world__op(w, f, AT_UNPIN, f->fixture.order ? -1 : -FT_PIN_BIAS);
}

static unsigned int rmap_hook(const struct world_folio *f)
{
	return f->fixture.flags & FT_PF_ANON ? FT_HOOK_folio_add_anon_rmap_ptes :
					       FT_HOOK_folio_add_file_rmap_ptes;
}

void world__map(struct world *w, struct world_folio *f)
{
	world__op(w, f, AT_MAP, 1);
	capture__at(w->scene.capture, &f->fixture, FT_OP_RETURN, rmap_hook(f), f->fixture.refcount,
		    f->fixture.mapcount + 1);
}

void world__unmap(struct world *w, struct world_folio *f)
{
	capture__at(w->scene.capture, &f->fixture, FT_OP_RETURN, FT_HOOK_folio_remove_rmap_ptes,
		    f->fixture.refcount, f->fixture.mapcount - 1);
	world__op(w, f, AT_UNMAP, -1);
}

bool world__is_kind(const struct hold *h, enum hold_kind kind)
{
	bool passes = h->site == AT_PIPE || h->site == AT_BATCH || h->site == AT_ISOLATE;

	switch (kind) {
	case HOLD_PLAIN:
		return !h->pin && h->site && !passes;
	case HOLD_PIN:
		return h->pin;
	case HOLD_BEFORE:
		return !h->site;
	case HOLD_PIPE:
		return h->site == AT_PIPE;
	case HOLD_BATCH:
		return h->site == AT_BATCH;
	default:
		return h->site == AT_ISOLATE;
	}
}

/* One of this kind, by a number; NULL: there is none. */
static struct hold *pick(struct world_folio *f, enum hold_kind kind, unsigned int number)
{
	unsigned int i;

	for (i = 0; i < f->nr_holds; i++) {
		struct hold *h = &f->holds[(i + number) % f->nr_holds];

		if (world__is_kind(h, kind))
			return h;
	}
	return NULL;
}

void world__forget(struct world_folio *f, struct hold *h)
{
	*h = f->holds[--f->nr_holds];
}

static void add_hold(struct world_folio *f, enum scene_site site, uint32_t pid, bool pin)
{
	f->holds[f->nr_holds++] = (struct hold){ site, pid, pin };
}

static struct world_folio *begin(struct world *w, const struct deed *d)
{
	uint32_t id = w->nr_folios;
	struct world_folio *f = &w->folios[id];

	if (w->at[d->place] || id + 1 == WORLD_FOLIOS)
		return NULL;
	w->nr_folios++;
	w->at[d->place] = id;
	f->fixture = capture__small(id, 64 + d->place);
	return f;
}

static void born(struct world *w, struct world_folio *f, unsigned int task)
{
	f->mapped[task] = 1;
	w->scene.folio = f->fixture;
	scene__born(&w->scene);
	f->fixture = w->scene.folio;
}

static void created(struct world *w, struct world_folio *f)
{
	f->fixture.flags = PAGE_OF_FILE;
	capture__at(w->scene.capture, &f->fixture, FT_OP_BORN, FT_HOOK_filemap_add_folio, 1, 0);
	world__op(w, f, AT_CACHE, 1);
	world__op(w, f, AT_PUT, -1);
}

static void adopted(struct world *w, struct world_folio *f, const struct deed *d)
{
	f->adopted = true;
	f->mapped_before = d->arg % 3;
	if (d->arg & 4)
		add_hold(f, 0, OUTSIDER, false);
	if (d->arg & 8)
		add_hold(f, 0, KWORKER, false);
	f->fixture.flags = PAGE_OF_FILE;
	capture__adopt(w->scene.capture, &f->fixture, AT_LOOKUP,
		       1 + f->mapped_before + (int)f->nr_holds, f->mapped_before);
	world__op(w, f, AT_LOOKUP, 1);
	world__op(w, f, AT_PUT, -1);
}

static void new_folio(struct world *w, const struct deed *d)
{
	unsigned int task = d->who % 2;
	struct world_folio *f = begin(w, d);

	if (!f)
		return;
	scene__as(&w->scene, world_tasks[task]);
	if (d->kind == DEED_ADOPT) {
		adopted(w, f, d);
	} else if (d->kind == DEED_CREATE) {
		created(w, f);
	} else {
		if (d->arg % 3 == 0) {
			f->fixture.order = 9;
			f->fixture.flags |= FT_PF_LARGE;
		}
		born(w, f, task);
	}
}

enum scene_site world__get_site(unsigned int arg)
{
	static const enum scene_site sites[] = { AT_LOOKUP, AT_COLLECT, AT_FAULT,
						 AT_GET,    AT_GUP,	AT_BIO };

	return sites[arg % (sizeof(sites) / sizeof(*sites))];
}

static void take(struct world *w, struct world_folio *f, const struct deed *d)
{
	uint32_t pid = world_tasks[d->who % WORLD_TASKS];
	/* the others have it for their call only */
	enum scene_site site = world__get_site(3 + d->arg % 3);
	bool small = !f->fixture.order, pin = d->kind == DEED_PIN;

	if (f->nr_holds == WORLD_HOLDS || (d->kind == DEED_BATCH && !small))
		return;
	if (d->kind == DEED_ISOLATE && (f->isolated || !small))
		return;
	if (d->kind == DEED_BATCH)
		site = AT_BATCH;
	if (d->kind == DEED_PIPE) {
		site = AT_PIPE;
		pid = world_tasks[d->who % (WORLD_TASKS - 1)];
	}
	if (d->kind == DEED_ISOLATE) {
		site = AT_ISOLATE;
		f->isolated = true;
		f->fixture.flags &= ~FT_PF_LRU;
	}
	f->passed |= d->kind == DEED_PIPE;
	scene__as(&w->scene, pid);
	if (pin)
		world__pin(w, f, d->arg & 1);
	else
		world__op(w, f, site, 1);
	/* whoever has the pipe open; without a search it is taken to be the task's own */
	if (d->kind == DEED_PIPE && w->plan.search < 3)
		pid = world_tasks[d->arg % (WORLD_TASKS - 1)];
	add_hold(f, pin ? AT_GUP : site, pid, pin);
}

void world__release(struct world *w, struct world_folio *f, struct hold *h, uint32_t by)
{
	struct hold was = *h;

	world__forget(f, h);
	scene__as(&w->scene, by);
	if (was.pin) {
		world__unpin(w, f);
	} else if (was.site == AT_ISOLATE) {
		f->isolated = false;
		f->fixture.flags |= FT_PF_LRU;
		world__op(w, f, AT_PUT, -1);
	} else {
		world__op(w, f,
			  was.site == AT_BATCH ? AT_DRAIN :
			  was.site == AT_PIPE  ? AT_RELEASE :
			  was.site == AT_BIO   ? AT_BIO_END :
						 AT_PUT,
			  -1);
	}
}

/* Who puts what another task took: a kthread, another outsider; of a bio anybody. */
static uint32_t passed_to(const struct hold *h, const struct deed *d)
{
	if (h->site == AT_BIO)
		return world_tasks[d->who % WORLD_TASKS];
	return h->pid == KWORKER || d->who & 1 ? OUTSIDER : KWORKER;
}

/* Nothing would tell its own put from the one for somebody else. */
static bool has_one(const struct world_folio *f, uint32_t pid)
{
	unsigned int i;

	for (i = 0; i < f->nr_holds; i++)
		if (f->holds[i].pid == pid)
			return true;
	return false;
}

static void give(struct world *w, struct world_folio *f, const struct deed *d)
{
	static const enum hold_kind kinds[DEED_KINDS] = {
		[DEED_PUT] = HOLD_PLAIN,      [DEED_PASS] = HOLD_PLAIN,
		[DEED_INTERRUPT] = HOLD_PLAIN, [DEED_LEAVE] = HOLD_BEFORE,
		[DEED_UNPIN] = HOLD_PIN,      [DEED_DRAIN] = HOLD_BATCH,
		[DEED_READ_PIPE] = HOLD_PIPE, [DEED_PUT_BACK] = HOLD_ISOLATION,
	};
	struct hold *h = pick(f, kinds[d->kind], d->arg);
	uint32_t any = world_tasks[d->who % WORLD_TASKS], by;

	if (!h)
		return;
	by = h->pid;
	if (d->kind == DEED_PASS)
		by = passed_to(h, d);
	if (d->kind == DEED_DRAIN || d->kind == DEED_READ_PIPE || d->kind == DEED_INTERRUPT)
		by = any;
	if (d->kind == DEED_READ_PIPE)
		by = world_tasks[d->who % (WORLD_TASKS - 1)];
	if (by != h->pid && d->kind == DEED_PASS && has_one(f, by))
		return;
	f->passed |= by != h->pid || d->kind == DEED_LEAVE;
	if (d->kind == DEED_INTERRUPT)
		w->scene.capture->context = FT_CTX_SOFTIRQ;
	world__release(w, f, h, by);
	w->scene.capture->context = FT_CTX_TASK;
}

/* Anonymous memory is the command's alone. */
static void mapping(struct world *w, struct world_folio *f, const struct deed *d)
{
	unsigned int task = d->who % (f->fixture.flags & FT_PF_ANON ? 2 : WORLD_TASKS - 1);

	scene__as(&w->scene, d->arg % 4 ? world_tasks[task] : KWORKER);
	if (d->kind == DEED_MAP && f->fixture.mapcount < 8) {
		scene__as(&w->scene, world_tasks[task]);
		f->mapped[task]++;
		world__map(w, f);
	} else if (d->kind == DEED_UNMAP && f->mapped[task]) {
		f->mapped[task]--;
		world__unmap(w, f);
	} else if (d->kind == DEED_UNMAP && f->mapped_before && task > 1) {
		f->mapped_before--;
		world__unmap(w, f);
	}
}

static void swap(struct world *w, struct world_folio *f, const struct deed *d)
{
	struct fixture *a = &f->fixture;

	if (!(a->flags & FT_PF_ANON) || a->order)
		return;
	scene__as(&w->scene, d->who & 1 ? KWORKER : COMMAND);
	if (a->flags & FT_PF_SWAPCACHE) {
		a->flags &= ~FT_PF_SWAPCACHE;
		world__op(w, f, AT_UNMAP, -1);
	} else {
		world__op(w, f, AT_CACHE, 1);
		a->flags |= FT_PF_SWAPCACHE;
		/* reclaim does more with it */
		world__op(w, f, AT_GET, 1);
		world__op(w, f, AT_PUT, -1);
	}
}

static void look(struct world *w, struct world_folio *f, const struct deed *d)
{
	scene__as(&w->scene, world_tasks[d->who % WORLD_TASKS]);
	world__op(w, f, world__get_site(d->arg), 1);
	world__op(w, f, AT_PUT, -1);
}

static void freeze(struct world *w, struct world_folio *f)
{
	int all = f->fixture.refcount;

	scene__as(&w->scene, KWORKER);
	capture__op(w->scene.capture, &f->fixture, FT_OP_FREEZE, AT_CACHE, -all);
	capture__op(w->scene.capture, &f->fixture, FT_OP_UNFREEZE, AT_CACHE, all);
}

void world__init(struct world *w, const struct world_plan *plan)
{
	memset(w, 0, sizeof(*w));
	w->nr_folios = 1;
	w->plan = *plan;
	scene__init(&w->scene, "inline");
}

void world__do(struct world *w, const struct deed *d)
{
	struct world_folio *f = w->at[d->place] ? &w->folios[w->at[d->place]] : NULL;

	w->scene.way = d->kind;

	switch (d->kind) {
	case DEED_FAULT:
	case DEED_CREATE:
	case DEED_ADOPT:
		new_folio(w, d);
		return;
	default:
		break;
	}
	if (!f)
		return;
	switch (d->kind) {
	case DEED_GET:
	case DEED_PIN:
	case DEED_BATCH:
	case DEED_PIPE:
	case DEED_ISOLATE:
		take(w, f, d);
		break;
	case DEED_MAP:
	case DEED_UNMAP:
		mapping(w, f, d);
		break;
	case DEED_LOOK:
		look(w, f, d);
		break;
	case DEED_SWAP:
		swap(w, f, d);
		break;
	case DEED_FREEZE:
		freeze(w, f);
		break;
	case DEED_PLANT:
		world__plant(w, f, d);
		break;
	case DEED_LOSE:
		f->fixture.seq += 2;
		f->lost += 2;
		break;
	default:
		give(w, f, d);
		break;
	}
}
