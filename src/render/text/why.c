// SPDX-License-Identifier: GPL-2.0
/* Failed splits and migrations, and who held the folio. */
#include <inttypes.h>

#include "render/names.h"
#include "render/reason.h"
#include "render/stream.h"
#include "render/text/parts.h"

#define MARGIN 4
#define COLUMN (MARGIN + LABEL_COLUMNS)

static void place(const struct text *t, const struct ft_event *e)
{
	fputs(", ", t->out);
	text__foreign(t->out, e->comm);
	fprintf(t->out, "/%" PRIu32 ", at %.3f ms", e->pid, text__ms(t, e->t_ns));
}

static const char *words(const struct ft_transient *h)
{
	static const char *const one[] = {
		[FT_FOR_UNKNOWN] = "taken",
		[FT_FOR_CALLER] = "the caller's own, taken",
		[FT_FOR_BATCH] = "in a per-CPU LRU batch, taken",
		[FT_FOR_ISOLATION] = "isolated, taken",
		[FT_FOR_PIN] = "pinned, taken",
	};

	return one[h->what];
}

static void stack(const struct text *t, const struct ft_transient *h)
{
	uint32_t i;

	text__source(t, h->site, COLUMN);
	if (!h->stack || h->stack->depth < 2)
		return;
	if (t->opts->verbose) {
		fprintf(t->out, "%*s%scalled by%s", COLUMN, "", t->c->dim, t->c->off);
		text__stack(t, h->stack, 1, COLUMN + LABEL_COLUMNS);
	} else {
		fprintf(t->out, "%*s%scalled by%s", COLUMN, "", t->c->dim, t->c->off);
		for (i = 1; i < h->stack->depth && i <= 5; i++) {
			fputs(i > 1 ? " < " : " ", t->out);
			text__foreign(t->out, h->stack->frames[i]->function);
		}
	}
	fputc('\n', t->out);
}

static void transient(const struct text *t, const struct ft_transient *h)
{
	bool own = h->what == FT_FOR_CALLER;

	text__label(t, MARGIN, own ? "caller" : "held");
	fprintf(t->out, "%s%" PRIu32 " ", own ? "" : t->c->bold, h->references);
	if (h->what == FT_FOR_UNKNOWN && h->class != FT_OWNER_OTHER)
		fprintf(t->out, "%s, ", name__owner(h->class, h->references));
	fprintf(t->out, "%s at ", words(h));
	text__site(t->out, h->site);
	fputs(t->c->off, t->out);
	place(t, h->event);
	if (h->never_put)
		fprintf(t->out, ", %snever put%s", t->c->red, t->c->off);
	fputc('\n', t->out);
	stack(t, h);
}

static void counts(const struct text *t, const struct ft_failure *f)
{
	static const char *const many[] = {
		[FT_TERM_MAPPINGS] = "mapping",	     [FT_TERM_SWAP_CACHE] = "swap cache",
		[FT_TERM_PAGE_CACHE] = "page cache", [FT_TERM_PRIVATE] = "private data",
		[FT_TERM_PRIVATE_2] = "private_2",   [FT_TERM_IDLE] = "idle device page",
		[FT_TERM_FUNCTION] = "the caller's",
	};
	const char *sep = " = ";
	size_t i;

	text__label(t, MARGIN, "refcount");
	fprintf(t->out, "%" PRId32, f->failed->refcount);
	for (i = 0; i < sizeof(many) / sizeof(*many); i++) {
		if (!many[i] || !f->expected.term[i])
			continue;
		fprintf(t->out, "%s%" PRId64 " %s%s", sep, f->expected.term[i], many[i],
			i == FT_TERM_MAPPINGS && f->expected.term[i] != 1 ? "s" : "");
		sep = " + ";
	}
	fprintf(t->out, "%s%s%" PRId64 " too many%s", sep, t->c->red, f->extra, t->c->off);
	if (f->pins && !(f->failed->flags & FT_PF_LARGE))
		fprintf(t->out, ", of which %s%" PRId64 " in steps of 1024: pins",
			f->nr_transients ? "" : "probably ", f->pins);
	else if (f->pins)
		fprintf(t->out, ", of which %" PRId64 " by its pincount", f->pins);
	fprintf(t->out, "; mapcount %" PRId32 "\n", f->failed->mapcount);
}

