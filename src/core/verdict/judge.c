// SPDX-License-Identifier: GPL-2.0
/*
 * Verdicts of folios. A pass is a proof: each unit of the three counts has an owner that
 * can still exist. A folio is accused only on readings at rest, and only of units whose
 * owner cannot exist any more; what is not sure is inconclusive, with the reason. With an
 * exact source whose the units are is decided afterwards (weigh.c), by the operations
 * that are named.
 */
#include "core/folio/baseline.h"
#include "core/folio/file_system.h"
#include "core/folio/reading.h"
#include "core/ledger/ledger.h"
#include "core/verdict/excuse.h"
#include "core/verdict/judge.h"
#include "core/verdict/left.h"

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

/* Who had it: at refcount 0 a pin, or the swap cache. */
static struct ft_reason freed_held(const struct ft_event *death)
{
	if (death->refcount > 0)
		return REASON(FT_REASON_FREED_HELD, death->refcount);
	if ((death->flags & FT_PF_LARGE) && death->pincount > 0)
		return REASON(FT_REASON_FREED_PINNED, death->pincount);
	return REASON(FT_REASON_FREED_IN_SWAP_CACHE, 0);
}

/* Whose each reference was, only operations show, and only if none is missing. */
static bool can_ask(const struct ft_analysis *c)
{
	return c->run->exact && !c->folio->lost_events &&
	       c->folio->conservation.state == FT_CONSERVATION_HOLDS;
}

/*
 * Whether its end was seen, and shows that no reference was left. A driver's device page goes
 * back to the driver with whatever that has.
 */
static bool ended_in_order(const struct ft_folio *folio)
{
	return folio->how == FT_DIED_FREED || folio->how == FT_DIED_HUGETLB ||
	       folio->how == FT_DIED_SPLIT;
}

static void judge_dead(struct ft_analysis *c)
{
	const struct ft_event *death;
	size_t i = c->nr - 1;

	while (i && c->events[i].t_ns != c->folio->died_ns)
		i--;
	death = &c->events[i];
	if (death->op == FT_OP_DIED && ft_mapcount__is_below_zero(death->mapcount, death->flags)) {
		c->folio->ownerless.mappings = death->mapcount;
		decide(c, FT_VERDICT_OVERPUT,
		       REASON(FT_REASON_NEGATIVE_COUNT, death->refcount, death->mapcount));
	} else if (c->folio->free_while_mapped) {
		decide(c, FT_VERDICT_OVERPUT, REASON(FT_REASON_FREED_MAPPED, death->mapcount));
	} else if (c->folio->free_while_held) {
		decide(c, FT_VERDICT_OVERPUT, freed_held(death));
	} else {
		good(c, FT_VERDICT_FREED);
		if (ended_in_order(c->folio) && can_ask(c) && ft_analysis__is_held_by_outsider(c))
			c->folio->question = FT_QUESTION_BALANCE;
	}
}

/*
 * Transient references only add to the expected ones. So two readings in a row without a
 * surplus prove that there is none, even while other tasks map and unmap the folio, as all
 * of them do with libc's pages.
 */
static bool is_clean(const struct ft_analysis *c, const struct ft_event *e)
{
	int64_t surplus;

	if (!e || !ft_event__is_reading(e))
		return false;
	surplus = ft_analysis__surplus(c, e);
	return surplus >= 0 && surplus <= ft_analysis__allowed(c);
}

static bool is_proved_clean(const struct ft_analysis *c)
{
	const struct ft_event *before = NULL;
	size_t i;

	for (i = 0; i < c->nr; i++) {
		const struct ft_event *e = &c->events[i];

		if (e->op != FT_OP_SNAPSHOT)
			continue;
		if (before && before->value != e->value && is_clean(c, before) && is_clean(c, e))
			return true;
		before = e;
	}
	return false;
}

/* No count is ever below 0, whoever works on the folio. */
static bool is_negative(const struct ft_reading *r)
{
	return r->refcount < 0 || (r->mapcount != FT_UNKNOWN && r->mapcount < 0) ||
	       ((r->flags & FT_PF_LARGE) && r->pincount != FT_UNKNOWN && r->pincount < 0);
}

static void judge_negative(struct ft_analysis *c)
{
	const struct ft_reading *r = &c->folio->final;

	c->folio->ownerless = (struct ft_units){
		.references = r->surplus < 0  ? r->surplus :
			      r->refcount < 0 ? r->refcount :
						0,
		.pins = (r->flags & FT_PF_LARGE) && r->pincount < 0 ? r->pincount : 0,
		.mappings = r->mapcount < 0 && r->mapcount != FT_UNKNOWN ? r->mapcount : 0,
	};
	decide(c, FT_VERDICT_OVERPUT,
	       REASON(FT_REASON_NEGATIVE_COUNT, r->refcount, r->mapcount,
		      r->flags & FT_PF_LARGE ? r->pincount : 0));
}

