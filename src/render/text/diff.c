// SPDX-License-Identifier: GPL-2.0
/* Two runs side by side. */
#include <inttypes.h>
#include <string.h>

#include "render/names.h"
#include "render/reason.h"
#include "render/stream.h"
#include "render/text/parts.h"

#define CONTEXT 3   /* equal steps shown around one that differs */
#define ROWS 12	    /* of a list without -v */
#define TIMELINES 4 /* shown without -v; those that end otherwise are always shown */

static void error_of(const struct text *t, int64_t result)
{
	const char *name = name__error(result);

	if (name)
		fprintf(t->out, " = -%s", name);
	else if (result)
		fprintf(t->out, " = %" PRId64, result);
}

static void step(const struct text *t, const struct ft_step *s)
{
	switch (s->what) {
	case FT_STEP_CALL:
		fprintf(t->out, "%-5s%s", "call", s->function);
		error_of(t, s->result);
		break;
	case FT_STEP_GET:
	case FT_STEP_PUT:
		fprintf(t->out, "%-5s", s->what == FT_STEP_GET ? "get" : "put");
		text__foreign(t->out, s->function ? s->function : "?");
		if (s->module)
			fprintf(t->out, " [%s]", s->module);
		if (s->caller) {
			fputs(" < ", t->out);
			text__foreign(t->out, s->caller);
		}
		break;
	case FT_STEP_MARK:
		fputs(name__step(s), t->out);
		break;
	case FT_STEP_CHECKPOINT:
		fprintf(t->out, "at   %s", name__step(s));
		break;
	}
}

static void line(const struct text *t, const struct ft_diff_line *l)
{
	const struct ft_step *s = l->a ? l->a : l->b;
	const char *side = !l->b ? "A -" : !l->a ? "B +" : l->differs ? "A|B" : "   ";
	const char *colour = !l->b	? t->c->red :
			     !l->a	? t->c->green :
			     l->differs ? t->c->yellow :
					  "";

	fprintf(t->out, "    %s%s  ", colour, side);
	step(t, s);
	if (l->differs)
		fprintf(t->out, ": surplus %" PRId64 " | %" PRId64, l->a->surplus, l->b->surplus);
	fprintf(t->out, "%s\n", *colour ? t->c->off : "");
}

static bool is_different(const struct ft_diff_line *l)
{
	return l->differs || !l->a || !l->b;
}

static bool is_context(const struct ft_diff_timeline *s, size_t at)
{
	size_t i = at > CONTEXT ? at - CONTEXT : 0;

	for (; i < s->nr && i <= at + CONTEXT; i++)
		if (is_different(&s->line[i]))
			return true;
	return false;
}

static void print_side(const struct text *t, char side, const struct ft_timeline *timeline)
{
	const struct ft_folio *folio = timeline->folio;

	fprintf(t->out, "%c %s%s%s ", side, t->c->bold, name__of(folio->id).s, t->c->off);
	if (folio->verdict >= FT_VERDICT_LEAK)
		fputs(t->c->red, t->out);
	fputs(folio->verdict == FT_VERDICT_NONE ? "not judged" : ft_verdict__name(folio->verdict),
	      t->out);
	fputs(t->c->off, t->out);
	if (timeline->folios > 1)
		fprintf(t->out, " and %" PRIu64 " like it", timeline->folios - 1);
}

/* The sentence of the first one is the first line of the report. */
static void timeline(const struct text *t, const struct ft_diff_timeline *s, bool is_first)
{
	const struct ft_folio *folio = (s->a ? s->a : s->b)->folio;
	bool skipped = false;
	size_t i;

	fputc('\n', t->out);
	if (s->a)
		print_side(t, 'A', s->a);
	if (s->a && s->b)
		fputs(", ", t->out);
	if (s->b)
		print_side(t, 'B', s->b);
	fprintf(t->out, ": %s, %s", ft_kind__name(folio->kind), name__size(t->run, folio->order).s);
	if (folio->order)
		fprintf(t->out, " (order %u)", folio->order);
	if (!s->a || !s->b)
		fprintf(t->out, "; nothing like it in %c", s->a ? 'B' : 'A');
	fputc('\n', t->out);
	if (s->reason.code && !is_first) {
		fputs("    ", t->out);
		text__wrapped(t->out, 4, reason__of_diff(s).s);
	}
	if ((!s->a || !s->b) && !t->opts->verbose)
		return;
	for (i = 0; i < s->nr; i++) {
		if (t->opts->verbose || is_context(s, i))
			line(t, &s->line[i]);
		else if (!skipped)
			fprintf(t->out, "    %s...%s\n", t->c->dim, t->c->off);
		skipped = !t->opts->verbose && !is_context(s, i);
	}
	if ((s->a && s->a->cut) || (s->b && s->b->cut))
		fprintf(t->out, "    only the first %d steps are compared\n", FT_STEPS_MAX);
}

