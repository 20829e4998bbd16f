// SPDX-License-Identifier: GPL-2.0
/*
 * Whose is it? A surplus is lost if the owner of one of its units cannot exist any more;
 * if all of them may, the folio is inconclusive, and says who.
 */
#include "core/folio/file_system.h"
#include "core/folio/holders.h"
#include "core/folio/holdings.h"
#include "core/folio/owner.h"
#include "core/index/owners.h"
#include "core/verdict/judge.h"

#define STOOD_STILL_NS 500000000 /* a folio at rest that long is not being worked on */

/* What is found out of the units of one folio. */
struct weighed {
	size_t gone, possible, unnamed;
	size_t ended; /* of those gone: isolations that were ended, so that another is left */
	const struct ft_lost *lost; /* the first that is gone */
	struct ft_reason reason;    /* of the first that is possible */
};

static enum ft_owner_state state_at(const struct ft_run *run, enum ft_owner_class class,
				    const struct ft_event *e, const struct ft_site *site,
				    const struct ft_stack *stack, struct ft_reason *reason)
{
	struct ft_taken taken = { .get = e,
				  .class = class,
				  .place = site ? ft_holders__class(site, stack) : FT_OWNER_OTHER };
	enum ft_owner_state state = ft_run__owner_state(run, &taken, reason);

	if (reason->site && site)
		reason->site = site;
	return state;
}

/* Where the events cannot decide between several, each of them may be the one. */
static enum ft_owner_state state_of(const struct ft_run *run, const struct ft_lost *l,
				    struct ft_reason *reason)
{
	enum ft_owner_state state = state_at(run, l->class, l->event, l->site, l->stack, reason);
	size_t i;

	for (i = 0; l->confidence == FT_AMBIGUOUS && i < l->nr_candidates; i++) {
		const struct ft_candidate *c = &l->candidates[i];

		if (state != FT_OWNER_GONE || c->p * 3 < l->p)
			break;
		state = state_at(run, ft_holders__class(c->site, c->stack), c->event, c->site,
				 c->stack, reason);
	}
	return state;
}

static struct ft_reason tasks_left(const struct ft_run *run)
{
	if (!run->tasks_left)
		return (struct ft_reason){ .code = FT_REASON_MAY_HAVE_LIVING_HOLDER };
	return (struct ft_reason){ .code = FT_REASON_TASKS_LEFT, .n = { 0, run->tasks_left } };
}

/*
 * Of an isolation: its task put a reference that it had not taken in the same call, once the
 * folio was on an LRU list again.
 */
static bool isolation_ended(const struct ft_folio *folio, const struct ft_lost *l)
{
	const struct ft_event *call = l->event, *e;
	int64_t net = call->delta;

	if (l->class != FT_OWNER_ISOLATION)
		return false;
	for (e = call + 1; e < folio->events + folio->nr_events; e++) {
		if (!ft_event__is_operation(e) || e->pid != call->pid)
			continue;
		if (e->entry_seq != call->entry_seq)
			net = 0;
		call = e;
		net += e->delta;
		if (net < 0 && e->delta < 0 && (e->flags & FT_PF_LRU))
			return true;
	}
	return false;
}

/*
 * Whether as many were put as were taken in the call, or were put or found of what goes to
 * such an owner: then it is not those that are left.
 */
static bool others_put_all(const struct ft_run *run, const struct ft_folio *folio,
			   const struct ft_lost *l)
{
	int64_t in_call = 0, in_class = -ft_run__units_found(run, folio->id, l->class);
	size_t i;

	for (i = 0; i < folio->nr_events; i++) {
		const struct ft_event *e = &folio->events[i];

		if (!ft_event__is_operation(e))
			continue;
		if (e->pid == l->event->pid && e->entry_seq == l->event->entry_seq &&
		    e->context == l->event->context)
			in_call += e->delta;
		if (ft_run__class_is_searched(run, l->class) &&
		    ft_holders__class(e->site, ft_run__stack(run, e)) == l->class)
			in_class += e->delta;
	}
	return in_call <= 0 || (ft_run__class_is_searched(run, l->class) && in_class <= 0);
}

