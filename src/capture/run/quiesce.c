// SPDX-License-Identifier: GPL-2.0
#include "capture/run/quiesce.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "capture/kernel/util.h"
#include "capture/run/drain.h"
#include "capture/run/flush.h"

#define MS 1000000LL
#define PAUSE_NS (50 * MS) /* between the first two rounds; doubled from then on */
#define LONGEST_NS (500 * MS)
#define JOURNAL_NS (500 * MS) /* a surplus that outlives this may be a journal's */
#define FLUSH_NS (30000 * MS) /* more, while file systems write */

struct quiesce {
	struct session *session;
	struct recorder *recorder;
	struct readings *readings;
	const struct quiesce_options *opts;
	struct quiesce_result *out;
	struct flush flush;
	int64_t since, bound; /* from when a surplus counts; when to give up */
	int64_t pause;
	int64_t missing; /* mappings there were when no process had some of them; 0: none */
	bool drained;
	struct search search;
};

static void pause_until(struct session *s, int64_t when)
{
	int64_t left;

	while ((left = when - now_ns()) > 0) {
		struct timespec t = { 0, left < 10 * MS ? left : 10 * MS };

		session__drain(s);
		nanosleep(&t, NULL);
	}
}

static bool is_quiescent(const struct quiesce *st)
{
	return st->readings->round >= 2 && !st->readings->not_quiescent;
}

/* A journal puts its references when it commits: wait for that before a surplus counts. */
static bool waits_for_flush(struct quiesce *st)
{
	if (st->flush.pid && flush__is_over(&st->flush)) {
		st->since = now_ns();
		st->bound = st->since + st->opts->settle_ns;
	}
	if (!st->flush.started && st->readings->journal && now_ns() - st->since >= JOURNAL_NS) {
		flush__start(&st->flush);
		st->bound = now_ns() + FLUSH_NS;
	}
	return st->flush.pid;
}

static bool is_over(struct quiesce *st)
{
	const struct readings *r = st->readings;

	if (r->out_of_memory || (r->round >= 2 && now_ns() >= st->bound))
		return true;
	if (waits_for_flush(st) || !is_quiescent(st) || r->surplus || r->locked)
		return false;
	return !st->missing || r->mapped < st->missing;
}

/* Reads all live folios: how many there are, or -errno. */
static int read_all(struct quiesce *st)
{
	struct quiesce_result *out = st->out;
	const char *how = drain__lru_batches();
	int rc;

	if (!how)
		st->drained = false;
	else
		out->drain = how;
	session__drain(st->session);
	/* before the readings: what was over by then gives nothing back after them */
	seen_tasks__look(&st->recorder->tasks);
	out->tasks_left = session__tasks_left(st->session);
	readings__next_round(st->readings);
	rc = session__quiesce(st->session, st->readings->round);
	if (rc >= 0)
		out->live = rc;
	return rc;
}

/* Until they are at rest, or the bound is reached. */
static int rest(struct quiesce *st)
{
	int rc;

	do {
		if (st->readings->round > 1)
			st->pause = 2 * st->pause < LONGEST_NS ? 2 * st->pause : LONGEST_NS;
		if (st->readings->round)
			pause_until(st->session, now_ns() + st->pause);
		rc = read_all(st);
	} while (rc > 0 && !is_over(st));
	return rc;
}

/* One search, between two readings. again: something has changed, or may still do so. */
static int look_for_owners(struct quiesce *st, bool *again)
{
	int rc;

	rc = search__make(&st->search, st->session, st->readings, &st->opts->search);
	if (rc)
		return rc;
	st->missing = st->search.mapping_missing ? st->readings->mapped : 0;
	rc = read_all(st);
	*again = rc > 0 && now_ns() < st->bound && (st->missing || st->readings->not_quiescent);
	return rc;
}

static int rest_and_search(struct quiesce *st)
{
	bool again;
	int rc;

	do {
		again = false;
		rc = rest(st);
		search__free(&st->search);
		if (rc > 0 && st->readings->suspects)
			rc = look_for_owners(st, &again);
	} while (again);
	return rc;
}

int quiesce__run(struct session *s, struct recorder *r, struct readings *readings,
		 const struct quiesce_options *opts, struct quiesce_result *out,
		 struct ft_error *err)
{
	int64_t start = now_ns();
	struct quiesce st = {
		.session = s,
		.recorder = r,
		.readings = readings,
		.opts = opts,
		.out = out,
		.since = start,
		.bound = start + opts->settle_ns,
		.pause = PAUSE_NS,
		.drained = true,
	};
	int rc;

	memset(out, 0, sizeof(*out));
	rc = rest_and_search(&st);
	if (rc < 0)
		ft_fail(err, rc, FT_EXIT_FAILURE, "reading the live folios: %s", strerror(-rc));
	else
		search__record(&st.search, r);
	out->search = st.search.result;
	out->suspects = readings->suspects;
	search__free(&st.search);
	r->watch = NULL;
	if (!st.drained)
		out->drain = NULL;
	out->rounds = (int)readings->round;
	out->bound_reached = rc > 0 && !is_quiescent(&st);
	flush__stop(&st.flush);
	out->flushed = !st.flush.started || st.flush.done;
	return rc < 0 ? rc : 0;
}
