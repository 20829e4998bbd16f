// SPDX-License-Identifier: GPL-2.0
/* A folio with its events, checkpoints, counts and findings. */
#include "render/json/folio.h"

#include "render/json/member.h"
#include "render/json/owners.h"
#include "render/json/value.h"
#include "render/names.h"
#include "render/owners.h"
#include "render/pairs.h"
#include "render/reason.h"

static json_t *stack_array(const struct ft_run *run, const struct ft_event *e,
			   const struct ft_line_finder *lines)
{
	return json_value__stack(e ? ft_run__stack(run, e) : NULL, lines);
}

/* The meaning of value and aux depends on op: each has a member of its own. */
static void set_meaning(json_t *o, const struct ft_event *e)
{
	switch (e->op) {
	case FT_OP_ENTER:
		if (ft_event__mm_owner(e))
			member__int(o, "mm_owner", ft_event__mm_owner(e));
		break;
	case FT_OP_RETURN:
		if (e->site->returns)
			member__int(o, "returned", ft_value__returned(e->value));
		break;
	case FT_OP_BORN:
		if (e->value)
			member__set(o, "parent", json_value__name((uint32_t)e->value));
		break;
	case FT_OP_MIGRATE:
		member__set(o, "to", json_value__name((uint32_t)e->value));
		break;
	case FT_OP_SPLIT:
		member__int(o, "children", e->value);
		break;
	case FT_OP_SNAPSHOT:
		member__int(o, "round", e->value);
		member__int(o, "account_sum", FT_SNAPSHOT_SUM(e->aux));
		member__int(o, "account_lost", FT_SNAPSHOT_LOST(e->aux));
		break;
	default:
		break;
	}
}

static json_t *event_object(const struct ft_run *run, const struct ft_event *e,
			    const struct ft_json_options *opts)
{
	json_t *o = json_object();

	member__int(o, "t_ns", e->t_ns);
	member__int(o, "seq", e->seq);
	member__set(o, "op", json_string(ft_op__name(e)));
	set_meaning(o, e);
	member__int(o, "delta", e->delta);
	member__count(o, "refcount", e->refcount);
	member__count(o, "mapcount", e->mapcount);
	member__count(o, "entire_mapcount", e->entire_mapcount);
	member__count(o, "pincount", e->pincount);
	member__int(o, "order", e->order);
	member__set(o, "flags", json_value__flags(e->flags));
	member__int(o, "pid", e->pid);
	member__int(o, "tgid", e->tgid);
	member__set(o, "comm", json_value__text(e->comm));
	member__int(o, "cpu", e->cpu);
	member__set(o, "context", json_string(name__context(e->context)));
	member__set(o, "source", json_string(name__source(e->source)));
	member__set(o, "site", json_value__site(e->site, opts->lines));
	if (ft_event__is_operation(e)) {
		member__set(o, "stack", stack_array(run, e, opts->lines));
		member__int(o, "invocation", e->entry_seq);
	}
	if (opts->addresses)
		member__address(o, "mapping", e->mapping);
	return o;
}

static json_t *checkpoint_object(const struct ft_checkpoint *c)
{
	json_t *o = json_object();

	member__set(o, "at", json_string(ft_checkpoint__name(c->at)));
	member__set(o, "in", json_value__text(c->in ? c->in->function : NULL));
	member__set(o, "role", json_string(c->dst ? "dst" : "src"));
	member__int(o, "index", c->index);
	member__int(o, "migrate", c->migrate);
	member__set(o, "src_is_dst", json_boolean(c->src_is_dst));
	member__set(o, "compound", json_boolean(c->compound));
	member__int(o, "t_ns", c->t_ns);
	member__int(o, "pid", c->pid);
	member__set(o, "comm", json_value__text(c->comm));
	member__int(o, "order", c->order);
	member__count(o, "refcount", c->refcount);
	member__count(o, "mapcount", c->mapcount);
	member__int(o, "expected", c->expected.total);
	member__int(o, "surplus", c->surplus);
	member__set(o, "terms", json_value__terms(&c->expected));
	return o;
}

