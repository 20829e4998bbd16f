// SPDX-License-Identifier: GPL-2.0
/* Coverage and loss: what was watched, what was not, and what was lost. */
#include <inttypes.h>
#include <string.h>

#include "render/text/parts.h"

#define NAMED_MAX 4 /* functions named without -v */

/* A comma-separated list of functions, of which only the first few are named. */
struct names {
	const struct text *t;
	const char *last;
	size_t named, left;
};

static void name(struct names *n, const struct ft_site *s, const char *first)
{
	/* the sites of one function are neighbours */
	if (n->last && !strcmp(n->last, s->function))
		return;
	n->last = s->function;
	if (n->named == NAMED_MAX && !n->t->opts->verbose) {
		n->left++;
		return;
	}
	fprintf(n->t->out, "%s%s", n->named++ ? ", " : first, s->function);
	if (s->why && n->t->opts->verbose)
		fprintf(n->t->out, " (%s)", s->why);
}

static void end_names(const struct names *n)
{
	if (n->left)
		fprintf(n->t->out, " and %zu more (-v)", n->left);
}

static void missing(const struct text *t, bool hooks, const char *first)
{
	struct names n = { .t = t };
	size_t i;

	for (i = 0; i < t->run->nr_sites; i++) {
		const struct ft_site *s = t->run->sites[i];

		if (!s->attached && (s->role != 0) == hooks)
			name(&n, s, first);
	}
	end_names(&n);
}

static void probes(const struct text *t, size_t sites, size_t probed)
{
	const struct ft_probe_accounting *p = &t->run->probe_accounting;

	if (sites) {
		text__label(t, 0, "sites");
		text__number(t->out, probed);
		fputs(" probed of ", t->out);
		text__number(t->out, sites);
		missing(t, false, "; refused in ");
		fputc('\n', t->out);
	}
	if (!p->there)
		return;
	text__label(t, 0, "probes");
	text__plural(t->out, p->hits, "hit");
	fputs(" = ", t->out);
	text__number(t->out, p->entered);
	fputs(" entered + ", t->out);
	text__number(t->out, p->missed);
	fputs(" missed; ", t->out);
	if (p->recorded) {
		text__number(t->out, p->recorded);
		fputs(" recorded, ", t->out);
	}
	text__number(t->out, p->filtered);
	fputs(" of other folios, ", t->out);
	text__number(t->out, p->false_sites);
	fputs(" of no folio", t->out);
	if (p->stack_missed) {
		fputs(", ", t->out);
		text__plural(t->out, p->stack_missed, "stack");
		fputs(" unavailable", t->out);
	}
	if (p->hits != p->entered + p->missed)
		fprintf(t->out, "%s, off by %" PRId64 "%s", t->c->yellow,
			(int64_t)(p->entered + p->missed - p->hits), t->c->off);
	if (!p->exact)
		fputs(" (read while probes were being hit)", t->out);
	fputc('\n', t->out);
}

static void modules(const struct text *t)
{
	size_t i;

	for (i = 0; i < t->run->nr_modules; i++) {
		const struct ft_module *m = &t->run->modules[i];

		text__label(t, 0, i ? "" : "modules");
		text__foreign(t->out, m->name);
		if (m->loaded_ns)
			fprintf(t->out, " loaded at %.3f ms", text__ms(t, m->loaded_ns));
		if (m->armed) {
			fputs(", ", t->out);
			text__plural(t->out, m->sites, "site");
			fprintf(t->out, " probed %.3f ms later", (double)m->window_ns / 1e6);
		} else {
			fputs(", not probed", t->out);
		}
		fputc('\n', t->out);
	}
}

void text__coverage(const struct text *t)
{
	const struct ft_run *run = t->run;
	size_t i, hooks = 0, attached = 0, sites = 0, probed = 0;

	for (i = 0; i < run->nr_sites; i++) {
		const struct ft_site *s = run->sites[i];

		if (s->role)
			hooks++, attached += s->attached;
		else
			sites++, probed += s->attached;
	}
	text__label(t, 0, "coverage");
	fprintf(t->out, "source %s: ", run->source ? run->source : "unknown");
	fprintf(t->out, "%zu of %zu hooks", attached, hooks);
	missing(t, true, "; not ");
	fputc('\n', t->out);
	probes(t, sites, probed);
	modules(t);
}

