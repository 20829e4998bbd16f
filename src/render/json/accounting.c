// SPDX-License-Identifier: GPL-2.0
#include "render/json/accounting.h"

#include <string.h>

#include "render/json/value.h"

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

/* One row a function and reason; sites of one function stand together. */
static void refuse(json_t *refused, const struct ft_site *s)
{
	size_t nr = json_array_size(refused);
	json_t *last = nr ? json_array_get(refused, nr - 1) : NULL, *row;
	const char *function = json_string_value(json_object_get(last, "function"));
	const char *why = json_string_value(json_object_get(last, "why"));

	if (function && !strcmp(function, s->function) && why && s->why && !strcmp(why, s->why)) {
		json_int_t n = json_integer_value(json_object_get(last, "sites"));

		json_object_set_new(last, "sites", json_integer(n + 1));
		return;
	}
	row = json_object();
	json_object_set_new(row, "function", json_value__text(s->function));
	if (s->module)
		json_object_set_new(row, "module", json_value__text(s->module));
	json_object_set_new(row, "why", json_value__text(s->why));
	json_object_set_new(row, "sites", json_integer(1));
	json_array_append_new(refused, row);
}

static json_t *modules_array(const struct ft_run *run)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < run->nr_modules; i++) {
		const struct ft_module *m = &run->modules[i];
		json_t *o = json_object();

		json_object_set_new(o, "module", json_value__text(m->name));
		json_object_set_new(o, "loaded_ns",
				    m->loaded_ns ? number(m->loaded_ns) : json_null());
		json_object_set_new(o, "sites", number(m->sites));
		json_object_set_new(o, "window_ns", m->armed ? number(m->window_ns) : json_null());
		json_array_append_new(list, o);
	}
	return list;
}

/* Hooks have a role; a site of the inline source has none. */
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
		json_object_set_new(o, all[i].name, number(all[i].n));
	return o;
}

json_t *json_accounting__probes(const struct ft_run *run)
{
	const struct ft_probe_accounting *b = &run->probe_accounting;
	json_t *o;

	if (!b->there)
		return json_null();
	o = json_object();
	json_object_set_new(o, "hits", number(b->hits));
	json_object_set_new(o, "entered", number(b->entered));
	json_object_set_new(o, "missed", number(b->missed));
	json_object_set_new(o, "exact", json_boolean(b->exact));
	json_object_set_new(o, "recorded", number(b->recorded));
	json_object_set_new(o, "lost", number(b->lost));
	json_object_set_new(o, "filtered", number(b->filtered));
	json_object_set_new(o, "false_sites", number(b->false_sites));
	json_object_set_new(o, "stack_missed", number(b->stack_missed));
	return o;
}

json_t *json_accounting__violations(const struct ft_run *run)
{
	json_t *list = json_array(), *o;
	size_t i;

	for (i = 0; i < run->nr_violations; i++) {
		const struct ft_violation *m = &run->violations[i];

		o = json_object();
		json_object_set_new(o, "before", json_value__site(m->before, NULL));
		json_object_set_new(o, "after", json_value__site(m->after, NULL));
		json_object_set_new(o, "off", json_integer((json_int_t)m->off));
		json_object_set_new(o, "folios", number(m->folios));
		json_object_set_new(o, "example", json_value__name(m->example));
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
		json_object_set_new(row, "function", json_value__text(d->function));
		json_object_set_new(row, "op", json_string(ft_op__name(&op)));
		json_object_set_new(row, "delta", json_integer(d->delta));
		json_object_set_new(row, "why", json_string(ft_alone__name(d->why)));
		json_object_set_new(row, "only_page_ref", number(d->only_page_ref));
		json_object_set_new(row, "only_inline", number(d->only_inline));
		json_array_append_new(list, row);
	}
	o = json_object();
	json_object_set_new(o, "folios", number(c->folios));
	json_object_set_new(o, "differing", number(c->differing));
	json_object_set_new(o, "page_ref", number(c->page_ref));
	json_object_set_new(o, "inline", number(c->inlined));
	json_object_set_new(o, "matched", number(c->matched));
	json_object_set_new(o, "elsewhere", number(c->elsewhere));
	for (i = 0; i < FT_ALONE_COUNT; i++)
		json_object_set_new(o, ft_alone__name((enum ft_alone)i), number(c->alone[i]));
	json_object_set_new(o, "differences", list);
	return o;
}