static void more(const struct text *t, size_t left)
{
	if (left)
		fprintf(t->out, "    %s%zu more, shown with -v%s\n", t->c->dim, left, t->c->off);
}

static void pairs(const struct text *t, const struct ft_diff *d)
{
	size_t i;

	if (!d->operations) {
		fputs("\nGets and puts are not compared: that takes two captures of the sources "
		      "inline or page_ref.\n",
		      t->out);
		return;
	}
	if (d->nr_pairs)
		fputs("\nGets that another put answers:\n", t->out);
	for (i = 0; i < d->nr_pairs && (t->opts->verbose || i < ROWS); i++) {
		const struct ft_diff_pair *p = &d->pairs[i];

		fprintf(t->out, "    only %c, %" PRIu64 " times: ", p->a ? 'A' : 'B', p->a + p->b);
		text__foreign(t->out, p->get);
		fputs(p->put ? " put by " : " never put", t->out);
		if (p->put)
			text__foreign(t->out, p->put);
		if (p->put_module)
			fprintf(t->out, " [%s]", p->put_module);
		fputc('\n', t->out);
	}
	more(t, d->nr_pairs - i);
}

static void calls(const struct text *t, const struct ft_diff *d)
{
	size_t i;

	if (d->nr_calls)
		fputs("\nCalls in one of them only:\n", t->out);
	for (i = 0; i < d->nr_calls && (t->opts->verbose || i < ROWS); i++) {
		const struct ft_diff_call *c = &d->calls[i];

		fprintf(t->out, "    only %c, %" PRIu64 " times: %s", c->a ? 'A' : 'B', c->a + c->b,
			c->function);
		error_of(t, c->result);
		if (c->missing)
			fprintf(t->out, "; not watched in %c", c->a ? 'B' : 'A');
		fputc('\n', t->out);
	}
	more(t, d->nr_calls - i);
}

static void head(const struct text *t, char side, const struct ft_run *run, const char *name)
{
	fprintf(t->out, "%c  %s%s%s: ", side, t->c->bold, ft_run_verdict__name(run->verdict),
		t->c->off);
	text__foreign(t->out, run->release ? run->release : "unknown kernel");
	fprintf(t->out, ", source %s, ", run->source ? run->source : "unknown");
	text__foreign(t->out, name);
	fputc('\n', t->out);
}

static bool ends_otherwise(const struct ft_diff_timeline *s)
{
	enum ft_verdict a = s->a ? s->a->folio->verdict : FT_VERDICT_NONE,
			b = s->b ? s->b->folio->verdict : FT_VERDICT_NONE;

	return a != b && (a >= FT_VERDICT_INCONCLUSIVE || b >= FT_VERDICT_INCONCLUSIVE);
}

int ft_text__diff(const struct ft_diff *d, const char *name_a, const char *name_b,
		  const struct ft_text_options *opts, FILE *out)
{
	const struct text t = text__start(d->a, opts, out);
	size_t i, left = 0;

	if (d->nr_timelines && d->timelines[0].reason.code)
		fprintf(out, "%s%s%s\n", t.c->bold, reason__of_diff(&d->timelines[0]).s, t.c->off);
	fputs(d->differ ? "They differ: " : "The same: ", out);
	fprintf(out, "timelines alike in both: %" PRIu64 "; different, or in one only: %zu\n",
		d->same, d->nr_timelines);
	head(&t, 'A', d->a, name_a);
	head(&t, 'B', d->b, name_b);
	for (i = 0; i < d->nr_timelines; i++)
		if (opts->verbose || i < TIMELINES || ends_otherwise(&d->timelines[i]))
			timeline(&t, &d->timelines[i], i == 0);
		else
			left++;
	more(&t, left);
	pairs(&t, d);
	calls(&t, d);
	return stream__error(out);
}