static void conservation(const struct text *t)
{
	const struct ft_run *run = t->run;
	size_t i;

	for (i = 0; i < run->nr_violations && (i < NAMED_MAX || t->opts->verbose); i++) {
		const struct ft_violation *v = &run->violations[i];

		text__label(t, 0, i ? "" : "violation");
		text__plural(t->out, v->folios, "folio");
		fprintf(t->out, " off by %+" PRId64 " between ", v->off);
		text__site(t->out, v->before);
		fputs(" and ", t->out);
		text__site(t->out, v->after);
		fprintf(t->out, " (F%" PRIu32 ")\n", v->example);
	}
}

/* Operations that only one of two sources saw, by the reason. */
static void alone(const struct text *t, const struct ft_comparison *c)
{
	static const char *const what[] = {
		[FT_ALONE_REFUSED] = " in functions with a refused site, ",
		[FT_ALONE_EDGE] = " at the birth or end of a folio, ",
		[FT_ALONE_MISSED] = " counted as missed, ",
	};
	unsigned int why;

	text__label(t, 0, "");
	for (why = FT_ALONE_UNEXPLAINED + 1; why < FT_ALONE_COUNT; why++) {
		if (!c->alone[why])
			continue;
		text__number(t->out, c->alone[why]);
		fputs(what[why], t->out);
	}
	text__number(t->out, c->alone[FT_ALONE_UNEXPLAINED]);
	fputs(" unexplained\n", t->out);
}

static void comparison(const struct text *t)
{
	const struct ft_comparison *c = &t->run->comparison;
	size_t i;

	if (!c->made)
		return;
	text__label(t, 0, "compared");
	text__plural(t->out, c->folios, "folio");
	fputs(": ", t->out);
	text__number(t->out, c->matched);
	fputs(" operations seen by both, ", t->out);
	if (c->elsewhere) {
		text__number(t->out, c->elsewhere);
		fputs(" by both around a tail call, ", t->out);
	}
	text__number(t->out, c->page_ref - c->matched - c->elsewhere);
	fputs(" by page_ref alone, ", t->out);
	text__number(t->out, c->inlined - c->matched - c->elsewhere);
	fputs(" by inline alone\n", t->out);
	if (c->nr_differences)
		alone(t, c);
	for (i = 0; i < c->nr_differences && (i < NAMED_MAX || t->opts->verbose); i++) {
		const struct ft_difference *d = &c->differences[i];

		text__label(t, 0, "");
		fprintf(t->out,
			"%+" PRId32 " in %s: %" PRIu64 " only page_ref, %" PRIu64
			" only inline (%s)\n",
			d->delta, d->function, d->only_page_ref, d->only_inline,
			ft_alone__name(d->why));
	}
}

static void causes(const struct text *t)
{
	const struct ft_run *run = t->run;
	const struct ft_loss *l = &run->loss;
	uint64_t operations = l->missed_probes + l->missed_refs;
	const struct {
		const char *name;
		uint64_t n;
	} all[] = {
		{ "ring full", l->ring },
		{ "readings skipped", l->recursion },
		{ "births or deaths missed", l->missed > operations ? l->missed - operations : 0 },
		{ "probe hits missed", l->missed_probes },
		{ "operations missed", l->missed_refs },
		{ "no room to track a folio", l->tracked_full },
		{ "folio not tracked, busy", l->tracked_busy },
		{ "no room to follow a task", l->tasks_full },
		{ "finalize indices left out", l->index_left },
		{ "split children left out", l->child_left },
		{ "ends seen by the last put alone", l->death_unseen },
		{ "spool", l->spool },
		{ "malformed", run->nr_malformed },
		{ "gaps", l->gaps },
		{ "other", l->other },
		{ "bytes after the last whole frame", run->bytes_dropped },
		{ "conservation errors", l->conservation_errors },
	};
	const char *sep = "";
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!all[i].n)
			continue;
		fprintf(t->out, "%s%s%s%s ", sep, t->c->yellow, all[i].name, t->c->off);
		text__number(t->out, all[i].n);
		sep = ", ";
	}
	if (!*sep)
		fputs("none", t->out);
}

void text__loss(const struct text *t)
{
	const struct ft_run *run = t->run;
	const struct ft_loss *l = &run->loss;

	text__label(t, 0, "loss");
	causes(t);
	if (l->missed_probes + l->missed_refs && !l->conservation_errors && !run->nr_unchecked)
		fputs("; still, every folio's operations add up to its count", t->out);
	if (l->overlaps) {
		fputs("; ", t->out);
		text__plural(t->out, l->overlaps, "overlap");
		fputs(" that cancelled", t->out);
	}
	if (!run->complete)
		fputs("; the capture was cut off", t->out);
	else if (!run->drained)
		fputs("; LRU batches were not drained", t->out);
	else if (!run->flushed)
		fputs("; journals were not committed", t->out);
	fputc('\n', t->out);
	conservation(t);
	comparison(t);
}
