// SPDX-License-Identifier: GPL-2.0
/*
 * Verdicts. A folio is accused only on readings at rest, and only when nothing
 * that is known to hold a reference for a while can explain its surplus; what
 * is not sure is inconclusive, with the reason.
 */
#include "core/folio/baseline.h"
#include "core/folio/checkpoint.h"
#include "core/folio/reading.h"
#include "core/verdict/judge.h"

#define REASON(code_, ...) ((struct ft_reason){ .code = (code_), .n = { __VA_ARGS__ } })

static void decide(struct ft_analysis *c, enum ft_verdict verdict, struct ft_reason reason)
{
	c->folio->verdict = verdict;
	c->folio->reason = reason;
}

static void good(struct ft_analysis *c, enum ft_verdict verdict)
{
	decide(c, verdict, (struct ft_reason){ 0 });
}

static void inconclusive(struct ft_analysis *c, enum ft_reason_code code)
{
	decide(c, FT_VERDICT_INCONCLUSIVE, REASON(code, 0));
}

static void judge_dead(struct ft_analysis *c)
{
	size_t i = c->nr - 1;

	if (!c->folio->free_while_mapped && !c->folio->free_while_held)
		return good(c, FT_VERDICT_FREED);
	while (i && c->events[i].t_ns != c->folio->died_ns)
		i--;
	if (c->folio->free_while_mapped)
		decide(c, FT_VERDICT_OVERPUT,
		       REASON(FT_REASON_FREED_MAPPED, c->events[i].mapcount));
	else
		decide(c, FT_VERDICT_OVERPUT, REASON(FT_REASON_FREED_HELD, c->events[i].refcount));
}

/* Surplus that is not reported: 0 for folios allocated during the trace, the baseline
 * for adopted ones. */
static int64_t allowed(const struct ft_analysis *c)
{
	return c->baseline_known && c->folio->baseline > 0 ? c->folio->baseline : 0;
}

/*
 * Transient references only add to the expected ones. So two readings without a
 * surplus prove that there is none, even while other tasks map and unmap the
 * folio, as all of them do with libc's pages.
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

static void judge_deficit(struct ft_analysis *c)
{
	const struct ft_folio *folio = c->folio;
	const struct ft_reading *r = &folio->final;

	if ((r->flags & FT_PF_PRIVATE_2) && r->surplus == -1)
		good(c, FT_VERDICT_BALANCED);
	else if (r->flags & (FT_PF_LOCKED | FT_PF_WRITEBACK))
		inconclusive(c, FT_REASON_MAYBE_FROZEN);
	else if (!folio->born && c->baseline_known && r->surplus >= folio->baseline)
		good(c, FT_VERDICT_BALANCED);
	else if (r->refcount < r->mapcount)
		decide(c, FT_VERDICT_OVERPUT,
		       REASON(FT_REASON_BELOW_MAPCOUNT, r->refcount, r->mapcount));
	else if (!r->refcount)
		inconclusive(c, FT_REASON_REFCOUNT_ZERO);
	else if (!folio->born && !c->baseline_known)
		inconclusive(c, FT_REASON_ADOPTED_NO_READING);
	else
		decide(c, FT_VERDICT_OVERPUT,
		       REASON(FT_REASON_DEFICIT, r->refcount, r->expected.total));
}

/* Who may hold the folio for a while, by what its flags and the end of the run show. */
static enum ft_reason_code transient_holder(const struct ft_analysis *c)
{
	const struct ft_reading *r = &c->folio->final;

	if (r->flags & FT_PF_LOCKED)
		return FT_REASON_LOCKED;
	if (r->flags & FT_PF_WRITEBACK)
		return FT_REASON_WRITEBACK;
	if (c->folio->kind == FT_KIND_FILE && !c->run->flushed)
		return FT_REASON_JOURNAL_PENDING;
	if (!is_small(r) || !is_on_lru_by_kind(c->folio->kind))
		return FT_REASON_NONE;
	if (!c->run->drained)
		return FT_REASON_LRU_NOT_DRAINED;
	if (!(r->flags & (FT_PF_LRU | FT_PF_UNEVICTABLE | FT_PF_MLOCKED)) &&
	    r->surplus - allowed(c) == 1)
		return FT_REASON_NOT_ON_LRU;
	return FT_REASON_NONE;
}

/*
 * The surplus came during one device migration: the same task read the count
 * without it before and with it at the last checkpoint, and it stayed. Who else
 * had the folio before the run does not matter then.
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

/* Why what an adopted folio gained may be somebody else's; no reason if it is not. */
static struct ft_reason not_ours(const struct ft_analysis *c, int64_t grown)
{
	struct ft_surplus_origin g;
	struct ft_reason reason;

	if (!c->run->exact)
		return REASON(FT_REASON_ADOPTED_BOUNDARY_ONLY, grown);
	g = ft_analysis__surplus_origin(c, allowed(c));
	if (g.ours)
		return REASON(FT_REASON_NONE, 0);
	if (!g.exact)
		return REASON(FT_REASON_ADOPTED_OPERATIONS_MISSING, grown);
	reason = REASON(FT_REASON_ADOPTED_OTHER_TASK, grown);
	if (g.other) {
		reason.n[1] = g.other->pid;
		reason.comm = g.other->comm;
		reason.site = g.other->site;
	}
	return reason;
}