static json_t *final_object(const struct ft_run *run, const struct ft_folio *folio)
{
	const struct ft_reading *r = &folio->final;
	json_t *o;

	if (!r->valid)
		return json_null();
	o = json_object();
	member__count(o, "refcount", r->refcount);
	member__count(o, "mapcount", r->mapcount);
	member__int(o, "expected", r->expected.total);
	member__int(o, "surplus", r->surplus);
	member__set(o, "terms", json_value__terms(&r->expected));
	member__set(o, "at_rest", json_boolean(r->at_rest));
	member__int(o, "t_ns", r->t_ns);
	member__count(o, "entire_mapcount", r->entire_mapcount);
	member__count(o, "pincount", r->pincount);
	member__set(o, "flags", json_value__flags(r->flags));
	member__set(o, "owners", json_owners__array(run, folio));
	member__set(o, "ownerless", json_owners__units(&folio->ownerless));
	return o;
}

static json_t *candidates_array(const struct ft_run *run, const struct ft_lost *l,
				const struct ft_line_finder *lines)
{
	json_t *a = json_array(), *o;
	size_t i;

	for (i = 0; i < l->nr_candidates; i++) {
		const struct ft_candidate *c = &l->candidates[i];

		o = json_object();
		member__set(o, "site", json_value__site(c->site, lines));
		member__set(o, "stack", stack_array(run, c->event, lines));
		member__int(o, "t_ns", c->event->t_ns);
		member__set(o, "p", json_real(c->p));
		member__int(o, "alike", c->alike);
		json_array_append_new(a, o);
	}
	return a;
}

/* The put that answers such a get on balanced folios of the same run. */
static json_t *answered_object(const struct ft_lost *l, const struct ft_line_finder *lines)
{
	json_t *o;

	if (!l->answered_by)
		return json_null();
	o = json_object();
	member__set(o, "site", json_value__site(l->answered_by, lines));
	if (l->answered_in)
		member__set(o, "inside", json_value__site(l->answered_in, lines));
	member__int(o, "count", l->answered);
	return o;
}

/* What calls of the function around it mostly do, and this one did not. */
static json_t *calls_object(const struct ft_lost_calls *c)
{
	json_t *o = json_object();

	member__set(o, "function", json_value__text(c->function));
	member__int(o, "of", c->calls);
	member__int(o, "balanced", c->balanced);
	member__set(o, "took", c->each ? json_integer(c->each) : json_null());
	member__set(o, "put", c->each ? json_integer(c->each) : json_null());
	member__int(o, "this_took", c->took);
	member__int(o, "this_put", c->put);
	return o;
}

/* For this the events must be exact: of the source page_ref or inline. */
static void set_attribution(json_t *o, const struct ft_run *run, const struct ft_lost *l,
			    const struct ft_line_finder *lines)
{
	struct reason_text after;

	member__set(o, "answered_elsewhere_by", answered_object(l, lines));
	member__set(o, "candidates", candidates_array(run, l, lines));
	if (l->answer.code)
		member__set(o, "answer", json_value__sentence(reason__answer(l).s));
	if (l->calls.function)
		member__set(o, "calls", calls_object(&l->calls));
	after = reason__after(l);
	if (*after.s)
		member__set(o, "after", json_value__sentence(after.s));
}

/* The plain put of a pin, or whose get a put took the reference of. */
static json_t *other_object(const struct ft_lost *l, const struct ft_line_finder *lines)
{
	json_t *o;

	if (!l->other)
		return json_null();
	o = json_object();
	member__set(o, "site",
		    json_value__site(l->other_site ? l->other_site : l->other->site, lines));
	member__int(o, "seq", l->other->seq);
	member__int(o, "t_ns", l->other->t_ns);
	member__int(o, "pid", l->other->pid);
	member__set(o, "comm", json_value__text(l->other->comm));
	return o;
}

/* Without an event the place is not known. */
static json_t *lost_object(const struct ft_run *run, const struct ft_folio *folio,
			   const struct ft_lost *l, const struct ft_line_finder *lines)
{
	json_t *o = json_object();

	member__set(o, "op", json_string(l->put ? "put" : "get"));
	member__set(o, "class", json_string(ft_owner_class__name(l->class)));
	member__set(o, "state", json_string(ft_owner_state__name(owners__lost_state(folio, l))));
	member__set(o, "site",
		    l->site  ? json_value__site(l->site, lines) :
		    l->event ? json_value__site(l->event->site, lines) :
			       json_null());
	/* a birth has no stack of its own */
	member__set(o, "stack",
		    l->event && !l->event->stack && l->stack ? json_value__stack(l->stack, lines) :
							       stack_array(run, l->event, lines));
	if (l->event) {
		member__int(o, "t_ns", l->event->t_ns);
		member__int(o, "pid", l->event->pid);
		member__set(o, "comm", json_value__text(l->event->comm));
	}
	/* inferred: between two readings */
	if (l->after)
		member__int(o, "after_t_ns", l->after->t_ns);
	if (l->in)
		member__set(o, "inside", json_value__site(l->in, lines));
	member__set(o, "confidence", json_string(ft_confidence__name(l->confidence)));
	member__set(o, "p", l->p > 0 ? json_real(l->p) : json_null());
	member__set(o, "reason", json_value__sentence(reason__of_lost(l).s));
	member__set(o, "reason_code", json_value__code(&l->reason));
	member__set(o, "other_half", other_object(l, lines));
	set_attribution(o, run, l, lines);
	return o;
}

