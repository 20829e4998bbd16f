// SPDX-License-Identifier: GPL-2.0
/* The end of a report: the command, its folios, coverage and loss. */
#include <inttypes.h>
#include <string.h>

#include "render/text/parts.h"

static bool plain(const char *s)
{
	return *s && !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789_-./:=,+@%")];
}

static void command(const struct text *t)
{
	const struct ft_run *run = t->run;
	int i;

	text__label(t, 0, run->argc || !run->target ? "command" : "target");
	for (i = 0; i < run->argc; i++) {
		const char *quote = plain(run->argv[i]) ? "" : "'";

		fprintf(t->out, "%s%s", i ? " " : "", quote);
		text__foreign(t->out, run->argv[i]);
		fputs(quote, t->out);
	}
	if (!run->argc)
		fputs(run->target ? run->target : "none", t->out);
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
	if (run->argc && run->target) {
		text__label(t, 0, "target");
		fprintf(t->out, "%s\n", run->target);
	}
	text__label(t, 0, "kernel");
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
	text__label(t, 0, "folios");
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
	for (i = 0; i < run->nr_folios; i++)
		all += !run->folios[i]->hidden;
	text__label(t, 0, "shown");
	text__number(t->out, all);
	fputs(" that match; the verdict is that of all\n", t->out);
}

void text__hint(const struct text *t)
{
	const struct ft_line_finder *lines = t->opts->lines;
	const char *words = lines && lines->hint ? lines->hint(lines->arg) : NULL;

	if (!words)
		return;
	text__label(t, 0, "hint");
	fprintf(t->out, "%s\n", words);
}

static bool is_named(const struct ft_run *run)
{
	size_t i;

	for (i = 0; i < run->nr_folios; i++)
		if (run->folios[i]->nr_lost && run->folios[i]->lost[0].site)
			return true;
	return false;
}

static void whole(const struct text *t, bool is_whole)
{
	fputs(is_whole ? "" : " (not all)", t->out);
}

/* For living owners, at the end. */
static void search(const struct text *t)
{
	const struct ft_search *s = &t->run->search;

	if (!s->known || !(s->page_tables || s->pipes || s->sockets || s->rings || s->why))
		return;
	text__label(t, 0, "search");
	if (s->page_tables) {
		fputs("page tables of ", t->out);
		text__plural(t->out, s->processes, "process");
		whole(t, s->page_tables_whole);
		fputs(", ", t->out);
	}
	text__plural(t->out, s->pipes, "pipe");
	whole(t, s->pipes_whole);
	fputs("; ", t->out);
	if (s->sockets || s->rings) {
		text__plural(t->out, s->sockets, "socket");
		fputs(" and ", t->out);
		text__plural(t->out, s->rings, "ring");
		fputs(" that may hold a reference", t->out);
	} else {
		fputs("no socket or ring that may hold a reference", t->out);
	}
	whole(t, s->files_whole);
	if (s->why) {
		fputs("; ", t->out);
		text__foreign(t->out, s->why);
	}
	fputc('\n', t->out);
}

/* What a pass of this source is no proof of. */
static void unseen(const struct text *t)
{
	if (t->run->verdict != FT_RUN_PASS || t->run->exact)
		return;
	text__label(t, 0, "unseen");
	fputs("a put too many that another reference makes up for: source boundary reads counts, "
	      "--source inline sees operations\n",
	      t->out);
}

void text__tail(const struct text *t)
{
	command(t);
	folios(t);
	text__coverage(t);
	text__loss(t);
	search(t);
	unseen(t);
	if (is_named(t->run))
		text__hint(t);
}
