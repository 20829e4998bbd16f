// SPDX-License-Identifier: GPL-2.0
/* The books: what ran, what was seen, what was not and what got lost. */
#include <inttypes.h>
#include <string.h>

#include "render/text_parts.h"

#define MISSING_MAX 4 /* hooks named without -v */

static void label(const struct text *t, const char *name)
{
	fprintf(t->out, "%s%-10s%s", t->c->dim, name, t->c->off);
}

static bool plain(const char *s)
{
	return *s && !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789_-./:=,+@%")];
}

static void command(const struct text *t)
{
	const struct ft_run *run = t->run;
	int i;

	label(t, "command");
	for (i = 0; i < run->argc; i++) {
		const char *quote = plain(run->argv[i]) ? "" : "'";

		fprintf(t->out, "%s%s", i ? " " : "", quote);
		text__foreign(t->out, run->argv[i]);
		fputs(quote, t->out);
	}
	if (!run->argc)
		fputs("none", t->out);
	if (run->exit_signal)
		fprintf(t->out, ": killed by signal %d", run->exit_signal);
	else if (run->exit_status >= 0)
		fprintf(t->out, ": exit status %d", run->exit_status);
	if (run->ended_ns > run->started_ns)
		fprintf(t->out, ", %.3f s", (double)(run->ended_ns - run->started_ns) / 1e9);
	if (run->tasks_left) {
		fputs(", ", t->out);
		text__plural(t->out, run->tasks_left, "process");
		fputs(" of it still running", t->out);
	}
	fputc('\n', t->out);
	label(t, "kernel");
	fprintf(t->out, "%s %s, ", run->release ? run->release : "unknown",
		run->machine ? run->machine : "");
	text__plural(t->out, run->cpus, "CPU");
	fputc('\n', t->out);
}

static void folios(const struct text *t)
{
	static const enum ft_verdict order[] = {
		FT_VERDICT_OVERPUT,  FT_VERDICT_LEAK,  FT_VERDICT_INCONCLUSIVE,
		FT_VERDICT_BALANCED, FT_VERDICT_FREED, FT_VERDICT_NONE,
	};
	const struct ft_run *run = t->run;
	const char *sep = ": ";
	uint64_t all = 0;
	size_t i;

	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		all += run->count[order[i]];
	label(t, "folios");
	text__number(t->out, all);
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		enum ft_verdict v = order[i];

		if (!run->count[v])
			continue;
		fputs(sep, t->out);
		text__number(t->out, run->count[v]);
		fprintf(t->out, " %s", v == FT_VERDICT_NONE ? "not judged" : ft_verdict__name(v));
		sep = ", ";
	}
	fputs("; ", t->out);
	text__plural(t->out, run->nr_events, "event");
	fputc('\n', t->out);
	if (!run->selected)
		return;
	all = 0;
	for (i = 0; i < run->nr_lives; i++)
		all += !run->lives[i]->hidden;
	label(t, "shown");
	text__number(t->out, all);
	fputs(" that match; the verdict is that of all\n", t->out);
}

static bool is_hook(const struct ft_site *s)
{
	return s->role != 0;
}

static void coverage(const struct text *t)
{
	const struct ft_run *run = t->run;
	size_t i, hooks = 0, attached = 0, sites = 0, probed = 0, named = 0, left = 0;

	for (i = 0; i < run->nr_sites; i++) {
		const struct ft_site *s = run->sites[i];

		if (is_hook(s))
			hooks++, attached += s->attached;
		else
			sites++, probed += s->attached;
	}
	label(t, "coverage");
	fprintf(t->out, "source %s: ", run->source ? run->source : "unknown");
	if (sites)
		fprintf(t->out, "%zu of %zu sites, ", probed, sites);
	fprintf(t->out, "%zu of %zu hooks", attached, hooks);
	for (i = 0; i < run->nr_sites; i++) {
		const struct ft_site *s = run->sites[i];

		if (s->attached)
			continue;
		if (named == MISSING_MAX && !t->opts->verbose) {
			left++;
			continue;
		}
		fprintf(t->out, "%s%s", named++ ? ", " : "; not ", s->function);
		if (s->why && t->opts->verbose)
			fprintf(t->out, " (%s)", s->why);
	}
	if (left)
		fprintf(t->out, " and %zu more (-v)", left);
	fputc('\n', t->out);
}

static void loss(const struct text *t)
{
	const struct ft_run *run = t->run;
	const struct ft_loss *l = &run->loss;
	const struct {
		const char *name;
		uint64_t n;
	} all[] = {
		{ "ring full", l->ring },
		{ "readings skipped", l->recursion },
		{ "births or deaths missed", l->missed },
		{ "no room to track a folio", l->tracked_full },
		{ "folio not tracked, busy", l->tracked_busy },
		{ "no room to follow a task", l->tasks_full },
		{ "finalize indices left out", l->index_left },
		{ "split children left out", l->child_left },
		{ "spool", l->spool },
		{ "malformed", run->nr_malformed },
		{ "gaps", l->gaps },
		{ "other", l->other },
		{ "bytes after the last whole frame", run->bytes_dropped },
		{ "conservation errors", l->conservation_errors },
	};
	const char *sep = "";
	size_t i;

	label(t, "loss");
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!all[i].n)
			continue;
		fprintf(t->out, "%s%s%s%s ", sep, t->c->yellow, all[i].name, t->c->off);
		text__number(t->out, all[i].n);
		sep = ", ";
	}
	if (!*sep)
		fputs("none", t->out);
	if (l->overlaps) {
		fputs("; ", t->out);
		text__plural(t->out, l->overlaps, "overlap");
		fputs(" that cancelled", t->out);
	}
	if (!run->complete)
		fputs("; the capture was cut off", t->out);
	else if (!run->drained)
		fputs("; LRU batches were not drained", t->out);
	fputc('\n', t->out);
}

void text__tail(const struct text *t)
{
	command(t);
	folios(t);
	coverage(t);
	loss(t);
}