static void judge_deficit(struct ft_analysis *c)
{
	struct ft_folio *folio = c->folio;
	const struct ft_reading *r = &folio->final;

	if ((r->flags & FT_PF_PRIVATE_2) && r->surplus == -1)
		return good(c, FT_VERDICT_BALANCED);
	if (r->flags & (FT_PF_LOCKED | FT_PF_WRITEBACK))
		return inconclusive(c, FT_REASON_MAYBE_FROZEN);
	if (!folio->born && c->baseline_known && r->surplus >= folio->baseline)
		return good(c, FT_VERDICT_BALANCED);
	if (r->refcount >= r->mapcount && !r->refcount)
		return inconclusive(c, FT_REASON_REFCOUNT_ZERO);
	if (r->refcount >= r->mapcount && !folio->born && !c->baseline_known)
		return inconclusive(c, FT_REASON_ADOPTED_NO_READING);
	folio->ownerless.references = r->surplus;
	if (r->refcount < r->mapcount)
		decide(c, FT_VERDICT_OVERPUT,
		       REASON(FT_REASON_BELOW_MAPCOUNT, r->refcount, r->mapcount));
	else
		decide(c, FT_VERDICT_OVERPUT,
		       REASON(FT_REASON_DEFICIT, r->refcount, r->expected.total));
}

static struct ft_reason reason_of(const struct ft_analysis *c, const struct ft_left *left)
{
	const struct ft_reading *r = &c->folio->final;
	const struct ft_units *u = &left->units;
	int64_t owned = r->refcount - u->references;

	if (u->mappings)
		return REASON(FT_REASON_MAPPINGS_LOST, u->mappings, c->run->search.processes);
	if (u->pins && u->references < 0)
		return REASON(FT_REASON_PIN_PUT_AS_REFERENCE, -u->references);
	if (u->pins)
		return REASON(FT_REASON_PINS_LOST, u->pins, u->references);
	if (ft_analysis__is_isolated(c))
		return REASON(FT_REASON_ISOLATION_LOST, r->refcount, owned);
	return REASON(FT_REASON_SURPLUS, r->refcount, owned, u->references);
}

static void judge_left(struct ft_analysis *c, const struct ft_left *left)
{
	const struct ft_reading *r = &c->folio->final;
	const struct ft_units *u = &left->units;
	struct ft_reason reason;

	if ((r->flags & FT_PF_HWPOISON) && u->references == 1 && !u->pins && !u->mappings)
		return good(c, FT_VERDICT_BALANCED); /* memory_failure() keeps one */
	reason = ft_analysis__excuse(c, left);
	if (!reason.code && !c->run->exact && !u->mappings)
		reason = ft_analysis__excuse_unseen(c, left);
	if (reason.code)
		return decide(c, FT_VERDICT_INCONCLUSIVE, reason);
	c->folio->ownerless = *u;
	if (c->run->exact && !u->mappings)
		c->folio->question = FT_QUESTION_WHOSE;
	decide(c, FT_VERDICT_LEAK, reason_of(c, left));
}

/*
 * Counts in order, of a folio that others have a part in: one of them may have lost its
 * reference to a put of the command, which only the operations show.
 */
static void ask_balance(struct ft_analysis *c)
{
	const struct ft_folio *folio = c->folio;
	const struct ft_reading *r = &folio->final;
	int64_t unpinned = c->pins_before - r->pincount;

	if (!c->run->exact && !folio->born && (r->flags & FT_PF_LARGE) && unpinned > 0)
		return decide(c, FT_VERDICT_INCONCLUSIVE,
			      REASON(FT_REASON_BEFORE_WENT, 0, unpinned));
	if (can_ask(c) && ft_analysis__is_shared(c))
		c->folio->question = FT_QUESTION_BALANCE;
}

static void judge_rest(struct ft_analysis *c)
{
	const struct ft_reading *r = &c->folio->final;
	struct ft_left left = ft_analysis__left(c);
	const struct ft_units *u = &left.units;

	if (!r->at_rest)
		return inconclusive(c, FT_REASON_NOT_AT_REST);
	if (u->mappings)
		return judge_left(c, &left);
	if (r->surplus < 0 && !u->pins)
		return judge_deficit(c);
	if (u->references > 0 || u->pins)
		return judge_left(c, &left);
	if (left.mappings_unsearched)
		return decide(c, FT_VERDICT_INCONCLUSIVE,
			      REASON(FT_REASON_MAPPINGS_NOT_SEARCHED, left.mappings_open));
	good(c, FT_VERDICT_BALANCED);
}

