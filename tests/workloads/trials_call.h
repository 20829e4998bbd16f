/* SPDX-License-Identifier: GPL-2.0 */
/* The calls of a trial: which gets and puts, by whom, and in one of them the fault. */
#ifndef TRIALS_CALL_H
#define TRIALS_CALL_H

#include <sys/ioctl.h>

#include "trials_memory.h"

#define DEVICE "/dev/folio_zoo"

static int device;

#define REF_GETS                                                                                   \
	(BIT(TRIAL_GUP) | BIT(TRIAL_GUP_REMOTE) | BIT(TRIAL_GUP_UNLOCKED) | BIT(TRIAL_GET) |       \
	 BIT(TRIAL_TRY_GET))
#define PIN_GETS (BIT(TRIAL_PIN) | BIT(TRIAL_PIN_LONG) | BIT(TRIAL_PIN_REMOTE))
#define SEVERAL (BIT(TRIAL_GUP) | BIT(TRIAL_GUP_REMOTE) | BIT(TRIAL_GUP_UNLOCKED) | PIN_GETS)

static bool is_pin(unsigned int get)
{
	return BIT(get) & PIN_GETS;
}

static unsigned int gets_of(enum kind kind)
{
	unsigned int gets = REF_GETS | PIN_GETS;

	if (kinds[kind].shared)
		gets |= BIT(TRIAL_LOOKUP);
	if (kind != HUGETLB)
		gets |= BIT(TRIAL_ISOLATE);
	if (kind == DISK_FILE)
		gets &= ~BIT(TRIAL_PIN_LONG);
	if (kind == KSM)
		gets &= ~PIN_GETS;
	return gets;
}

/* Mostly the put that belongs to the get. */
static unsigned int put_of(uint64_t *seed, unsigned int get)
{
	if (is_pin(get))
		return chance(seed, 50) ? TRIAL_UNPIN : TRIAL_UNPIN_ALL;
	if (get == TRIAL_ISOLATE)
		return TRIAL_PUTBACK;
	if (chance(seed, 15))
		return TRIAL_RELEASE;
	return (BIT(get) & SEVERAL) && chance(seed, 80) ? TRIAL_GUP_PUT : TRIAL_PUT;
}

/* A putback and a release may want to sleep, or to take locks that no timer takes. */
static unsigned int thread_of_kernel(uint64_t *seed, unsigned int put)
{
	static const enum zoo_who who[] = { ZOO_WORKER, ZOO_KTHREAD, ZOO_TIMER };

	return who[below(seed, put == TRIAL_PUTBACK || put == TRIAL_RELEASE ? 2 : 3)];
}

/*
 * Who puts what the command got: anybody, but for a folio whose guard is a thread's. There
 * it would be as if the thread had put its guard, and the put too many were in its stead.
 */
static unsigned int putter(uint64_t *seed, const struct plan *p, unsigned int put)
{
	if ((p->fault == TRIAL_OVERPUT && !p->kept) || p->outside == ALONE || chance(seed, 50))
		return ZOO_CALLER;
	return thread_of_kernel(seed, put);
}

/* What a thread of the kernel got the command puts only where that is the trial's matter. */
static void draw_tasks(uint64_t *seed, const struct plan *p, struct trial_step *s)
{
	if ((p->outside != GETS_AND_PUTS && !p->handed) || chance(seed, 60)) {
		s->put_by = putter(seed, p, s->put);
		return;
	}
	s->get_by = chance(seed, 50) ? ZOO_WORKER : ZOO_KTHREAD;
	s->put_by = p->handed ? ZOO_CALLER : thread_of_kernel(seed, s->put);
}

static struct trial_step draw_step(uint64_t *seed, const struct memory *m, const struct plan *p,
				   unsigned int gets)
{
	struct trial_step s = { .get = one_of(seed, gets), .pages = 1 };
	size_t page = chance(seed, 75) ? p->page : below(seed, m->len / PAGE), room;

	s.at = (uintptr_t)m->at + page * PAGE;
	s.index = m->index + page;
	room = m->len / PAGE - page;
	if ((BIT(s.get) & SEVERAL) && chance(seed, 30))
		s.pages = 1 + below(seed, room < TRIAL_PAGES ? room : TRIAL_PAGES);
	/* A guarded page must stay the one that it is, and so must a merged one. */
	s.write = p->kind != KSM && p->fault != TRIAL_OVERPUT && chance(seed, 50);
	s.put = put_of(seed, s.get);
	draw_tasks(seed, p, &s);
	/* The page cache is looked up by the caller alone. */
	if (s.get == TRIAL_LOOKUP && s.get_by) {
		s.get_by = ZOO_CALLER;
		s.put_by = putter(seed, p, s.put);
	}
	s.later = chance(seed, 25);
	return s;
}

/* The faulty one.  The leaks of a thread of the kernel's are nobody's of the command. */
static struct trial_step draw_fault(uint64_t *seed, const struct memory *m, const struct plan *p)
{
	unsigned int gets = gets_of(p->kind) & (p->pin ? PIN_GETS : ~PIN_GETS);
	struct trial_step s;

	if (p->fault == TRIAL_OVERPUT)
		gets &= ~BIT(TRIAL_ISOLATE);
	s = draw_step(seed, m, p, gets);
	s.get_by = ZOO_CALLER;
	s.put_by = putter(seed, p, s.put);
	s.fault = p->fault;
	s.victim = below(seed, s.pages);
	if (p->fault != TRIAL_OVERPUT)
		return s;
	/* at the guarded page, once */
	s.at = (uintptr_t)m->at + p->page * PAGE;
	s.index = m->index + p->page;
	s.pages = 1;
	s.victim = 0;
	s.later = false;
	s.over = chance(seed, 60) ? s.put : put_of(seed, s.get);
	s.over_by = putter(seed, p, s.over);
	return s;
}

static struct trial_call call_of(const struct memory *m, const struct plan *p)
{
	struct trial_call call = { .trial = p->nr, .slot = p->nr, .fd = m->fd };

	plan__name(p, call.name);
	return call;
}

/* True if the fault was made. */
static bool trial_call(struct trial_call *call)
{
	TRY(ioctl(device, ZOO_TRIAL, call));
	return call->done;
}

static bool do_cycle(uint64_t *seed, const struct memory *m, const struct plan *p, bool faulty)
{
	struct trial_call call = call_of(m, p);
	unsigned int more = below(seed, 10);

	call.steps = 1 + (more < 4) + (more < 1);
	call.fails = chance(seed, 15);
	call.put_first = below(seed, 4);
	for (unsigned int i = 0; i < call.steps; i++)
		call.step[i] = draw_step(seed, m, p, gets_of(p->kind));
	if (faulty)
		call.step[below(seed, call.steps)] = draw_fault(seed, m, p);
	return trial_call(&call);
}

/* A reference or a pin that is not the command's, and that an over-put will take away. */
static bool guard(const struct memory *m, const struct plan *p, unsigned int who)
{
	struct trial_call call = call_of(m, p);

	call.steps = 1;
	call.step[0] = (struct trial_step){
		.at = (uintptr_t)m->at + p->page * PAGE,
		.get = p->pin ? TRIAL_GUARD_PIN : TRIAL_GUARD_REF,
		.get_by = who,
		.pages = 1,
		.fault = TRIAL_GUARD,
	};
	return trial_call(&call);
}

static void put_what_is_left(const struct memory *m, const struct plan *p)
{
	struct trial_call call = call_of(m, p);

	call.put_first = -1;
	trial_call(&call);
}

#endif
