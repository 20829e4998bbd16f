// SPDX-License-Identifier: GPL-2.0
#include "render/json/value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "render/code_lines.h"
#include "render/names.h"

json_t *json_value__text(const char *s)
{
	static const char replacement[] = "\xef\xbf\xbd";
	json_t *v;
	char *copy, *to;

	if (!s)
		return json_null();
	v = json_string(s);
	if (v)
		return v;
	copy = malloc(strlen(s) * 3 + 1);
	if (!copy)
		return NULL;
	for (to = copy; *s; s++) {
		if ((unsigned char)*s < 0x80) {
			*to++ = *s;
			continue;
		}
		memcpy(to, replacement, 3);
		to += 3;
	}
	*to = '\0';
	v = json_string(copy);
	free(copy);
	return v;
}

static void set(json_t *o, const char *key, json_t *value)
{
	json_object_set_new(o, key, value);
}

static void set_int(json_t *o, const char *key, int64_t n)
{
	json_object_set_new(o, key, json_integer((json_int_t)n));
}

/* A count that could not be read is null, never a number. */
static void set_count(json_t *o, const char *key, int32_t n)
{
	json_object_set_new(o, key, n == FT_UNKNOWN ? json_null() : json_integer(n));
}

static void set_address(json_t *o, const char *key, uint64_t address)
{
	char hex[24];

	/* As text: a JSON number loses bits above 2^53 in most readers. */
	snprintf(hex, sizeof(hex), "0x%" PRIx64, address);
	json_object_set_new(o, key, json_string(hex));
}

json_t *json_value__flags(uint32_t flags)
{
	json_t *a = json_array();
	unsigned int n;
	uint32_t mask;
	const char *name;

	for (n = 0; (name = name__flag(n, &mask)); n++)
		if (flags & mask)
			json_array_append_new(a, json_string(name));
	return a;
}

json_t *json_value__terms(const struct ft_expected *e)
{
	json_t *o = json_object();
	int t;

	for (t = 0; t < FT_TERM_COUNT; t++)
		if (e->term[t])
			set_int(o, ft_term__name(t), e->term[t]);
	return o;
}

/* The last of lines is the function itself: its neighbours are inlined in it. */
static void set_lines(json_t *o, const struct ft_lines *lines)
{
	json_t *inlined, *l;
	uint32_t i;

	if (!lines)
		return;
	set(o, "file", json_value__text(lines->line[0].file));
	set_int(o, "line", lines->line[0].line);
	inlined = json_array();
	for (i = 0; i + 1 < lines->nr; i++) {
		l = json_object();
		set(l, "function", json_value__text(lines->line[i].function));
		set(l, "called_from_file", json_value__text(lines->line[i + 1].file));
		set_int(l, "called_from_line", lines->line[i + 1].line);
		json_array_append_new(inlined, l);
	}
	set(o, "inlined", inlined);
}

json_t *json_value__site(const struct ft_site *site, const struct ft_line_finder *lines)
{
	json_t *o = json_object();

	set(o, "function", json_value__text(site->function));
	set_int(o, "offset", (int64_t)site->offset);
	if (site->module)
		set(o, "module", json_value__text(site->module));
	set_lines(o, lines__of_site(lines, site));
	return o;
}

json_t *json_value__name(uint32_t id)
{
	return id ? json_string(name__of(id).s) : json_null();
}