/* The reference of the allocation, which whoever allocated it has. */
static bool is_birth(const struct ft_lost *l)
{
	return l->event->op == FT_OP_BORN && l->reason.code == FT_REASON_BEFORE_FIRST_OPERATION;
}

static void weigh(const struct ft_run *run, struct ft_folio *folio, struct weighed *w)
{
	size_t i;

	for (i = 0; i < folio->nr_lost; i++) {
		struct ft_lost *l = &folio->lost[i];
		struct ft_reason reason = { 0 };

		if (l->put)
			continue;
		if (!l->event || !(ft_event__is_operation(l->event) || is_birth(l))) {
			w->unnamed++;
			continue;
		}
		l->state = state_of(run, l, &reason);
		if (l->state == FT_OWNER_GONE && ft_run__command_lives(run) &&
		    ft_event__is_commands(l->event) &&
		    (others_put_all(run, folio, l) || isolation_ended(folio, l))) {
			l->state = FT_OWNER_POSSIBLE;
			reason = tasks_left(run);
		}
		if (l->state == FT_OWNER_GONE && !w->gone++)
			w->lost = l;
		w->ended += l->state == FT_OWNER_GONE && isolation_ended(folio, l);
		if (l->state == FT_OWNER_POSSIBLE && !w->possible++)
			w->reason = reason;
	}
}

static int64_t units(const struct ft_folio *folio)
{
	return folio->ownerless.references + folio->ownerless.pins;
}

static void inconclusive(struct ft_folio *folio, struct ft_reason reason)
{
	reason.n[0] = units(folio);
	if (reason.code == FT_REASON_HELD_BY_OTHER_TASK && !folio->born)
		reason.code = FT_REASON_ADOPTED_OTHER_TASK;
	folio->verdict = FT_VERDICT_INCONCLUSIVE;
	folio->reason = reason;
	folio->ownerless = (struct ft_units){ 0 };
}

/* A task outside of the command that lives and took more than it put; else one that took. */
static const struct ft_event *other_holder(const struct ft_run *run, const struct ft_folio *folio,
					   bool any)
{
	const struct ft_event *get = NULL;
	int64_t net = 0;
	size_t i;

	for (i = 0; i < folio->nr_events; i++) {
		const struct ft_event *e = &folio->events[i];

		if (!ft_run__is_operation(run, e) || !ft_run__is_living_outsider(run, e))
			continue;
		net += e->delta;
		if (e->delta > 0)
			get = e;
	}
	return net > 0 || any ? get : NULL;
}

static struct ft_reason held_by_other(const struct ft_run *run, const struct ft_folio *folio,
				      bool any)
{
	const struct ft_event *other = other_holder(run, folio, any);

	if (!other)
		return (struct ft_reason){ 0 };
	return (struct ft_reason){ .code = FT_REASON_HELD_BY_OTHER_TASK,
				   .n = { 0, other->pid },
				   .site = other->site,
				   .comm = other->comm };
}

/*
 * No operation could be named: some were not seen. Then the surplus of a folio that was
 * there before may be anybody's, and that of one that was born can be another task's.
 */
static struct ft_reason unnamed(const struct ft_run *run, const struct ft_folio *folio)
{
	if (folio->final.flags & FT_PF_LOCKED)
		return (struct ft_reason){ .code = FT_REASON_LOCKED };
	if (!folio->born)
		return (struct ft_reason){ .code = FT_REASON_ADOPTED_OPERATIONS_MISSING };
	if (ft_run__command_lives(run))
		return tasks_left(run);
	return held_by_other(run, folio, false);
}

/* Whether the operation puts at once what another task than that of l took: DAMON looks at it. */
static bool ends_look(const struct ft_lost *l, const struct ft_event *put)
{
	const struct ft_event *get = put - 1;

	return ft_event__is_operation(put) && ft_event__is_operation(get) && put->delta < 0 &&
	       get->delta == -put->delta && get->pid == put->pid && put->pid != l->event->pid;
}

/* How long no operation has touched it, at its last reading, but those that only look. */
static int64_t stood_still(const struct ft_folio *folio, const struct ft_lost *l)
{
	const struct ft_event *first = folio->events, *e = first + folio->nr_events;

	while (e > first && (e[-1].op == FT_OP_SNAPSHOT || (e - 1 > first && ends_look(l, e - 1))))
		e -= e[-1].op == FT_OP_SNAPSHOT ? 1 : 2;
	return e > first ? (int64_t)(folio->final.t_ns - e[-1].t_ns) : 0;
}

