// SPDX-License-Identifier: GPL-2.0
/* Two runs side by side, as one JSON document. */
#include <errno.h>

#include "render.h"
#include "render/json/dump.h"
#include "render/json/value.h"
#include "render/names.h"
#include "render/reason.h"
#include "render/stream.h"

static json_t *step_object(const struct ft_diff_line *l)
{
	static const char *const what[] = {
		[FT_STEP_CALL] = "call",
		[FT_STEP_GET] = "get",
		[FT_STEP_PUT] = "put",
		[FT_STEP_MARK] = "mark",
		[FT_STEP_CHECKPOINT] = "checkpoint",
	};
	const struct ft_step *s = l->a ? l->a : l->b;
	json_t *o = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:I}", "in",
			      !l->b ? "a" :
			      !l->a ? "b" :
				      "both",
			      "what", what[s->what], "function", json_value__text(s->function),
			      "module", json_value__text(s->module), "caller",
			      json_value__text(s->caller), "mark", json_value__text(name__step(s)),
			      "result", (json_int_t)s->result);

	if (l->a && l->a->has_surplus)
		json_object_set_new(o, "surplus_a", json_integer((json_int_t)l->a->surplus));
	if (l->b && l->b->has_surplus)
		json_object_set_new(o, "surplus_b", json_integer((json_int_t)l->b->surplus));
	return o;
}

static json_t *side_object(const struct ft_timeline *s)
{
	if (!s)
		return json_null();
	return json_pack("{s:o, s:s, s:I, s:s, s:i}", "folio", json_value__name(s->folio->id),
			 "verdict", ft_verdict__name(s->folio->verdict), "lives",
			 (json_int_t)s->folios, "kind", ft_kind__name(s->folio->kind), "order",
			 (int)s->folio->order);
}

static json_t *timeline_object(const struct ft_diff_timeline *s)
{
	json_t *steps = json_array();
	size_t i;

	for (i = 0; i < s->nr; i++)
		json_array_append_new(steps, step_object(&s->line[i]));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "a", side_object(s->a), "b",
			 side_object(s->b), "words", json_value__sentence(reason__of_diff(s).s),
			 "reason_code", json_value__code(&s->reason), "first_divergence",
			 s->first < s->nr ? json_integer((json_int_t)s->first) : json_null(),
			 "steps", steps);
}

static json_t *run_object(const struct ft_run *run)
{
	return json_pack("{s:o, s:o, s:s}", "release", json_value__text(run->release), "source",
			 json_value__text(run->source), "verdict",
			 ft_run_verdict__name(run->verdict));
}

static json_t *pairs_array(const struct ft_diff *d)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < d->nr_pairs; i++)
		json_array_append_new(a, json_pack("{s:o, s:o, s:I, s:I}", "get",
						   json_value__text(d->pairs[i].get), "put",
						   json_value__text(d->pairs[i].put), "a",
						   (json_int_t)d->pairs[i].a, "b",
						   (json_int_t)d->pairs[i].b));
	return a;
}

static json_t *calls_array(const struct ft_diff *d)
{
	json_t *a = json_array();
	size_t i;

	for (i = 0; i < d->nr_calls; i++)
		json_array_append_new(a, json_pack("{s:o, s:I, s:I, s:I, s:b}", "function",
						   json_value__text(d->calls[i].function), "result",
						   (json_int_t)d->calls[i].result, "a",
						   (json_int_t)d->calls[i].a, "b",
						   (json_int_t)d->calls[i].b,
						   "not_watched_in_other", d->calls[i].missing));
	return a;
}

int ft_json__diff(const struct ft_diff *d, FILE *out)
{
	json_t *timelines = json_array(), *root;
	size_t i;
	int err;

	errno = 0;
	for (i = 0; i < d->nr_timelines; i++)
		json_array_append_new(timelines, timeline_object(&d->timelines[i]));
	root = json_pack("{s:i, s:s, s:o, s:o, s:b, s:I, s:o, s:o, s:o}", "schema_version",
			 FT_SCHEMA_VERSION, "document", "diff", "a", run_object(d->a), "b",
			 run_object(d->b), "differ", d->differ, "same_stories", (json_int_t)d->same,
			 "stories", timelines, "pairs",
			 d->operations ? pairs_array(d) : json_null(), "calls", calls_array(d));
	err = dump__value(root, JSON_INDENT(1), out);
	fputc('\n', out);
	return err ? err : stream__error(out);
}