static json_t *conservation_object(const struct ft_conservation *c)
{
	json_t *o = json_object();

	member__set(o, "law", json_string(ft_conservation_state__name(c->state)));
	member__int(o, "off", c->off);
	member__int(o, "overlaps", c->overlaps);
	if (c->state != FT_CONSERVATION_BROKEN)
		return o;
	member__int(o, "before_seq", c->before);
	member__int(o, "after_seq", c->after);
	return o;
}

static void set_end(json_t *o, const struct ft_folio *folio)
{
	static const char *const how[] = {
		[FT_DIED_FREED] = "freed",     [FT_DIED_DEVICE] = "device",
		[FT_DIED_HUGETLB] = "hugetlb", [FT_DIED_UNSEEN] = "unseen",
		[FT_DIED_SPLIT] = "split",
	};

	member__set(o, "born",
		    folio->born ? json_integer((json_int_t)folio->born_ns) : json_null());
	member__set(o, "died",
		    folio->died ? json_integer((json_int_t)folio->died_ns) : json_null());
	if (folio->died && folio->how < sizeof(how) / sizeof(how[0]))
		member__set(o, "died_how", json_string(how[folio->how]));
}

static void set_lists(json_t *o, const struct ft_run *run, const struct ft_folio *folio,
		      const struct ft_json_options *opts)
{
	const struct ft_folio *other;
	bool events = !opts->no_events &&
		      (opts->all_events || folio->verdict >= FT_VERDICT_INCONCLUSIVE);
	json_t *a;
	size_t i;

	if (events) {
		a = json_array();
		for (i = 0; folio->events && i < folio->nr_events; i++)
			json_array_append_new(a, event_object(run, &folio->events[i], opts));
		member__set(o, "events", a);
	}
	a = json_array();
	for (i = 0; i < folio->nr_checkpoints; i++)
		json_array_append_new(a, checkpoint_object(&folio->checkpoints[i]));
	member__set(o, "checkpoints", a);
	member__set(o, "final", final_object(run, folio));
	a = json_array();
	for (i = 0; i < folio->nr_lost; i++)
		json_array_append_new(a, lost_object(run, folio, &folio->lost[i], opts->lines));
	member__set(o, "verdict", json_string(ft_verdict__name(folio->verdict)));
	member__set(o, "severity", json_string(ft_severity__name(ft_folio__severity(folio))));
	member__set(o, "reason", json_value__sentence(reason__text(&folio->reason).s));
	member__set(o, "reason_code", json_value__code(&folio->reason));
	member__set(o, "free_while_mapped", json_boolean(folio->free_while_mapped));
	member__set(o, "lost_references", a);
	other = pairs__other(run, folio);
	member__set(o, "belongs_with", json_value__name(other ? other->id : 0));
}

json_t *json_folio__object(const struct ft_run *run, const struct ft_folio *folio,
			   const struct ft_json_options *opts)
{
	json_t *o = json_object();

	if (!o)
		return NULL;
	member__set(o, "id", json_string(name__of(folio->id).s));
	member__set(o, "pfn",
		    folio->pfn == FT_NO_PFN ? json_null() : json_integer((json_int_t)folio->pfn));
	if (opts->addresses)
		member__address(o, "address", folio->address);
	member__int(o, "generation", folio->generation);
	member__int(o, "order", folio->order);
	member__set(o, "kind", json_string(ft_kind__name(folio->kind)));
	member__set(o, "parent", json_value__name(folio->parent_id));
	member__set(o, "migrated_to",
		    json_value__name(folio->migrated_to ? folio->migrated_to->id : 0));
	member__int(o, "children", folio->children);
	set_end(o, folio);
	member__int(o, "lost_events", folio->lost_events);
	member__int(o, "baseline", folio->baseline);
	if (run->exact)
		member__set(o, "conservation", conservation_object(&folio->conservation));
	set_lists(o, run, folio, opts);
	return o;
}
