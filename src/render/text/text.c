// SPDX-License-Identifier: GPL-2.0
/* The report: the verdict first, coverage and loss last. */
#include <inttypes.h>
#include <string.h>

#include "render/names.h"
#include "render/reason.h"
#include "render/stream.h"
#include "render/text/parts.h"

static uint64_t judged(const struct ft_run *run)
{
	return run->count[FT_VERDICT_BALANCED] + run->count[FT_VERDICT_FREED] +
	       run->count[FT_VERDICT_INCONCLUSIVE] + run->count[FT_VERDICT_LEAK] +
	       run->count[FT_VERDICT_OVERPUT];
}

static void verdict_line(const struct text *t)
{
	const struct ft_run *run = t->run;

	if (text__fail(t)) {
		fputc('\n', t->out);
		return;
	}
	switch (run->verdict) {
	case FT_RUN_FAIL:
		break;
	case FT_RUN_INCONCLUSIVE:
		fprintf(t->out, "%sINCONCLUSIVE%s: %s", t->c->yellow, t->c->off,
			run->reason.code ? reason__text(&run->reason).s : "no reason given");
		break;
	case FT_RUN_PASS:
		fprintf(t->out, "%sPASS%s: no folio leaks, ", t->c->green, t->c->off);
		text__plural(t->out, judged(run), "folio");
		fputs(" judged", t->out);
		break;
	}
	fputc('\n', t->out);
}

static void footnotes(const struct text *t, const struct text_notes *notes)
{
	bool boundary = t->run->source && !strcmp(t->run->source, "boundary");

	if (!boundary || !(notes->has_checkpoints || notes->has_unseen))
		return;
	fprintf(t->out, "\n%s", t->c->dim);
	fputs("Source boundary sees functions being entered and left. What happened between two\n"
	      "lines is inferred from their counts",
	      t->out);
	if (notes->has_checkpoints)
		fputs("; AFTER folio_put stands for the return of the\nfinalize function", t->out);
	fprintf(t->out, ".%s\n", t->c->off);
}

static int others(const struct text *t)
{
	const struct ft_run *run = t->run;
	bool any = false;
	int err = 0;
	size_t i;

	for (i = 0; t->opts->verbose && i < run->nr_folios && !err; i++) {
		enum ft_verdict v = run->folios[i]->verdict;

		if (run->folios[i]->hidden)
			continue;
		if (v != FT_VERDICT_BALANCED && v != FT_VERDICT_FREED && v != FT_VERDICT_NONE)
			continue;
		if (!any)
			fputc('\n', t->out);
		any = true;
		text__folio_line(t, run->folios[i]);
		err = text__owners(t, run->folios[i], 4);
		text__checkpoints(t, run->folios[i]);
	}
	return err;
}

int ft_text__timeline(const struct ft_run *run, const struct ft_text_options *opts, FILE *out)
{
	const struct text t = text__start(run, opts, out);
	struct text_notes notes = { 0 };
	const char *between = "";
	int err = 0;

	for (size_t i = 0; i < run->nr_folios && !err; i++) {
		if (run->folios[i]->hidden)
			continue;
		fputs(between, out);
		between = "\n";
		err = text__folio(&t, run->folios[i], true, &notes);
	}
	if (err)
		return err;
	if (*between)
		footnotes(&t, &notes);
	else
		fprintf(out, "no folio of %zu matches\n", run->nr_folios);
	return stream__error(out);
}

int ft_text__report(const struct ft_run *run, const struct ft_text_options *opts, FILE *out)
{
	const struct text t = text__start(run, opts, out);
	struct text_notes notes = { 0 };
	int err;

	verdict_line(&t);
	err = text__bad(&t, &notes);
	if (err)
		return err;
	footnotes(&t, &notes);
	err = text__inconclusive(&t);
	if (err)
		return err;
	err = text__still_allocated(&t);
	if (!err)
		err = others(&t);
	if (err)
		return err;
	fputc('\n', out);
	text__tail(&t);
	return stream__error(out);
}
