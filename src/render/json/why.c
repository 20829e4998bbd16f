// SPDX-License-Identifier: GPL-2.0
/* Failed splits and migrations as one JSON document. */
#include <errno.h>

#include "render.h"
#include "render/json/dump.h"
#include "render/json/value.h"
#include "render/names.h"
#include "render/reason.h"
#include "render/stream.h"

static json_t *transient_object(const struct ft_transient *h, const struct ft_line_finder *lines)
{
	return json_pack("{s:I, s:s, s:s, s:o, s:o, s:I, s:i, s:o, s:b}", "references",
			 (json_int_t)h->references, "for", ft_holder_kind__name(h->what), "class",
			 ft_owner_class__name(h->class), "site", json_value__site(h->site, lines),
			 "stack", json_value__stack(h->stack, lines), "t_ns",
			 (json_int_t)h->event->t_ns, "pid", (int)h->event->pid, "comm",
			 json_value__text(h->event->comm), "never_put", h->never_put);
}

static json_t *reading_object(const struct ft_event *e)
{
	if (!e)
		return json_null();
	return json_pack("{s:o, s:I}", "site", json_value__site(e->site, NULL), "t_ns",
			 (json_int_t)e->t_ns);
}

static json_t *failure_object(const struct ft_failure *f, const struct ft_line_finder *lines)
{
	const struct ft_event *e = f->failed;
	json_t *transients = json_array();
	size_t i;

	for (i = 0; i < f->nr_transients; i++)
		json_array_append_new(transients, transient_object(&f->transients[i], lines));
	return json_pack(
		"{s:o, s:o, s:s, s:i, s:s, s:s, s:o, s:I, s:I, s:i, s:o, s:i, s:i, s:i, s:I, s:o,"
		" s:I, s:I, s:o, s:I, s:o, s:o, s:o, s:o, s:o}",
		"folio", json_value__name(f->folio->id), "pfn",
		f->folio->pfn == FT_NO_PFN ? json_null() : json_integer((json_int_t)f->folio->pfn),
		"kind", ft_kind__name(f->folio->kind), "order", e->order, "what",
		f->migration ? "migration" : "split", "error", name__error(f->value), "in",
		json_value__site(e->site, NULL), "t_ns", (json_int_t)e->t_ns, "last_t_ns",
		(json_int_t)f->last_ns, "pid", (int)e->pid, "comm", json_value__text(e->comm),
		"times", (int)f->times, "refcount", (int)e->refcount, "mapcount", (int)e->mapcount,
		"expected", (json_int_t)f->expected.total, "terms", json_value__terms(&f->expected),
		"extra", (json_int_t)f->extra, "pins", (json_int_t)f->pins, "held_by", transients,
		"unseen", (json_int_t)f->unseen, "confidence",
		f->nr_transients ? json_string(ft_confidence__name(f->confidence)) : json_null(),
		"unknown", json_value__sentence(reason__text(&f->unknown).s), "reason_code",
		json_value__code(&f->unknown), "after", reading_object(f->after), "before",
		reading_object(f->before));
}

int ft_json__why(const struct ft_run *run, const struct ft_why *why,
		 const struct ft_json_options *opts, FILE *out)
{
	json_t *list = json_array(), *root;
	size_t i;
	int err;

	errno = 0;
	for (i = 0; i < why->nr; i++)
		json_array_append_new(list, failure_object(&why->failures[i], opts->lines));
	root = json_pack("{s:i, s:s, s:s?, s:s?, s:{s:b, s:b}, s:I, s:I, s:I, s:o}",
			 "schema_version", FT_SCHEMA_VERSION, "document", "why", "release",
			 run->release, "source", run->source, "watched", "splits", why->splits,
			 "migrations", why->migrations, "failed", (json_int_t)why->nr_times,
			 "other_reasons", (json_int_t)why->others, "unread",
			 (json_int_t)why->unread, "failures", list);
	err = dump__value(root, JSON_INDENT(1), out);
	fputc('\n', out);
	return err ? err : stream__error(out);
}
