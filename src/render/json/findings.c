// SPDX-License-Identifier: GPL-2.0
#include "render/json/findings.h"

#include "render/json/member.h"
#include "render/json/value.h"
#include "render/title.h"

static json_t *folios(const struct ft_group *g)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < g->nr_all; i++)
		if (!g->folios[i]->hidden)
			json_array_append_new(a, json_value__name(g->folios[i]->id));
	return a;
}

static json_t *finding(const struct ft_group *g)
{
	const struct ft_folio *story = g->story;
	json_t *o = json_object();

	member__set(o, "key", json_string(title__key(g).s));
	member__set(o, "title", json_value__text(title__of(g).s));
	member__set(o, "verdict", json_string(ft_verdict__name(story->verdict)));
	member__set(o, "reason_code", json_value__code(&story->reason));
	member__set(o, "op", story->nr_lost ? json_string(g->put ? "put" : "get") : json_null());
	member__set(o, "class",
		    story->nr_lost ? json_string(ft_owner_class__name(g->class)) : json_null());
	member__set(o, "function", json_value__text(g->function));
	member__set(o, "kind", json_string(ft_kind__name(story->kind)));
	member__int(o, "order", story->order);
	member__int(o, "references", g->units.references);
	member__int(o, "pins", g->units.pins);
	member__int(o, "mappings", g->units.mappings);
	member__set(o, "story", json_value__name(story->id));
	member__set(o, "folios", folios(g));
	return o;
}

json_t *json_findings__array(const struct ft_run *run)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < run->nr_groups; i++)
		if (run->groups[i].nr)
			json_array_append_new(a, finding(&run->groups[i]));
	return a;
}
