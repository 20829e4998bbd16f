// SPDX-License-Identifier: GPL-2.0
/*
 * Verdicts. A folio is accused only on readings at rest, and only when nothing
 * that is known to hold a reference for a while can explain its surplus; what
 * is not sure is inconclusive, with the reason.
 */
#include <errno.h>
#include <inttypes.h>

#include "core/folio/checkpoint.h"
#include "core/folio/baseline.h"
#include "core/folio/reading.h"
#include "core/verdict/judge.h"

static int decide(struct ft_analysis *c, enum ft_verdict verdict, const char *reason)
{
	c->folio->verdict = verdict;
	c->folio->reason = reason;
	return 0;
}

/* The reason is printed into the arena; NULL from there means no memory. */
#define DECIDE(c, verdict, ...)                                                                    \
	({                                                                                         \
		const char *why_ = ft_arena__printf((c)->arena, __VA_ARGS__);                      \
		why_ ? decide(c, verdict, why_) : -ENOMEM;                                         \
	})

static int inconclusive(struct ft_analysis *c, const char *reason)
{
	return decide(c, FT_VERDICT_INCONCLUSIVE, reason);
}

static int judge_dead(struct ft_analysis *c)
{
	size_t i = c->nr - 1;

	if (!c->folio->free_while_mapped && !c->folio->free_while_held)
		return decide(c, FT_VERDICT_FREED, NULL);
	while (i && c->events[i].t_ns != c->folio->died_ns)
		i--;
	if (!c->folio->free_while_mapped)
		return DECIDE(c, FT_VERDICT_OVERPUT,
			      "it was freed while somebody held it (refcount %d)",
			      c->events[i].refcount);
	return DECIDE(c, FT_VERDICT_OVERPUT, "it was freed while it was still mapped (mapcount %d)",
		      c->events[i].mapcount);
}

/* What may stay: nothing of a folio born in the trace, else what was there. */
static int64_t allowed(const struct ft_analysis *c)
{
	return c->baseline_known && c->folio->baseline > 0 ? c->folio->baseline : 0;
}

/*
 * Other references only add to those that are owed, so two readings that leave
 * no room for a surplus prove its absence, even while somebody is mapping and
 * unmapping the folio, as everybody does with libc's pages.
 */
static bool is_clean(const struct ft_analysis *c, const struct ft_event *e)
{
	int64_t surplus;

	if (!e || !ft_event__is_reading(e))
		return false;
	surplus = ft_analysis__surplus(c, e);
	return surplus >= 0 && surplus <= allowed(c);
}

static bool is_small(const struct ft_reading *r)
{
	return !(r->flags & FT_PF_LARGE);
}

static bool is_on_lru_by_kind(enum ft_kind kind)
{
	return kind == FT_KIND_ANON || kind == FT_KIND_KSM || kind == FT_KIND_FILE ||
	       kind == FT_KIND_SHMEM;
}

static int judge_deficit(struct ft_analysis *c)
{
	const struct ft_folio *folio = c->folio;
	const struct ft_reading *r = &folio->final;

	if ((r->flags & FT_PF_PRIVATE_2) && r->surplus == -1)
		return decide(c, FT_VERDICT_BALANCED, NULL);
	if (r->flags & (FT_PF_LOCKED | FT_PF_WRITEBACK))
		return inconclusive(c,
				    "the folio is locked or under writeback: somebody may have its "
				    "count frozen");
	if (!folio->born && c->baseline_known && r->surplus >= folio->baseline)
		return decide(c, FT_VERDICT_BALANCED, NULL);
	if (r->refcount < r->mapcount)
		return DECIDE(
			c, FT_VERDICT_OVERPUT,
			"refcount %d is below mapcount %d at rest: it will be freed while it is "
			"mapped",
			r->refcount, r->mapcount);
	if (!r->refcount)
		return inconclusive(c,
				    "refcount 0 at rest and not freed: its count is frozen, or its "
				    "end was not seen");
	if (!folio->born && !c->baseline_known)
		return inconclusive(c, "it was there before the run, and no reading shows what its "
				       "count was then");
	return DECIDE(c, FT_VERDICT_OVERPUT, "refcount %d at rest, %" PRId64 " expected",
		      r->refcount, r->expected.total);
}

