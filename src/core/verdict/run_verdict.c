// SPDX-License-Identifier: GPL-2.0
/* The verdict of a run: by its folios, and by what was lost. */
#include "core/verdict/judge.h"
#include "model.h"

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
		return (struct ft_reason){ .code = FT_REASON_FOLIOS_INCONCLUSIVE, .n = { unsure } };
	return (struct ft_reason){ .code = code };
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
