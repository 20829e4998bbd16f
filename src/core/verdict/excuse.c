// SPDX-License-Identifier: GPL-2.0
#include "core/folio/checkpoint.h"
#include "core/folio/file_system.h"
#include "core/folio/holders.h"
#include "core/folio/owner.h"
#include "core/folio/reading.h"
#include "core/verdict/excuse.h"

#define REASON(code_, ...) ((struct ft_reason){ .code = (code_), .n = { __VA_ARGS__ } })

static bool is_on_lru_by_kind(enum ft_kind kind)
{
	return kind == FT_KIND_ANON || kind == FT_KIND_KSM || kind == FT_KIND_FILE ||
	       kind == FT_KIND_SHMEM;
}

/*
 * Who may hold the folio for a while, by what its flags and the end of the run show. A
 * drain empties the batches, and with an exact source the get says who locked or isolated
 * it: then that is asked instead.
 */
static enum ft_reason_code transient_holder(const struct ft_analysis *c, int64_t references)
{
	const struct ft_reading *r = &c->folio->final;

	if ((r->flags & FT_PF_LOCKED) && !c->run->exact)
		return FT_REASON_LOCKED;
	if (r->flags & FT_PF_WRITEBACK)
		return FT_REASON_WRITEBACK;
	if (c->folio->kind == FT_KIND_FILE && !c->run->flushed)
		return FT_REASON_JOURNAL_PENDING;
	if ((r->flags & FT_PF_LARGE) || !is_on_lru_by_kind(c->folio->kind))
		return FT_REASON_NONE;
	if (!c->run->drained)
		return FT_REASON_LRU_NOT_DRAINED;
	if (!c->run->exact && references == 1 && !ft_analysis__is_isolated(c) &&
	    !(r->flags & (FT_PF_LRU | FT_PF_UNEVICTABLE | FT_PF_MLOCKED)))
		return FT_REASON_NOT_ON_LRU;
	return FT_REASON_NONE;
}

struct ft_reason ft_analysis__excuse(const struct ft_analysis *c, const struct ft_left *left)
{
	enum ft_reason_code holder = transient_holder(c, left->units.references);

	if (holder)
		return REASON(holder, 0);
	if (!c->run->complete)
		return REASON(FT_REASON_CUT_OFF_BEFORE_PUT, 0);
	if (c->birth_lost)
		return REASON(FT_REASON_BIRTH_LOST, 0);
	if (!c->folio->born && !c->baseline_known)
		return REASON(FT_REASON_ADOPTED_NO_STABLE_READING, 0);
	if (left->units.references > 0 && c->folio->kind == FT_KIND_FILE &&
	    ft_run__is_file_system_unknown(c->run, c->events))
		return REASON(FT_REASON_FILE_SYSTEM_UNKNOWN, left->units.references);
	return REASON(FT_REASON_NONE, 0);
}

/*
 * The surplus came during one device migration: the same task read the count without it
 * before and with it at the last checkpoint, and it stayed. Who else had the folio before
 * the run does not matter then.
 */
static bool grew_in_migration(const struct ft_analysis *c)
{
	int64_t allowed = ft_analysis__allowed(c);
	uint32_t clean_pid = 0;
	bool grown = false;
	size_t i;

	for (i = 0; i < c->nr; i++) {
		const struct ft_event *e = &c->events[i];

		if (!ft_event__is_reading(e))
			continue;
		if (ft_analysis__own_surplus(c, e) <= allowed) {
			clean_pid = e->pid;
			grown = false;
		} else if (e->op == FT_OP_CHECKPOINT && clean_pid == e->pid) {
			grown = true;
		}
	}
	return grown;
}

/* The function cleared PG_lru, and nothing has set it again. */
bool ft_analysis__is_isolated(const struct ft_analysis *c)
{
	const struct ft_event *by = NULL;
	size_t i;

	for (i = 1; i < c->nr; i++) {
		const struct ft_event *e = &c->events[i], *before = e - 1;
		const char *callers[FT_PLACE_CALLERS] = { NULL };

		if (e->flags & FT_PF_LRU)
			by = NULL;
		else if (e->op == FT_OP_RETURN && before->op == FT_OP_ENTER &&
			 before->site == e->site && before->pid == e->pid &&
			 (before->flags & FT_PF_LRU) &&
			 ft_holders__role_of(e->site, callers) == FT_PLACE_ISOLATES)
			by = e;
	}
	return by && by->followed && !ft_run__command_lives(c->run);
}

struct ft_reason ft_analysis__excuse_unseen(const struct ft_analysis *c, const struct ft_left *left)
{
	const struct ft_run *run = c->run;
	int64_t units = left->units.references + left->units.pins;

	if (grew_in_migration(c))
		return REASON(FT_REASON_NONE, 0);
	if (run->tasks_left)
		return REASON(FT_REASON_TASKS_LEFT, units, run->tasks_left);
	if (run->follows_all)
		return REASON(FT_REASON_MAY_HAVE_LIVING_HOLDER, units, FT_OWNER_OTHER);
	if (!c->folio->born)
		return REASON(FT_REASON_ADOPTED_BOUNDARY_ONLY, units);
	if (!run->search.known || ft_analysis__is_isolated(c))
		return REASON(FT_REASON_NONE, 0);
	if (!left->units.references && ft_run__class_is_searched(run, FT_OWNER_IO_URING))
		return REASON(FT_REASON_NONE, 0);
	return REASON(FT_REASON_BOUNDARY_CANNOT_TELL, units);
}
