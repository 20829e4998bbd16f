// SPDX-License-Identifier: GPL-2.0
#include "capture/run/quiesce.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "capture/kernel/util.h"
#include "capture/run/flush.h"

#define ROUND_NS (50 * 1000000LL)    /* between two rounds */
#define SURPLUS_NS (500 * 1000000LL) /* a surplus must outlive this */
#define BOUND_NS (4000 * 1000000LL)
#define FLUSH_NS (30000 * 1000000LL) /* more, while file systems write */

/* The last readings of one folio. */
struct reading {
	uint32_t seq, round;
	int32_t refcount, mapcount;
	bool agrees;
};

struct quiesce {
	struct reading *by_id;
	uint32_t size, round;
	uint32_t not_quiescent, surplus, journal; /* in this round */
	quiesce_judge judge;
	struct flush flush;
	int64_t since, bound; /* from when a surplus counts; when to give up */
	bool out_of_memory;
};

static struct reading *reading_of(struct quiesce *st, uint32_t id)
{
	if (id >= st->size) {
		uint32_t size = id + id / 2 + 1024;
		struct reading *p = reallocarray(st->by_id, size, sizeof(*p));

		if (!p) {
			st->out_of_memory = true;
			return NULL;
		}
		memset(p + st->size, 0, (size - st->size) * sizeof(*p));
		st->by_id = p;
		st->size = size;
	}
	return &st->by_id[id];
}

static void on_reading(void *arg, const struct ft_wire_event *e)
{
	struct quiesce *st = arg;
	struct reading *r = reading_of(st, e->id);
	enum quiesce_surplus surplus = st->judge(e);

	if (!r)
		return;
	/* readings take a number, too: consecutive numbers mean that there was no event between */
	r->agrees = r->round + 1 == st->round && e->seq == r->seq + 1 &&
		    e->refcount == r->refcount && e->mapcount == r->mapcount;
	r->seq = e->seq;
	r->round = st->round;
	r->refcount = e->refcount;
	r->mapcount = e->mapcount;
	st->not_quiescent += !r->agrees;
	st->surplus += surplus != QUIESCE_CLEAN;
	st->journal += surplus == QUIESCE_JOURNAL;
}

/*
 * Drains the per-CPU LRU and mlock batches of all CPUs: move_pages(2) on one of our own pages calls
 * lru_cache_disable() (do_pages_move(), 6.1 to 7.3). Unlike drop_caches or compaction this leaves
 * the folios of other processes alone.
 */
static bool drain_lru_batches(void)
{
	long size = sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	int node = 0, status = 0;
	long rc;

	if (page == MAP_FAILED)
		return false;
	rc = syscall(SYS_move_pages, 0, 1UL, &page, &node, &status, 2 /* MPOL_MF_MOVE */);
	munmap(page, size);
	return rc >= 0;
}

static void pause_until(struct session *s, int64_t when)
{
	int64_t left;

	while ((left = when - now_ns()) > 0) {
		struct timespec t = { 0, left < 10000000 ? left : 10000000 };

		session__drain(s);
		nanosleep(&t, NULL);
	}
}

static bool is_quiescent(const struct quiesce *st)
{
	if (st->round < 2 || st->not_quiescent)
		return false;
	return !st->surplus || now_ns() - st->since >= SURPLUS_NS;
}

/* A journal puts its references when it commits: wait for that before a surplus counts. */
static bool waits_for_flush(struct quiesce *st)
{
	if (st->flush.pid && flush__is_over(&st->flush)) {
		st->since = now_ns();
		st->bound = st->since + BOUND_NS;
	}
	if (!st->flush.started && st->journal && now_ns() - st->since >= SURPLUS_NS) {
		flush__start(&st->flush);
		st->bound = now_ns() + FLUSH_NS;
	}
	return st->flush.pid;
}

static bool is_over(struct quiesce *st)
{
	if (st->out_of_memory || now_ns() >= st->bound)
		return true;
	return !waits_for_flush(st) && is_quiescent(st);
}

int quiesce__run(struct session *s, struct recorder *r, quiesce_judge judge,
		 struct quiesce_result *out, struct ft_error *err)
{
	int64_t start = now_ns(), next = start;
	struct quiesce st = { .judge = judge, .since = start, .bound = start + BOUND_NS };
	int rc;

	memset(out, 0, sizeof(*out));
	r->watch = on_reading;
	r->watch_arg = &st;
	out->drained = true;
	do {
		pause_until(s, next);
		next = now_ns() + ROUND_NS;
		if (!drain_lru_batches())
			out->drained = false;
		session__drain(s);
		st.round++;
		st.not_quiescent = st.surplus = st.journal = 0;
		rc = session__quiesce(s, st.round);
		if (rc < 0) {
			ft_fail(err, rc, FT_EXIT_FAILURE, "reading the live folios: %s",
				strerror(-rc));
			break;
		}
		out->live = rc;
		if (!rc)
			break;
	} while (!is_over(&st));
	r->watch = NULL;
	out->rounds = st.round;
	out->bound_reached = rc > 0 && !is_quiescent(&st);
	flush__stop(&st.flush);
	out->flushed = !st.flush.started || st.flush.done;
	free(st.by_id);
	return rc < 0 ? rc : 0;
}
