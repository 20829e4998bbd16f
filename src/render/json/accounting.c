// SPDX-License-Identifier: GPL-2.0
#include "render/json/accounting.h"

#include <string.h>

#include "render/json/member.h"
#include "render/json/value.h"

/* One row a function and reason: the sites of one function are neighbours. */
static void refuse(json_t *refused, const struct ft_site *s)
{
	size_t nr = json_array_size(refused);
	json_t *last = nr ? json_array_get(refused, nr - 1) : NULL, *row;
	const char *function = json_string_value(json_object_get(last, "function"));
	const char *why = json_string_value(json_object_get(last, "why"));

	if (function && !strcmp(function, s->function) && why && s->why && !strcmp(why, s->why)) {
		json_int_t n = json_integer_value(json_object_get(last, "sites"));

		member__int(last, "sites", n + 1);
		return;
	}
	row = json_object();
	member__set(row, "function", json_value__text(s->function));
	if (s->module)
		member__set(row, "module", json_value__text(s->module));
	member__set(row, "why", json_value__text(s->why));
	member__int(row, "sites", 1);
	json_array_append_new(refused, row);
}

static json_t *modules_array(const struct ft_run *run)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < run->nr_modules; i++) {
		const struct ft_module *m = &run->modules[i];
		json_t *o = json_object();

		member__set(o, "module", json_value__text(m->name));
		member__set(o, "loaded_ns",
			    m->loaded_ns ? json_integer((json_int_t)m->loaded_ns) : json_null());
		member__int(o, "sites", m->sites);
		member__set(o, "window_ns",
			    m->armed ? json_integer((json_int_t)m->window_ns) : json_null());
		json_array_append_new(list, o);
	}
	return list;
}

/* A hook has a role; an instruction that the inline source probes has none. */
json_t *json_accounting__coverage(const struct ft_run *run)
{
	json_t *missing = json_array(), *refused = json_array();
	json_int_t found = 0, attached = 0, hooks = 0;
	size_t i;

	for (i = 0; i < run->nr_sites; i++) {
		const struct ft_site *s = run->sites[i];

		if (s->role)
			hooks += s->attached;
		else
			found++, attached += s->attached;
		if (s->attached)
			continue;
		if (!s->role)
			refuse(refused, s);
		else
			json_array_append_new(missing, json_pack("{s:o, s:s?}", "function",
								 json_value__text(s->function),
								 "why", s->why));
	}
	return json_pack("{s:{s:I, s:I, s:o}, s:{s:I, s:o}, s:o}", "sites", "found", found,
			 "attached", attached, "refused", refused, "hooks", "attached", hooks,
			 "missing", missing, "modules", modules_array(run));
}

json_t *json_accounting__loss(const struct ft_run *run)
{
	const struct ft_loss *l = &run->loss;
	const struct {
		const char *name;
		uint64_t n;
	} all[] = {
		{ "ring", l->ring },
		{ "recursion", l->recursion },
		{ "missed", l->missed },
		{ "missed_probes", l->missed_probes },
		{ "missed_refs", l->missed_refs },
		{ "tracked_full", l->tracked_full },
		{ "tracked_busy", l->tracked_busy },
		{ "tasks_full", l->tasks_full },
		{ "index_left", l->index_left },
		{ "child_left", l->child_left },
		{ "death_unseen", l->death_unseen },
		{ "spool", l->spool },
		{ "gaps", l->gaps },
		{ "malformed", run->nr_malformed },
		{ "other", l->other },
		{ "bytes_dropped", run->bytes_dropped },
		{ "conservation_errors", l->conservation_errors },
	};
	json_t *o = json_object();
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		member__int(o, all[i].name, all[i].n);
	return o;
}

json_t *json_accounting__probes(const struct ft_run *run)
{
	const struct ft_probe_accounting *p = &run->probe_accounting;
	json_t *o;

	if (!p->there)
		return json_null();
	o = json_object();
	member__int(o, "hits", p->hits);
	member__int(o, "entered", p->entered);
	member__int(o, "missed", p->missed);
	member__set(o, "exact", json_boolean(p->exact));
	member__int(o, "recorded", p->recorded);
	member__int(o, "lost", p->lost);
	member__int(o, "filtered", p->filtered);
	member__int(o, "false_sites", p->false_sites);
	member__int(o, "stack_missed", p->stack_missed);
	return o;
}

json_t *json_accounting__violations(const struct ft_run *run)
{
	json_t *list = json_array(), *o;
	size_t i;

	for (i = 0; i < run->nr_violations; i++) {
		const struct ft_violation *v = &run->violations[i];

		o = json_object();
		member__set(o, "before", json_value__site(v->before, NULL));
		member__set(o, "after", json_value__site(v->after, NULL));
		member__int(o, "off", v->off);
		member__int(o, "folios", v->folios);
		member__set(o, "example", json_value__name(v->example));
		json_array_append_new(list, o);
	}
	return list;
}

json_t *json_accounting__comparison(const struct ft_run *run)
{
	const struct ft_comparison *c = &run->comparison;
	json_t *list, *o, *row;
	size_t i;

	if (!c->made)
		return json_null();
	list = json_array();
	for (i = 0; i < c->nr_differences; i++) {
		const struct ft_difference *d = &c->differences[i];
		const struct ft_event op = { .op = d->op };

		row = json_object();
		member__set(row, "function", json_value__text(d->function));
		member__set(row, "op", json_string(ft_op__name(&op)));
		member__int(row, "delta", d->delta);
		member__set(row, "why", json_string(ft_alone__name(d->why)));
		member__int(row, "only_page_ref", d->only_page_ref);
		member__int(row, "only_inline", d->only_inline);
		json_array_append_new(list, row);
	}
	o = json_object();
	member__int(o, "folios", c->folios);
	member__int(o, "differing", c->differing);
	member__int(o, "page_ref", c->page_ref);
	member__int(o, "inline", c->inlined);
	member__int(o, "matched", c->matched);
	member__int(o, "elsewhere", c->elsewhere);
	for (i = 0; i < FT_ALONE_COUNT; i++)
		member__int(o, ft_alone__name((enum ft_alone)i), c->alone[i]);
	member__set(o, "differences", list);
	return o;
}