static void judge_living(struct ft_analysis *c)
{
	const struct ft_reading *r = &c->folio->final;
	struct ft_left left = ft_analysis__left(c);
	const struct ft_units *u = &left.units;

	if (!c->last)
		return inconclusive(c, c->run->complete ? FT_REASON_NOT_READ :
							  FT_REASON_CUT_OFF_BEFORE_READ);
	if (c->reused)
		return inconclusive(c, FT_REASON_MEMORY_REUSED);
	if (r->at_rest && is_negative(r))
		return judge_negative(c);
	/* pins and mappings are counted apart, so that a reading says nothing of them */
	if (is_proved_clean(c) && !u->pins && !u->mappings && !left.mappings_unsearched)
		good(c, FT_VERDICT_BALANCED);
	else
		judge_rest(c);
	if (c->folio->verdict == FT_VERDICT_BALANCED)
		ask_balance(c);
}

/*
 * A page of the kernel or of a driver: no function of the kernel tells what its count
 * should be. But if it was allocated while tracing, then besides its allocation nothing
 * may be left when nothing maps it.
 */
static void judge_kernel_page(struct ft_analysis *c)
{
	struct ft_folio *folio = c->folio;
	const struct ft_reading *r = &folio->final;
	struct ft_left left = ft_analysis__left(c);
	bool allocated = folio->born && !folio->parent_id && c->run->search.known;

	good(c, FT_VERDICT_NONE);
	if (!c->last || c->reused || !r->at_rest || folio->kind != FT_KIND_UNKNOWN ||
	    (r->flags & (FT_PF_RESERVED | FT_PF_TYPED)))
		return;
	if (allocated || left.units.mappings)
		left.units.references -= allocated && left.units.references > 0;
	else
		left.units = (struct ft_units){ 0 };
	if (left.units.mappings || (allocated && left.units.references > 0))
		return judge_left(c, &left);
	if (!allocated || r->refcount <= 0 || r->mapcount)
		return;
	decide(c, FT_VERDICT_BALANCED, REASON(FT_REASON_STILL_ALLOCATED, 1LL << folio->order));
	folio->reason.site = c->events[0].site;
}

/*
 * The huge zero folio: its users are counted elsewhere (huge_zero_refcount), so that the
 * command must have put just what it took.
 */
static void judge_zero(struct ft_analysis *c)
{
	struct ft_folio *folio = c->folio;
	int64_t net = ft_analysis__taken_by_command(c);

	good(c, FT_VERDICT_NONE);
	if (!c->last || folio->lost_events || !ft_analysis__saw_before(c) ||
	    folio->conservation.state != FT_CONSERVATION_HOLDS || !net)
		return;
	if (net < 0) { /* which put, the operations tell */
		folio->question = FT_QUESTION_BALANCE;
		return good(c, FT_VERDICT_BALANCED);
	}
	folio->ownerless.references = net;
	folio->question = FT_QUESTION_WHOSE;
	decide(c, FT_VERDICT_LEAK,
	       REASON(FT_REASON_SURPLUS, folio->final.refcount, folio->final.refcount - net, net));
}

/* The first operation was a get, and there was no reference before it. */
static const struct ft_event *get_on_freed(const struct ft_analysis *c)
{
	const struct ft_event *e = c->nr > 1 ? &c->events[1] : NULL;

	if (!e || c->events[0].op != FT_OP_ADOPTED || c->events[0].refcount ||
	    (c->events[0].flags & FT_PF_ZONE_DEVICE))
		return NULL;
	/* page_handle_poison() keeps a page out of the allocator by a reference */
	if ((e->flags | c->events[c->nr - 1].flags) & FT_PF_HWPOISON)
		return NULL;
	return (e->op == FT_OP_GET || e->op == FT_OP_ADD) && e->delta == e->refcount ? e : NULL;
}

void ft_analysis__judge(struct ft_analysis *c)
{
	const struct ft_event *freed = get_on_freed(c);

	if (freed) {
		decide(c, FT_VERDICT_OVERPUT, REASON(FT_REASON_GET_ON_FREED, 0));
		c->folio->reason.site = freed->site;
	} else if (c->folio->died) {
		judge_dead(c);
	} else if (c->folio->kind == FT_KIND_ZERO) {
		judge_zero(c);
	} else if (!ft_kind__is_judged(c->folio->kind) && !c->reused) {
		judge_kernel_page(c);
	} else {
		judge_living(c);
	}
}

enum ft_severity ft_folio__severity(const struct ft_folio *folio)
{
	const struct ft_reading *r = &folio->final;

	if (folio->verdict != FT_VERDICT_LEAK && folio->verdict != FT_VERDICT_OVERPUT)
		return FT_SEVERITY_NONE;
	if (folio->free_while_mapped || folio->free_while_held ||
	    (folio->died && folio->ownerless.mappings) ||
	    folio->reason.code == FT_REASON_GET_ON_FREED)
		return FT_SEVERITY_FREED_MAPPED;
	if (folio->verdict == FT_VERDICT_OVERPUT)
		return FT_SEVERITY_OVERPUT;
	/* whoever an expected reference belongs to still finds the folio */
	return r->expected.total > folio->ownerless.mappings ? FT_SEVERITY_SURPLUS :
							       FT_SEVERITY_UNREACHABLE;
}