static void unknown(const struct text *t, const struct ft_failure *f)
{
	if (!f->unknown.code)
		return;
	text__label(t, MARGIN, "not known");
	if (f->unseen)
		fprintf(t->out, "who holds %" PRId64 ": ", f->unseen);
	fprintf(t->out, "%s\n", reason__text(&f->unknown).s);
	if (!f->after || !f->before)
		return;
	fprintf(t->out, "%*sit came between ", COLUMN, "");
	text__site(t->out, f->after->site);
	fprintf(t->out, " at %.3f ms and ", text__ms(t, f->after->t_ns));
	text__site(t->out, f->before->site);
	fprintf(t->out, " at %.3f ms\n", text__ms(t, f->before->t_ns));
}

static void failure(const struct text *t, const struct ft_failure *f)
{
	const struct ft_folio *folio = f->folio;
	size_t i;

	fprintf(t->out, "\n%s%s%s  %s, %s", t->c->bold, name__of(folio->id).s, t->c->off,
		ft_kind__name(folio->kind), name__size(t->run, f->failed->order).s);
	if (f->failed->order)
		fprintf(t->out, " (order %u)", f->failed->order);
	if (folio->pfn != FT_NO_PFN)
		fprintf(t->out, ", pfn 0x%" PRIx64, folio->pfn);
	fprintf(t->out, ": %s%s failed%s, -%s", t->c->red, f->migration ? "migration" : "split",
		t->c->off, name__error(f->value));
	if (f->times > 1)
		fprintf(t->out, ", %" PRIu32 " times until %.3f ms", f->times,
			text__ms(t, f->last_ns));
	fputc('\n', t->out);
	text__label(t, MARGIN, "in");
	text__site(t->out, f->failed->site);
	place(t, f->failed);
	fputc('\n', t->out);
	counts(t, f);
	for (i = 0; i < f->nr_transients; i++)
		if (f->transients[i].what != FT_FOR_CALLER)
			transient(t, &f->transients[i]);
	for (i = 0; i < f->nr_transients; i++)
		if (f->transients[i].what == FT_FOR_CALLER)
			transient(t, &f->transients[i]);
	if (f->nr_transients && f->confidence != FT_CERTAIN) {
		text__label(t, MARGIN, "");
		fprintf(t->out, "which gets these are is %s\n", ft_confidence__name(f->confidence));
	}
	unknown(t, f);
}

static void watched(const struct text *t, const struct ft_why *why)
{
	if (why->splits && why->migrations)
		return;
	text__label(t, 0, "coverage");
	fprintf(t->out, "%s not watched in this capture\n",
		why->splits	? "migrations were" :
		why->migrations ? "splits were" :
				  "neither splits nor migrations were");
}

static void head(const struct text *t, const struct ft_why *why)
{
	if (!why->nr) {
		fputs("no split and no migration failed because of references", t->out);
	} else {
		fputs("splits and migrations failed ", t->out);
		text__plural(t->out, why->nr_times, "time");
		fputs(" because of references too many", t->out);
	}
	if (why->others)
		fprintf(t->out, "; %" PRIu64 " with -EAGAIN or -EBUSY for other reasons",
			why->others);
	if (why->unread)
		fprintf(t->out, "; of %" PRIu64 " the counts could not be read", why->unread);
	fputc('\n', t->out);
}

int ft_text__why(const struct ft_run *run, const struct ft_why *why,
		 const struct ft_text_options *opts, FILE *out)
{
	const struct text t = text__start(run, opts, out);
	bool hint = false;
	size_t i;

	head(&t, why);
	for (i = 0; i < why->nr; i++) {
		failure(&t, &why->failures[i]);
		hint |= why->failures[i].nr_transients > 0;
	}
	fputc('\n', out);
	watched(&t, why);
	text__loss(&t);
	if (hint)
		text__hint(&t);
	return stream__error(out);
}