/* The finding, by what is known of who lost it. */
static void lost(struct ft_folio *folio, const struct ft_lost *l)
{
	const struct ft_reading *r = &folio->final;
	int64_t expected = r->refcount - folio->ownerless.references;

	if (folio->reason.code != FT_REASON_SURPLUS)
		return;
	if (l->class == FT_OWNER_ISOLATION)
		folio->reason = (struct ft_reason){ .code = FT_REASON_ISOLATION_LOST,
						    .n = { r->refcount, expected } };
	else if (r->flags & FT_PF_LOCKED)
		folio->reason = (struct ft_reason){
			.code = FT_REASON_LOCKED_LOST,
			.n = { r->refcount, expected, stood_still(folio, l) / 1000000 },
		};
}

/*
 * Pins are left, and as many references of others were put: these are the pins', released
 * as plain references. Who had the folio before may have put some that are missing as well;
 * then it is the puts of the task that took the pin.
 */
static void find_plain_puts(struct ft_folio *folio)
{
	struct ft_lost *pin = NULL;
	size_t i, nr = 0;
	int64_t puts = 0, missing = -folio->ownerless.references;
	bool uncounted = !folio->born && missing <= 0;

	for (i = 0; i < folio->nr_lost && !pin; i++)
		if (!folio->lost[i].put && folio->lost[i].class == FT_OWNER_PIN)
			pin = &folio->lost[i];
	for (i = 0; pin && i < folio->nr_lost; i++) {
		const struct ft_lost *l = &folio->lost[i];
		bool plain = l->put && l->class != FT_OWNER_PIN;
		const struct ft_event *put = plain ? l->event : l->other;

		if (!put || (uncounted && put->pid != pin->event->pid) ||
		    puts >= (uncounted ? folio->ownerless.pins : missing))
			continue;
		pin->other = put;
		pin->other_site = plain ? l->site : l->other_site;
		puts++;
	}
	for (i = 0; i < folio->nr_lost; i++)
		if (!folio->lost[i].put &&
		    (&folio->lost[i] == pin || !pin || folio->lost[i].event != pin->event))
			folio->lost[nr++] = folio->lost[i];
	folio->nr_lost = nr;
	if (!puts)
		return;
	if (uncounted)
		folio->ownerless.references -= puts;
	folio->reason = (struct ft_reason){ .code = FT_REASON_PIN_PUT_AS_REFERENCE,
					    .n = { -folio->ownerless.references } };
}

/*
 * Whether others can have all that is lost, whatever the names say: the count is no higher
 * than before, but for what they took since, and outsiders put what they had or what the
 * command handed to them; living outsiders took as many as are lost; as many went into pipes
 * and the like.
 */
static struct ft_reason whose_else(const struct ft_run *run, const struct ft_folio *folio,
				   const struct weighed *w)
{
	const struct ft_analysis c = { .run = run,
				       .folio = (struct ft_folio *)folio,
				       .events = folio->events,
				       .nr = folio->nr_events };
	struct ft_holdings h = ft_analysis__holdings(&c);
	int64_t all = (int64_t)(w->gone + w->possible), pins = folio->ownerless.pins;

	if (!folio->born && folio->first.valid &&
	    folio->final.surplus - h.found - h.outsiders - h.passing <= folio->first.surplus &&
	    h.handed_over + h.either >= (int64_t)w->gone)
		return (struct ft_reason){ .code = FT_REASON_ADOPTED_OTHERS_PUT,
					   .n = { 0, h.handed_over + h.either } };
	if (pins && !(folio->final.flags & FT_PF_LARGE))
		return h.outsiders_pins >= pins ? held_by_other(run, folio, true) :
						  (struct ft_reason){ 0 };
	/* what the command took may be a living task's of it, but not if that is what is lost */
	if (ft_run__command_lives(run) && h.command + h.passing + h.outsiders >= all &&
	    !w->lost->event->followed)
		return tasks_left(run);
	if (h.outsiders + h.passing < all)
		return (struct ft_reason){ 0 };
	return h.outsiders ? held_by_other(run, folio, true) :
			     (struct ft_reason){ .code = FT_REASON_MAY_HAVE_LIVING_HOLDER,
						 .n = { 0, h.passing_class } };
}

