// SPDX-License-Identifier: GPL-2.0
/* One folio: what it is, what is wrong with its count, and its timeline. */
#include <inttypes.h>
#include <stdlib.h>

#include "render/names.h"
#include "render/owners.h"
#include "render/pairs.h"
#include "render/reason.h"
#include "render/text/parts.h"

#define MARGIN 4
#define COLUMN (MARGIN + LABEL_COLUMNS)

static void head(const struct text *t, const struct ft_folio *folio)
{
	fprintf(t->out, "%s%s%s  %s, %s", t->c->bold, name__of(folio->id).s, t->c->off,
		ft_kind__name(folio->kind), name__size(t->run, folio->order).s);
	if (folio->order)
		fprintf(t->out, " (order %u)", folio->order);
	if (folio->pfn != FT_NO_PFN)
		fprintf(t->out, ", pfn 0x%" PRIx64, folio->pfn);
	fputs(": ", t->out);
}

static void count(FILE *out, const char *name, int32_t n)
{
	if (n == FT_UNKNOWN)
		fprintf(out, "%s unknown", name);
	else
		fprintf(out, "%s %" PRId32, name, n);
}

static void reading(const struct text *t, const struct ft_reading *r)
{
	count(t->out, "refcount", r->refcount);
	fputs(", ", t->out);
	count(t->out, "mapcount", r->mapcount);
	fputs("; ", t->out);
	text__expected(t->out, &r->expected);
	fprintf(t->out, "; surplus %" PRId64, r->surplus);
}

static void at_rest(const struct text *t, const struct ft_folio *folio)
{
	const struct ft_reading *r = &folio->final;

	if (!r->valid) {
		text__label(t, MARGIN, "count");
		fputs("never read at rest\n", t->out);
		return;
	}
	text__label(t, MARGIN, r->at_rest ? "at rest" : "last seen");
	reading(t, r);
	if (folio->baseline)
		fprintf(t->out, ", of which %" PRId64 " was there when first seen",
			folio->baseline);
	fputc('\n', t->out);
}

static void lineage(const struct text *t, const struct ft_folio *folio)
{
	const char *sep = "";

	if (!folio->parent_id && !folio->migrated_to && !folio->children)
		return;
	text__label(t, MARGIN, "lineage");
	if (folio->parent_id)
		fprintf(t->out, "split from %s", name__of(folio->parent_id).s), sep = "; ";
	if (folio->migrated_to)
		fprintf(t->out, "%scontents moved to %s", sep, name__of(folio->migrated_to->id).s),
			sep = "; ";
	if (folio->children)
		fprintf(t->out, "%ssplit into %" PRIu32, sep, folio->children);
	fputc('\n', t->out);
}

#define CALLERS 5 /* of a place, in one line; the timeline has more */

/* Frame 0 is the place itself: it is left out. */
static void callers(const struct text *t, const struct ft_stack *stack, const char *name)
{
	uint32_t i;

	if (!stack || stack->depth < 2)
		return;
	if (t->opts->verbose) {
		fprintf(t->out, "%*s%s%s%s", MARGIN, "", t->c->dim, name, t->c->off);
		text__stack(t, stack, 1, COLUMN);
		fputc('\n', t->out);
		return;
	}
	text__label(t, MARGIN, name);
	for (i = 1; i < stack->depth && i <= CALLERS; i++) {
		fputs(i > 1 ? " < " : "", t->out);
		text__foreign(t->out, stack->frames[i]->function);
	}
	fputc('\n', t->out);
}

/* Where a reference was taken: at an event, or, if inferred, between two readings. */
static void lost_place(const struct text *t, const struct ft_lost *l)
{
	const struct ft_event *e = l->event;

	if (l->site) {
		text__site(t->out, l->site);
	} else if (l->in) {
		fputs("in ", t->out);
		text__site(t->out, l->in);
	} else if (e && !l->after) {
		text__site(t->out, e->site);
	} else if (e) {
		fputs("before ", t->out);
		text__site(t->out, e->site);
	} else {
		fputs("place not known", t->out);
		return;
	}
	if (!e)
		return;
	fputs(", ", t->out);
	text__foreign(t->out, e->comm ? e->comm : "");
	fprintf(t->out, "/%" PRIu32, e->pid);
	if (l->after && e->t_ns - l->after->t_ns >= 1000)
		fprintf(t->out, ", between %.3f and %.3f ms", text__ms(t, l->after->t_ns),
			text__ms(t, e->t_ns));
	else
		fprintf(t->out, ", at %.3f ms", text__ms(t, e->t_ns));
}