/* A folio that somebody has in hand for a while, by what the folio shows. */
static const char *transient_holder(const struct ft_analysis *c)
{
	const struct ft_reading *r = &c->folio->final;

	if (r->flags & FT_PF_LOCKED)
		return "the folio is still locked: somebody is working on it and holds a reference";
	if (r->flags & FT_PF_WRITEBACK)
		return "the folio is under writeback";
	if (c->folio->kind == FT_KIND_FILE && !c->run->flushed)
		return "the file systems did not write in time what their journals hold, which "
		       "may be this folio";
	if (!is_small(r) || !is_on_lru_by_kind(c->folio->kind))
		return NULL;
	if (!c->run->drained)
		return "the per-CPU LRU batches were not drained, and each may hold a reference";
	if (!(r->flags & (FT_PF_LRU | FT_PF_UNEVICTABLE | FT_PF_MLOCKED)) &&
	    r->surplus - allowed(c) == 1)
		return "the folio is not on the LRU list: it may be in a per-CPU batch, or isolated";
	return NULL;
}

/*
 * The surplus came while one device migration had the folio: the same task saw
 * it without before and with it at the end, and it never went away again. Then
 * it does not matter who else knew the folio before the run.
 */
static bool grew_in_migration(const struct ft_analysis *c)
{
	uint32_t clean_pid = 0;
	bool grown = false;
	size_t i;

	for (i = 0; i < c->nr; i++) {
		const struct ft_event *e = &c->events[i];

		if (!ft_event__is_reading(e))
			continue;
		if (ft_analysis__own_surplus(c, e) <= allowed(c)) {
			clean_pid = e->pid;
			grown = false;
		} else if (e->op == FT_OP_CHECKPOINT && clean_pid == e->pid) {
			grown = true;
		}
	}
	return grown;
}

/* Why what an adopted folio gained may be somebody else's; "" if it is not. NULL:
 * no memory. */
static const char *not_ours(struct ft_analysis *c, int64_t grown)
{
	struct ft_surplus_origin g;

	if (!c->run->exact)
		return ft_arena__printf(
			c->arena,
			"it was there before the run; its count grew by %" PRId64
			" since, and readings at boundaries cannot tell whose reference it is",
			grown);
	g = ft_analysis__surplus_origin(c, allowed(c));
	if (g.ours)
		return "";
	if (!g.exact)
		return ft_arena__printf(c->arena,
					"it was there before the run; its count grew by %" PRId64
					" since, and not every operation on it is known",
					grown);
	return ft_arena__printf(c->arena,
				"it was there before the run; its count grew by %" PRId64
				" since, of which %s/%u took a reference in %s, which is not of "
				"the command and may still hold it",
				grown, g.other ? g.other->comm : "", g.other ? g.other->pid : 0,
				g.other ? g.other->site->function : "?");
}

static int judge_surplus(struct ft_analysis *c)
{
	const struct ft_folio *folio = c->folio;
	const struct ft_reading *r = &folio->final;
	int64_t grown = r->surplus - allowed(c);
	const char *holder, *why;

	if ((r->flags & FT_PF_HWPOISON) && grown == 1)
		return decide(c, FT_VERDICT_BALANCED, NULL); /* memory-failure keeps one */
	if (is_small(r) && grown >= FT_PIN_BIAS)
		return DECIDE(c, FT_VERDICT_INCONCLUSIVE,
			      "probably pinned \xc3\x97%" PRId64
			      ": of one page pins are only seen as "
			      "multiples of %d in the refcount",
			      grown / FT_PIN_BIAS, FT_PIN_BIAS);
	holder = transient_holder(c);
	if (holder)
		return inconclusive(c, holder);
	if (!c->run->complete)
		return inconclusive(c, "the capture was cut off: the reference may have been put "
				       "later");
	if (c->run->tasks_left)
		return DECIDE(c, FT_VERDICT_INCONCLUSIVE,
			      "surplus %" PRId64
			      ", but %u process%s of the command still live%s and "
			      "may hold it (a pipe, a buffer under I/O)",
			      grown, c->run->tasks_left, c->run->tasks_left == 1 ? "" : "es",
			      c->run->tasks_left == 1 ? "s" : "");
	if (c->birth_lost)
		return inconclusive(c,
				    "the record of its birth was lost: what it held before is not "
				    "known");
	if (!folio->born && !c->baseline_known)
		return inconclusive(c,
				    "it was there before the run, and no stable reading shows what "
				    "its count was then");
	if (!folio->born && !grew_in_migration(c)) {
		why = not_ours(c, grown);
		if (!why)
			return -ENOMEM;
		if (*why)
			return inconclusive(c, why);
	}
	return DECIDE(c, FT_VERDICT_LEAK,
		      "refcount %d at rest, %" PRId64 " expected: surplus %" PRId64, r->refcount,
		      r->expected.total + allowed(c), grown);
}

