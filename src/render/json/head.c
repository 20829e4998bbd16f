// SPDX-License-Identifier: GPL-2.0
/* What a document says of the run as a whole. */
#include "render/json/head.h"

#include "render.h"
#include "render/json/accounting.h"
#include "render/json/findings.h"
#include "render/json/member.h"
#include "render/json/owners.h"
#include "render/json/value.h"
#include "render/reason.h"

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
	member__int(o, "folios", all);
	for (v = FT_VERDICT_BALANCED; v <= FT_VERDICT_OVERPUT; v++)
		member__int(o, ft_verdict__name(v), run->count[v]);
	member__int(o, "not_judged", run->count[FT_VERDICT_NONE]);
	member__int(o, "events", run->nr_events);
	return o;
}

/* Everything but the folios, in the order that a reader wants it. */
json_t *json_head__object(const struct ft_run *run)
{
	json_t *o = json_object();

	member__int(o, "schema_version", FT_SCHEMA_VERSION);
	member__set(o, "tool", tool_object(run));
	member__set(o, "kernel", kernel_object(run));
	member__set(o, "command", command_object(run));
	if (run->target)
		member__set(o, "target", json_value__text(run->target));
	member__set(o, "source", json_value__text(run->source));
	member__set(o, "clock", clock_object(run));
	member__set(o, "coverage", json_accounting__coverage(run));
	member__set(o, "loss", json_accounting__loss(run));
	member__int(o, "overlaps", run->loss.overlaps);
	member__set(o, "books", json_accounting__probes(run));
	member__set(o, "misfits", json_accounting__violations(run));
	member__set(o, "comparison", json_accounting__comparison(run));
	member__set(o, "complete", json_boolean(run->complete));
	member__set(o, "drained", json_boolean(run->drained));
	member__set(o, "flushed", json_boolean(run->flushed));
	member__set(o, "verdict", json_value__text(ft_run_verdict__name(run->verdict)));
	member__set(o, "reason", json_value__sentence(reason__text(&run->reason).s));
	member__set(o, "reason_code", json_value__code(&run->reason));
	member__set(o, "counts", counts_object(run));
	member__set(o, "search", json_owners__search(run));
	member__set(o, "still_allocated", json_owners__still_allocated(run));
	member__set(o, "findings", json_findings__array(run));
	return o;
}
