// SPDX-License-Identifier: GPL-2.0
/*
 * One record a line. jansson formats all but the events: a capture may have tens of millions,
 * and jansson manages 70,000 a second. ndjson_line.c formats these.
 */
#include <errno.h>

#include "render.h"
#include "render/json/dump.h"
#include "render/json/folio.h"
#include "render/json/head.h"
#include "render/json/ndjson_line.h"
#include "render/json/value.h"
#include "render/reason.h"
#include "render/stream.h"
#include "render/title.h"

static int dump_line(json_t *o, FILE *out)
{
	int code = dump__value(o, JSON_COMPACT, out);

	fputc('\n', out);
	return code;
}

/* A record of this type with the members of o; takes o. */
static int record(const struct ndjson_line *l, const char *type, const struct ft_folio *folio,
		  json_t *o)
{
	json_t *r = json_pack("{s:s, s:s}", "type", type, "run", l->run_id);

	if (r && folio)
		json_object_set_new(r, "folio", json_value__name(folio->id));
	if (!r || !o || json_object_update(r, o)) {
		json_decref(r);
		r = NULL;
	}
	json_decref(o);
	return dump_line(r, l->out);
}

static int run_record(const struct ndjson_line *l, const struct ft_run *run)
{
	json_t *head = json_head__object(run), *r;

	/* the version comes first: a reader may stop at one that it does not know */
	r = json_pack("{s:i, s:s, s:s}", "schema_version", FT_SCHEMA_VERSION, "type", "run", "run",
		      l->run_id);
	if (r && head && !json_object_update_missing(r, head)) {
		json_decref(head);
		return dump_line(r, l->out);
	}
	json_decref(head);
	json_decref(r);
	return -ENOMEM;
}

/* One record for each lost reference, or one for a folio without any. */
static int finding_records(const struct ndjson_line *l, const struct ft_folio *folio, json_t *lost)
{
	size_t nr = json_array_size(lost);
	int code = 0;

	for (size_t i = 0; i < (nr ? nr : 1) && !code; i++) {
		json_t *f = json_pack("{s:s, s:s, s:i, s:o, s:o, s:I}", "verdict",
				      ft_verdict__name(folio->verdict), "kind",
				      ft_kind__name(folio->kind), "order", (int)folio->order, "why",
				      json_value__sentence(reason__text(&folio->reason).s),
				      "why_code", json_value__code(&folio->reason), "surplus",
				      (json_int_t)ft_folio__surplus(folio));

		if (f && folio->group)
			json_object_set_new(f, "key", json_string(title__key(folio->group).s));
		if (f && nr) {
			const struct ft_site *place = ft_lost__site(&folio->lost[i]);

			json_object_set_new(f, "place",
					    place ? json_value__site(place, l->lines) :
						    json_null());
			json_object_update(f, json_array_get(lost, i));
		}
		code = record(l, "finding", folio, f);
	}
	return code;
}

static int folio_events(struct ndjson_line *l, const struct ft_folio *folio)
{
	int code = 0;

	for (size_t i = 0; folio->events && i < folio->nr_events && !code; i++)
		code = ndjson_line__event(l, folio->id, &folio->events[i]);
	return code ? code : ndjson_line__flush(l);
}

/* The folio as in the document, but its lists are records of their own. */
static int folio_records(struct ndjson_line *l, const struct ft_run *run,
			 const struct ft_folio *folio, const struct ft_json_options *opts,
			 bool events)
{
	const struct ft_json_options few = { .no_events = true, .lines = opts->lines };
	json_t *o = json_folio__object(run, folio, &few), *lost, *points, *point;
	int code = o ? 0 : -ENOMEM;
	size_t i;

	if (!code && events && (opts->all_events || folio->verdict >= FT_VERDICT_INCONCLUSIVE))
		code = folio_events(l, folio);
	if (code) {
		json_decref(o);
		return code;
	}
	points = json_incref(json_object_get(o, "checkpoints"));
	lost = json_incref(json_object_get(o, "lost_references"));
	json_object_del(o, "id");
	json_object_del(o, "checkpoints");
	json_object_del(o, "lost_references");
	code = record(l, "folio", folio, o);
	json_array_foreach(points, i, point) {
		if (!code)
			code = record(l, "checkpoint", folio, json_incref(point));
	}
	if (!code && folio->verdict >= FT_VERDICT_INCONCLUSIVE)
		code = finding_records(l, folio, lost);
	json_decref(points);
	json_decref(lost);
	return code;
}

static int event_record(void *arg, uint32_t id, const struct ft_event *e)
{
	return ndjson_line__event(arg, id, e);
}

int ft_ndjson__write(const struct ft_run *run, const struct ft_json_options *opts,
		     const struct ft_ndjson_source *source, FILE *out)
{
	bool stream = source && opts->all_events;
	struct ndjson_line l;
	int code = ndjson_line__init(&l, run, opts->lines, out);

	errno = 0;
	if (!code)
		code = run_record(&l, run);
	if (!code && stream)
		code = source->each(source->arg, event_record, &l);
	if (!code)
		code = ndjson_line__flush(&l);
	for (size_t i = 0; i < run->nr_folios && !code; i++)
		if (!run->folios[i]->hidden)
			code = folio_records(&l, run, run->folios[i], opts, !stream);
	ndjson_line__free(&l);
	return code ? code : stream__error(out);
}