json_t *json_value__stack(const struct ft_stack *s, const struct ft_line_finder *lines)
{
	json_t *a = json_array(), *o;
	uint32_t i;

	for (i = 0; s && i < s->depth; i++) {
		o = json_object();
		set(o, "function", json_value__text(s->frames[i]->function));
		set_int(o, "offset", (int64_t)s->frames[i]->offset);
		if (s->frames[i]->module)
			set(o, "module", json_value__text(s->frames[i]->module));
		set_lines(o, lines__of_frame(lines, s->frames[i]));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *stack_array(const struct ft_run *run, const struct ft_event *e,
			   const struct ft_line_finder *lines)
{
	return json_value__stack(e ? ft_run__stack(run, e) : NULL, lines);
}

/* What value and aux mean depends on op; they come out under their meaning. */
static void set_meaning(json_t *o, const struct ft_event *e)
{
	switch (e->op) {
	case FT_OP_RETURN:
		if (e->site->returns)
			set_int(o, "returned", name__returned(e->value));
		break;
	case FT_OP_BORN:
		if (e->value)
			set(o, "parent", json_value__name((uint32_t)e->value));
		break;
	case FT_OP_MIGRATE:
		set(o, "to", json_value__name((uint32_t)e->value));
		break;
	case FT_OP_SPLIT:
		set_int(o, "children", e->value);
		break;
	case FT_OP_SNAPSHOT:
		set_int(o, "round", e->value);
		set_int(o, "account_sum", FT_SNAPSHOT_SUM(e->aux));
		set_int(o, "account_lost", FT_SNAPSHOT_LOST(e->aux));
		break;
	default:
		break;
	}
}

static json_t *event_object(const struct ft_run *run, const struct ft_event *e,
			    const struct ft_json_options *opts)
{
	json_t *o = json_object();

	set_int(o, "t_ns", (int64_t)e->t_ns);
	set_int(o, "seq", e->seq);
	set(o, "op", json_string(ft_op__name(e)));
	set_meaning(o, e);
	set_int(o, "delta", e->delta);
	set_count(o, "refcount", e->refcount);
	set_count(o, "mapcount", e->mapcount);
	set_count(o, "entire_mapcount", e->entire_mapcount);
	set_count(o, "pincount", e->pincount);
	set_int(o, "order", e->order);
	set(o, "flags", json_value__flags(e->flags));
	set_int(o, "pid", e->pid);
	set_int(o, "tgid", e->tgid);
	set(o, "comm", json_value__text(e->comm));
	set_int(o, "cpu", e->cpu);
	set(o, "context", json_string(name__context(e->context)));
	set(o, "source", json_string(name__source(e->source)));
	set(o, "site", json_value__site(e->site, opts->lines));
	if (ft_event__is_operation(e)) {
		set(o, "stack", stack_array(run, e, opts->lines));
		set_int(o, "invocation", e->entry_seq);
	}
	if (opts->addresses)
		set_address(o, "mapping", e->mapping);
	return o;
}

static json_t *checkpoint_object(const struct ft_checkpoint *c)
{
	json_t *o = json_object();

	set(o, "at", json_string(ft_checkpoint__name(c->at)));
	set(o, "in", json_value__text(c->in ? c->in->function : NULL));
	set(o, "role", json_string(c->dst ? "dst" : "src"));
	set_int(o, "index", c->index);
	set_int(o, "migrate", c->migrate);
	set(o, "src_is_dst", json_boolean(c->src_is_dst));
	set(o, "compound", json_boolean(c->compound));
	set_int(o, "t_ns", (int64_t)c->t_ns);
	set_int(o, "pid", c->pid);
	set(o, "comm", json_value__text(c->comm));
	set_int(o, "order", c->order);
	set_count(o, "refcount", c->refcount);
	set_count(o, "mapcount", c->mapcount);
	set_int(o, "expected", c->expected.total);
	set_int(o, "surplus", c->surplus);
	set(o, "terms", json_value__terms(&c->expected));
	return o;
}

static json_t *reading_object(const struct ft_reading *r)
{
	json_t *o;

	if (!r->valid)
		return json_null();
	o = json_object();
	set_count(o, "refcount", r->refcount);
	set_count(o, "mapcount", r->mapcount);
	set_int(o, "expected", r->expected.total);
	set_int(o, "surplus", r->surplus);
	set(o, "terms", json_value__terms(&r->expected));
	set(o, "at_rest", json_boolean(r->at_rest));
	set_int(o, "t_ns", (int64_t)r->t_ns);
	set_count(o, "entire_mapcount", r->entire_mapcount);
	set_count(o, "pincount", r->pincount);
	set(o, "flags", json_value__flags(r->flags));
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
		set(o, "site", json_value__site(c->site, lines));
		set(o, "stack", stack_array(run, c->event, lines));
		set_int(o, "t_ns", (int64_t)c->event->t_ns);
		set(o, "p", json_real(c->p));
		set_int(o, "alike", c->alike);
		json_array_append_new(a, o);
	}
	return a;
}

/* What answers such a get on balanced folios of the same run. */
static json_t *answered_object(const struct ft_lost *l, const struct ft_line_finder *lines)
{
	json_t *o;

	if (!l->answered_by)
		return json_null();
	o = json_object();
	set(o, "site", json_value__site(l->answered_by, lines));
	if (l->answered_in)
		set(o, "inside", json_value__site(l->answered_in, lines));
	set_int(o, "count", (int64_t)l->answered);
	return o;
}

/* Only exact events tell so much. */
static void set_attribution(json_t *o, const struct ft_run *run, const struct ft_lost *l,
			    const struct ft_line_finder *lines)
{
	set(o, "answered_elsewhere_by", answered_object(l, lines));
	set(o, "candidates", candidates_array(run, l, lines));
	if (l->answer)
		set(o, "answer", json_value__text(l->answer));
	if (l->call)
		set(o, "after", json_value__text(l->call));
}

/* Without event the core knows of the reference, but not where it was taken. */
static json_t *lost_object(const struct ft_run *run, const struct ft_lost *l,
			   const struct ft_line_finder *lines)
{
	json_t *o = json_object();

	set(o, "op", json_string(l->put ? "put" : "get"));
	set(o, "site",
	    l->site  ? json_value__site(l->site, lines) :
	    l->event ? json_value__site(l->event->site, lines) :
		       json_null());
	set(o, "stack", stack_array(run, l->event, lines));
	if (l->event) {
		set_int(o, "t_ns", (int64_t)l->event->t_ns);
		set_int(o, "pid", l->event->pid);
		set(o, "comm", json_value__text(l->event->comm));
	}
	/* inferred: between two readings */
	if (l->after)
		set_int(o, "after_t_ns", (int64_t)l->after->t_ns);
	if (l->in)
		set(o, "inside", json_value__site(l->in, lines));
	set(o, "confidence", json_string(ft_confidence__name(l->confidence)));
	set(o, "p", l->p > 0 ? json_real(l->p) : json_null());
	set(o, "reason", json_value__text(l->reason));
	set_attribution(o, run, l, lines);
	return o;
}

static json_t *conservation_object(const struct ft_conservation *c)
{
	json_t *o = json_object();

	set(o, "law", json_string(ft_conservation_state__name(c->state)));
	set_int(o, "off", c->off);
	set_int(o, "overlaps", c->overlaps);
	if (c->state != FT_CONSERVATION_BROKEN)
		return o;
	set_int(o, "before_seq", c->before);
	set_int(o, "after_seq", c->after);
	return o;
}

static void set_end(json_t *o, const struct ft_folio *folio)
{
	static const char *const how[] = {
		[FT_DIED_FREED] = "freed",     [FT_DIED_DEVICE] = "device",
		[FT_DIED_HUGETLB] = "hugetlb", [FT_DIED_UNSEEN] = "unseen",
		[FT_DIED_SPLIT] = "split",
	};

	set(o, "born", folio->born ? json_integer((json_int_t)folio->born_ns) : json_null());
	set(o, "died", folio->died ? json_integer((json_int_t)folio->died_ns) : json_null());
	if (folio->died && folio->how < sizeof(how) / sizeof(how[0]))
		set(o, "died_how", json_string(how[folio->how]));
}

static void set_lists(json_t *o, const struct ft_run *run, const struct ft_folio *folio,
		      const struct ft_json_options *opts)
{
	bool events = !opts->no_events &&
		      (opts->all_events || folio->verdict >= FT_VERDICT_INCONCLUSIVE);
	json_t *a;
	size_t i;

	if (events) {
		a = json_array();
		for (i = 0; folio->events && i < folio->nr_events; i++)
			json_array_append_new(a, event_object(run, &folio->events[i], opts));
		set(o, "events", a);
	}
	a = json_array();
	for (i = 0; i < folio->nr_checkpoints; i++)
		json_array_append_new(a, checkpoint_object(&folio->checkpoints[i]));
	set(o, "checkpoints", a);
	set(o, "final", reading_object(&folio->final));
	a = json_array();
	for (i = 0; i < folio->nr_lost; i++)
		json_array_append_new(a, lost_object(run, &folio->lost[i], opts->lines));
	set(o, "verdict", json_string(ft_verdict__name(folio->verdict)));
	set(o, "severity", json_string(ft_severity__name(ft_folio__severity(folio))));
	set(o, "reason", json_value__text(folio->reason));
	set(o, "free_while_mapped", json_boolean(folio->free_while_mapped));
	set(o, "lost_references", a);
}

json_t *json_value__folio(const struct ft_run *run, const struct ft_folio *folio,
			  const struct ft_json_options *opts)
{
	json_t *o = json_object();

	if (!o)
		return NULL;
	set(o, "id", json_string(name__of(folio->id).s));
	set(o, "pfn", folio->pfn == FT_NO_PFN ? json_null() : json_integer((json_int_t)folio->pfn));
	if (opts->addresses)
		set_address(o, "address", folio->address);
	set_int(o, "generation", folio->generation);
	set_int(o, "order", folio->order);
	set(o, "kind", json_string(ft_kind__name(folio->kind)));
	set(o, "parent", json_value__name(folio->parent_id));
	set(o, "migrated_to", json_value__name(folio->migrated_to ? folio->migrated_to->id : 0));
	set_int(o, "children", folio->children);
	set_end(o, folio);
	set_int(o, "lost_events", folio->lost_events);
	set_int(o, "baseline", folio->baseline);
	if (run->exact)
		set(o, "conservation", conservation_object(&folio->conservation));
	set_lists(o, run, folio, opts);
	return o;
}
