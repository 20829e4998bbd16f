// SPDX-License-Identifier: GPL-2.0
/*
 * The JSON document. jansson makes every value; only the frame around the array
 * of folios is written here, one folio a line, so that a run of 200,000 folios
 * needs the memory of one.
 */
#include <errno.h>
#include <jansson.h>

#include "render.h"
#include "render/json/accounting.h"
#include "render/json/head.h"
#include "render/json/value.h"
#include "render/stream.h"

static json_t *tool_object(const struct ft_run *run)
{
	return json_pack("{s:s, s:s?, s:i}", "name", "folio-trace", "version", run->tool_version,
			 "capture_format", (int)run->format_version);
}

static json_t *kernel_object(const struct ft_run *run)
{
	return json_pack("{s:s?, s:s?, s:s?, s:s?}", "release", run->release, "version",
			 run->kernel_version, "machine", run->machine, "build_id", run->build_id);
}

static json_t *command_object(const struct ft_run *run)
{
	json_t *argv = json_array();
	json_t *exit, *sig;
	int i;

	for (i = 0; i < run->argc; i++)
		json_array_append_new(argv, json_value__text(run->argv[i]));
	exit = run->exit_status < 0 ? json_null() : json_integer(run->exit_status);
	sig = run->exit_signal ? json_integer(run->exit_signal) : json_null();
	return json_pack("{s:o, s:o, s:o, s:I}", "argv", argv, "exit", exit, "signal", sig,
			 "tasks_left", (json_int_t)run->tasks_left);
}

static json_t *clock_object(const struct ft_run *run)
{
	return json_pack("{s:s, s:I, s:I, s:I}", "id", "monotonic", "started_ns",
			 (json_int_t)run->started_ns, "ended_ns", (json_int_t)run->ended_ns,
			 "started_realtime_ns", (json_int_t)run->started_realtime_ns);
}

static json_t *counts_object(const struct ft_run *run)
{
	json_t *o = json_object();
	json_int_t all = 0;
	int v;

	for (v = FT_VERDICT_NONE; v <= FT_VERDICT_OVERPUT; v++)
		all += (json_int_t)run->count[v];
	json_object_set_new(o, "folios", json_integer(all));
	for (v = FT_VERDICT_BALANCED; v <= FT_VERDICT_OVERPUT; v++)
		json_object_set_new(o, ft_verdict__name(v),
				    json_integer((json_int_t)run->count[v]));
	json_object_set_new(o, "not_judged", json_integer((json_int_t)run->count[FT_VERDICT_NONE]));
	json_object_set_new(o, "events", json_integer((json_int_t)run->nr_events));
	return o;
}

/* Everything but the folios, in the order that a reader wants it. */
json_t *json_head__object(const struct ft_run *run)
{
	json_t *o = json_object();

	json_object_set_new(o, "schema_version", json_integer(FT_SCHEMA_VERSION));
	json_object_set_new(o, "tool", tool_object(run));
	json_object_set_new(o, "kernel", kernel_object(run));
	json_object_set_new(o, "command", command_object(run));
	if (run->target)
		json_object_set_new(o, "target", json_value__text(run->target));
	json_object_set_new(o, "source", json_value__text(run->source));
	json_object_set_new(o, "clock", clock_object(run));
	json_object_set_new(o, "coverage", json_accounting__coverage(run));
	json_object_set_new(o, "loss", json_accounting__loss(run));
	json_object_set_new(o, "overlaps", json_integer((json_int_t)run->loss.overlaps));
	json_object_set_new(o, "books", json_accounting__probes(run));
	json_object_set_new(o, "misfits", json_accounting__violations(run));
	json_object_set_new(o, "comparison", json_accounting__comparison(run));
	json_object_set_new(o, "complete", json_boolean(run->complete));
	json_object_set_new(o, "drained", json_boolean(run->drained));
	json_object_set_new(o, "flushed", json_boolean(run->flushed));
	json_object_set_new(o, "verdict", json_value__text(ft_run_verdict__name(run->verdict)));
	json_object_set_new(o, "reason", json_value__text(run->reason));
	json_object_set_new(o, "counts", counts_object(run));
	return o;
}

static int dump(json_t *o, size_t flags, FILE *out)
{
	int err = 0;

	/* A NULL is jansson out of memory: nothing else fails on our values. */
	if (!o)
		return -ENOMEM;
	if (json_dumpf(o, out, flags))
		err = stream__error(out) ? stream__error(out) : -EINVAL;
	json_decref(o);
	return err;
}

/* One member a line: a person looks at the head of the document, diff at all of it. */
static int dump_head(json_t *head, FILE *out)
{
	const char *key;
	json_t *value;
	int err = 0;

	json_object_foreach(head, key, value) {
		err = dump(json_pack("{s:O}", key, value), JSON_EMBED, out);
		if (err)
			break;
		fputs(",\n", out);
	}
	json_decref(head);
	return err;
}

int ft_json__document(const struct ft_run *run, const struct ft_json_options *opts, FILE *out)
{
	const char *sep = "\n";
	size_t i;
	int err;

	errno = 0;
	fputs("{\n", out);
	err = dump_head(json_head__object(run), out);
	if (err)
		return err;
	fputs("\"folios\": [", out);
	for (i = 0; i < run->nr_folios; i++) {
		if (run->folios[i]->hidden)
			continue;
		fputs(sep, out);
		sep = ",\n";
		err = dump(json_value__folio(run, run->folios[i], opts), 0, out);
		if (err)
			return err;
	}
	fputs("\n]}\n", out);
	return stream__error(out);
}