static void weigh_surplus(const struct ft_run *run, struct ft_folio *folio)
{
	bool exact = folio->conservation.state == FT_CONSERVATION_HOLDS ||
		     folio->conservation.state == FT_CONSERVATION_PROVEN;
	struct weighed w = { 0 };
	struct ft_reason reason = { 0 };

	if (folio->ownerless.pins > 0)
		find_plain_puts(folio);
	weigh(run, folio, &w);
	/* more are named than are lost: then it can be those that have an owner */
	if (w.gone && w.possible && (int64_t)w.possible >= units(folio))
		reason = w.reason;
	else if (w.gone)
		reason = whose_else(run, folio, &w);
	if (!reason.code && w.gone && w.gone == w.ended)
		reason = w.possible ? w.reason : unnamed(run, folio);
	if (reason.code) {
		inconclusive(folio, reason);
	} else if (w.gone && (folio->born || exact)) {
		if ((folio->final.flags & FT_PF_LOCKED) &&
		    stood_still(folio, w.lost) < STOOD_STILL_NS)
			inconclusive(folio, (struct ft_reason){ .code = FT_REASON_LOCKED });
		else
			lost(folio, w.lost);
	} else if (w.possible && !w.gone) {
		inconclusive(folio, w.reason);
	} else if (!folio->nr_lost || w.unnamed || w.gone) {
		reason = unnamed(run, folio);
		if (reason.code)
			inconclusive(folio, reason);
	}
}

static void leave_open(struct ft_folio *folio, enum ft_reason_code code, int64_t references)
{
	folio->verdict = FT_VERDICT_INCONCLUSIVE;
	folio->reason = (struct ft_reason){ .code = code, .n = { references } };
}

/* Each put what it had taken, but for these. */
static void weigh_balance(const struct ft_run *run, struct ft_folio *folio)
{
	bool unknown = ft_run__is_file_system_unknown(run, folio->events);
	int64_t before = 0, others = 0, pins = 0, unclear = 0, file_systems = 0, handed = 0;
	size_t i;

	for (i = 0; i < folio->nr_lost; i++) {
		const struct ft_lost *l = &folio->lost[i];

		unclear += l->put && l->state == FT_OWNER_POSSIBLE;
		handed += l->put && l->state == FT_OWNER_POSSIBLE &&
			  ft_event__is_commands(l->event);
		if (!l->put || l->state != FT_OWNER_GONE)
			continue;
		if (unknown && l->class != FT_OWNER_PIN) { /* no file system pins */
			file_systems++;
			continue;
		}
		pins += l->class == FT_OWNER_PIN;
		before += !l->other;
		others += !!l->other;
	}
	if (before + others) {
		folio->verdict = FT_VERDICT_OVERPUT;
		folio->ownerless.pins = -pins;
		folio->ownerless.references = -(before + others - pins);
		folio->reason = (struct ft_reason){ .code = FT_REASON_ROBBED,
						    .n = { before + others, before, others } };
	} else if (file_systems) {
		leave_open(folio, FT_REASON_FILE_SYSTEM_MAY_PUT, file_systems);
	} else if (handed) {
		leave_open(folio, FT_REASON_MAY_BE_HANDED_OVER, handed);
	} else if (folio->died) {
		folio->nr_lost = 0; /* what others pass to each other until then is in order */
	} else if (unclear) {
		leave_open(folio, FT_REASON_BEFORE_WENT, unclear);
	}
}

void ft_run__weigh_owners(struct ft_run *run)
{
	size_t i;

	for (i = 0; i < run->nr_folios; i++) {
		struct ft_folio *folio = run->folios[i];

		run->count[folio->verdict]--;
		if (folio->question == FT_QUESTION_WHOSE && folio->verdict == FT_VERDICT_LEAK)
			weigh_surplus(run, folio);
		else if (folio->question == FT_QUESTION_BALANCE)
			weigh_balance(run, folio);
		run->count[folio->verdict]++;
	}
}
