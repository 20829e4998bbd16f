// SPDX-License-Identifier: GPL-2.0
#include "render/json/owners.h"

#include "render/allocated.h"
#include "render/json/member.h"
#include "render/json/value.h"

static void set_units(json_t *o, const struct ft_units *units)
{
	member__int(o, "references", units->references);
	member__int(o, "pins", units->pins);
	member__int(o, "mappings", units->mappings);
}

json_t *json_owners__units(const struct ft_units *units)
{
	json_t *o = json_object();

	set_units(o, units);
	return o;
}

/* null: it is no task's, or it is not known whose. */
static json_t *task_object(uint32_t pid, uint32_t tgid, const char *comm)
{
	json_t *o;

	if (!pid && !comm)
		return json_null();
	o = json_object();
	member__set(o, "pid", pid ? json_integer(pid) : json_null());
	member__set(o, "tgid", tgid ? json_integer(tgid) : json_null());
	member__set(o, "comm", json_value__text(comm));
	return o;
}

static json_t *owner_object(const struct ft_owner *owner)
{
	json_t *o = json_object();

	member__set(o, "class", json_string(ft_owner_class__name(owner->class)));
	set_units(o, &owner->units);
	member__set(o, "state", json_string(ft_owner_state__name(owner->state)));
	member__set(o, "who", task_object(owner->pid, owner->tgid, owner->comm));
	member__set(o, "since", owner->since ? json_integer(owner->since->seq) : json_null());
	return o;
}

json_t *json_owners__array(const struct ft_run *run, const struct ft_folio *folio)
{
	json_t *a = json_array();
	struct ft_owner *list;
	size_t nr, i;

	if (ft_folio__owners(run, folio, &list, &nr)) {
		json_decref(a);
		return NULL;
	}
	for (i = 0; i < nr; i++)
		json_array_append_new(a, owner_object(&list[i]));
	return a;
}

json_t *json_owners__search(const struct ft_run *run)
{
	const struct ft_search *s = &run->search;
	json_t *o;

	if (!s->known)
		return json_null();
	o = json_object();
	member__int(o, "processes", s->processes);
	member__set(o, "page_tables", json_boolean(s->page_tables));
	member__set(o, "page_tables_whole", json_boolean(s->page_tables_whole));
	member__int(o, "pipes", s->pipes);
	member__set(o, "pipes_whole", json_boolean(s->pipes_whole));
	member__int(o, "sockets", s->sockets);
	member__int(o, "rings", s->rings);
	member__set(o, "files_whole", json_boolean(s->files_whole));
	member__set(o, "why", json_value__text(s->why));
	return o;
}

static json_t *allocated_object(const struct ft_run *run, const struct ft_folio *folio)
{
	const struct allocated a = allocated__of(folio);
	json_t *o = json_object();

	member__set(o, "folio", json_value__name(folio->id));
	member__set(o, "pfn",
		    folio->pfn == FT_NO_PFN ? json_null() : json_integer((json_int_t)folio->pfn));
	member__int(o, "order", folio->order);
	member__int(o, "pages", a.pages);
	member__set(o, "allocated_at",
		    a.site && a.exact ? json_value__site(a.site, NULL) : json_null());
	member__set(o, "first_seen_at",
		    a.event ? json_value__site(a.event->site, NULL) : json_null());
	member__set(o, "stack",
		    json_value__stack(a.event ? ft_run__stack(run, a.event) : NULL, NULL));
	member__set(o, "who", task_object(a.pid, a.event ? a.event->tgid : 0, a.comm));
	return o;
}

json_t *json_owners__still_allocated(const struct ft_run *run)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < run->nr_folios; i++)
		if (allocated__is(run->folios[i]))
			json_array_append_new(list, allocated_object(run, run->folios[i]));
	return list;
}