static void labelled(const struct text *t, const char *label, const char *words)
{
	if (!*words)
		return;
	text__label(t, MARGIN, label);
	text__wrapped(t->out, COLUMN, words);
}

/* The put that released a pin as a plain reference; whose reference a put took. */
static void other_half(const struct text *t, const struct ft_lost *l)
{
	const struct ft_event *e = l->other;

	if (!e)
		return;
	text__label(t, MARGIN, l->put ? "whose" : "put");
	fputs(t->c->bold, t->out);
	text__site(t->out, l->other_site ? l->other_site : e->site);
	fprintf(t->out, "%s, ", t->c->off);
	text__foreign(t->out, e->comm ? e->comm : "");
	fprintf(t->out, "/%" PRIu32 ", at %.3f ms%s\n", e->pid, text__ms(t, e->t_ns),
		l->put ? "" : ", as a plain reference");
	if (l->other_site)
		text__source(t, l->other_site, MARGIN);
}

/* The put went to the wrong folio. */
static void together(const struct text *t, const struct ft_folio *folio)
{
	const struct ft_folio *other = pairs__other(t->run, folio);

	if (!other)
		return;
	text__label(t, MARGIN, "together");
	fprintf(t->out, "%s%s%s ", t->c->bold, name__of(other->id).s, t->c->off);
	if (other->verdict == FT_VERDICT_LEAK)
		fputs("leaks as many, taken in the same call: they belong together\n", t->out);
	else
		fputs("was put as many times too often, in the same call: they belong together\n",
		      t->out);
}

static void lost(const struct text *t, const struct ft_folio *folio)
{
	size_t i;

	for (i = 0; i < folio->nr_lost; i++) {
		const struct ft_lost *l = &folio->lost[i];

		text__label(t, MARGIN,
			    l->put			 ? "put" :
			    l->class == FT_OWNER_MAPPING ? "mapped" :
							   "taken");
		fprintf(t->out, "%s", t->c->bold);
		lost_place(t, l);
		fprintf(t->out, "%s  (%s", t->c->off, ft_confidence__name(l->confidence));
		if (l->p > 0)
			fprintf(t->out, ", p %.2f", l->p);
		fputs(")\n", t->out);
		labelled(t, "", reason__of_lost(l).s);
		labelled(t, "", reason__calls(l).s);
		if (l->site)
			text__source(t, l->site, MARGIN);
		callers(t, l->stack, "called by");
		other_half(t, l);
		labelled(t, "no put", reason__answer(l).s);
		if (l->answered_by)
			text__source(t, l->answered_by, MARGIN);
		if (t->opts->verbose)
			callers(t, l->answered_stack, "that put was called by");
		labelled(t, "after", reason__after(l).s);
	}
}

/* That of a surplus repeats the counts, which are printed already. */
static void reason(const struct text *t, const struct ft_folio *folio)
{
	if (folio->reason.code != FT_REASON_SURPLUS || !folio->final.valid)
		labelled(t, "why", reason__text(&folio->reason).s);
}

int text__owners(const struct text *t, const struct ft_folio *folio, int margin)
{
	char *words = NULL;
	int code = owners__text(t->run, folio, &words);

	if (words) {
		text__label(t, margin, "owners");
		text__wrapped(t->out, margin + LABEL_COLUMNS, words);
	}
	free(words);
	return code;
}

int text__folio(const struct text *t, const struct ft_folio *folio, bool timeline,
		struct text_notes *notes)
{
	int code;

	head(t, folio);
	text__verdict(t, folio);
	fputc('\n', t->out);
	at_rest(t, folio);
	code = text__owners(t, folio, MARGIN);
	if (code)
		return code;
	lost(t, folio);
	together(t, folio);
	reason(t, folio);
	lineage(t, folio);
	if (!timeline || !folio->events)
		return 0;
	fputc('\n', t->out);
	return text__timeline(t, folio, notes);
}

void text__folio_line(const struct text *t, const struct ft_folio *folio)
{
	head(t, folio);
	text__verdict(t, folio);
	if (folio->died) {
		fprintf(t->out, " at %.3f ms", text__ms(t, folio->died_ns));
	} else if (folio->final.valid) {
		fputs(": ", t->out);
		reading(t, &folio->final);
	}
	fputc('\n', t->out);
}