/* Why a surplus at rest may not be a leak; no reason if it is one. */
static struct ft_reason excuse(const struct ft_analysis *c, int64_t grown)
{
	const struct ft_folio *folio = c->folio;
	enum ft_reason_code holder = transient_holder(c);

	if (is_small(&folio->final) && grown >= FT_PIN_BIAS)
		return REASON(FT_REASON_PROBABLY_PINNED, grown / FT_PIN_BIAS, FT_PIN_BIAS);
	if (holder)
		return REASON(holder, 0);
	if (!c->run->complete)
		return REASON(FT_REASON_CUT_OFF_BEFORE_PUT, 0);
	if (c->run->tasks_left)
		return REASON(FT_REASON_TASKS_LEFT, grown, c->run->tasks_left);
	if (c->birth_lost)
		return REASON(FT_REASON_BIRTH_LOST, 0);
	if (folio->born)
		return REASON(FT_REASON_NONE, 0);
	if (!c->baseline_known)
		return REASON(FT_REASON_ADOPTED_NO_STABLE_READING, 0);
	return grew_in_migration(c) ? REASON(FT_REASON_NONE, 0) : not_ours(c, grown);
}

static void judge_surplus(struct ft_analysis *c)
{
	const struct ft_reading *r = &c->folio->final;
	int64_t grown = r->surplus - allowed(c);
	struct ft_reason reason;

	if ((r->flags & FT_PF_HWPOISON) && grown == 1)
		return good(c, FT_VERDICT_BALANCED); /* memory_failure() keeps one */
	reason = excuse(c, grown);
	if (reason.code)
		return decide(c, FT_VERDICT_INCONCLUSIVE, reason);
	decide(c, FT_VERDICT_LEAK,
	       REASON(FT_REASON_SURPLUS, r->refcount, r->expected.total + allowed(c), grown));
}

static void judge_living(struct ft_analysis *c)
{
	const struct ft_reading *r = &c->folio->final;

	if (!c->last)
		inconclusive(c,
			     c->run->complete ? FT_REASON_NOT_READ : FT_REASON_CUT_OFF_BEFORE_READ);
	else if (c->reused)
		inconclusive(c, FT_REASON_MEMORY_REUSED);
	else if (is_clean(c, c->last) && is_clean(c, c->before))
		good(c, FT_VERDICT_BALANCED);
	else if (!r->at_rest)
		inconclusive(c, FT_REASON_NOT_AT_REST);
	else if (r->surplus < 0)
		judge_deficit(c);
	else
		judge_surplus(c);
}

void ft_analysis__judge(struct ft_analysis *c)
{
	if (c->folio->died)
		judge_dead(c);
	else if (!ft_kind__is_judged(c->folio->kind) && !c->reused)
		good(c, FT_VERDICT_NONE);
	else
		judge_living(c);
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
	/* whoever an expected reference belongs to still finds the folio */
	return r->expected.total > 0 ? FT_SEVERITY_SURPLUS : FT_SEVERITY_UNREACHABLE;
}

/*
 * Losses that cannot be tied to a folio. Operations that do not add up are not among them: a
 * site that the kernel refuses to probe leaves its folios' sums off, but their counts were read
 * at rest, and those are judged.
 */
static enum ft_reason_code untied_loss(const struct ft_run *run)
{
	const struct ft_loss *l = &run->loss;

	if (run->nr_malformed)
		return FT_REASON_RECORDS_MALFORMED;
	if (l->ring + l->spool > l->gaps)
		return FT_REASON_RECORDS_LOST;
	/* l->recursion are lost readings: a timeline lacks a line, no folio is missed */
	if (l->missed > l->missed_probes + l->missed_refs)
		return FT_REASON_LIFETIMES_MISSED;
	/* a missed operation shows in the sum of its folio, if that could be made */
	if (l->missed_probes && run->nr_unchecked)
		return FT_REASON_PROBE_HITS_MISSED;
	if (l->missed_refs && run->nr_unchecked)
		return FT_REASON_OPERATIONS_MISSED;
	if (l->tracked_full || l->tracked_busy)
		return FT_REASON_FOLIOS_NOT_TRACKED;
	if (l->tasks_full)
		return FT_REASON_TASKS_NOT_FOLLOWED;
	if (l->index_left)
		return FT_REASON_MIGRATION_ENTRIES_LEFT;
	if (l->child_left)
		return FT_REASON_CHILDREN_NOT_TRACKED;
	return l->other ? FT_REASON_LOSS_UNKNOWN : FT_REASON_NONE;
}

/* Why the run could not pass if no folio were bad. */
static struct ft_reason doubt(const struct ft_run *run)
{
	int64_t unsure = (int64_t)run->count[FT_VERDICT_INCONCLUSIVE];
	enum ft_reason_code code = run->complete ? untied_loss(run) : FT_REASON_CAPTURE_CUT_OFF;

	if (!code && unsure)
		return REASON(FT_REASON_FOLIOS_INCONCLUSIVE, unsure);
	return REASON(code, 0);
}

void ft_run__judge(struct ft_run *run)
{
	run->doubt = doubt(run);
	if (run->count[FT_VERDICT_LEAK] || run->count[FT_VERDICT_OVERPUT]) {
		run->verdict = FT_RUN_FAIL;
	} else if (run->doubt.code) {
		run->verdict = FT_RUN_INCONCLUSIVE;
		run->reason = run->doubt;
	} else {
		run->verdict = FT_RUN_PASS;
	}
}