static int judge_living(struct ft_analysis *c)
{
	const struct ft_folio *folio = c->folio;
	const struct ft_reading *r = &folio->final;

	if (!c->last)
		return inconclusive(c, c->run->complete ?
					       "it was not read at the end of the run" :
					       "the capture was cut off before it was read "
					       "at the end");
	if (c->reused)
		return inconclusive(c, "its memory belongs to something else now; its end was not "
				       "seen");
	if (is_clean(c, c->last) && is_clean(c, c->before))
		return decide(c, FT_VERDICT_BALANCED, NULL);
	if (!r->at_rest)
		return inconclusive(c, "not at rest: the last two readings do not agree");
	return r->surplus < 0 ? judge_deficit(c) : judge_surplus(c);
}

int ft_analysis__judge(struct ft_analysis *c)
{
	if (c->folio->died)
		return judge_dead(c);
	if (!ft_kind__is_judged(c->folio->kind) && !c->reused)
		return decide(c, FT_VERDICT_NONE, NULL);
	return judge_living(c);
}

enum ft_severity ft_folio__severity(const struct ft_folio *folio)
{
	const struct ft_reading *r = &folio->final;

	if (folio->verdict != FT_VERDICT_LEAK && folio->verdict != FT_VERDICT_OVERPUT)
		return FT_SEVERITY_NONE;
	if (folio->free_while_mapped || folio->free_while_held)
		return FT_SEVERITY_FREED_MAPPED;
	if (folio->verdict == FT_VERDICT_OVERPUT)
		return FT_SEVERITY_OVERPUT;
	/* every term is somebody who can find it, and put it */
	return r->expected.total > 0 ? FT_SEVERITY_SURPLUS : FT_SEVERITY_UNREACHABLE;
}

/*
 * Causes of loss that say nothing about which folio they hit. Operations that do not add up are
 * none: a site that the kernel refuses to probe leaves its folios' sums off, but their counts
 * were read at rest, and it is those that are judged.
 */
static const char *untied_loss(const struct ft_run *run)
{
	const struct ft_loss *l = &run->loss;

	if (run->nr_malformed)
		return "records of the capture are malformed";
	if (l->ring + l->spool > l->gaps)
		return "records were lost that no folio misses by number";
	/* l->recursion are readings: a line less in a timeline, no folio less */
	if (l->missed > l->missed_probes + l->missed_refs)
		return "births or deaths of folios were missed";
	/* a missed operation shows in the sum of its folio, if that could be made */
	if (l->missed_probes && run->nr_unchecked)
		return "probe hits were missed, and not every folio's operations could be summed "
		       "up";
	if (l->missed_refs && run->nr_unchecked)
		return "operations were missed, and not every folio's could be summed up";
	if (l->tracked_full || l->tracked_busy)
		return "folios could not be tracked: the map was full or busy";
	if (l->tasks_full)
		return "processes of the command could not be followed";
	if (l->index_left)
		return "migrations with more entries than are looked at";
	if (l->child_left)
		return "children of a split could not be tracked";
	if (l->other)
		return "losses of a kind that this version does not know";
	return NULL;
}

/* What stands against a pass, bad folios aside. */
static int doubt(struct ft_run *run, struct ft_arena *arena)
{
	uint64_t unsure = run->count[FT_VERDICT_INCONCLUSIVE];

	run->doubt = run->complete ? untied_loss(run) : "the capture was cut off before its end";
	if (run->doubt || !unsure)
		return 0;
	run->doubt = ft_arena__printf(arena, "%" PRIu64 " folio%s could not be judged", unsure,
				      unsure == 1 ? "" : "s");
	return run->doubt ? 0 : -ENOMEM;
}

int ft_run__judge(struct ft_run *run, struct ft_arena *arena)
{
	int code = doubt(run, arena);

	if (run->count[FT_VERDICT_LEAK] || run->count[FT_VERDICT_OVERPUT]) {
		run->verdict = FT_RUN_FAIL;
	} else if (run->doubt) {
		run->verdict = FT_RUN_INCONCLUSIVE;
		run->reason = run->doubt;
	} else {
		run->verdict = FT_RUN_PASS;
	}
	return code;
}
