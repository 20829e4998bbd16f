// SPDX-License-Identifier: GPL-2.0
/* What is wrong, in a few words: of one folio, and of all. */
#include <inttypes.h>

#include "render/allocated.h"
#include "render/text/parts.h"

/* "2 pins, 1 mapping and 3 references": those above 0. False: there are none. */
static bool units(FILE *out, const struct ft_units *u)
{
	const struct {
		int64_t n;
		const char *noun;
	} part[] = { { u->pins, "pin" },
		     { u->mappings, "mapping" },
		     { u->references, "reference" } };
	size_t i, left = 0;
	bool any = false;

	for (i = 0; i < 3; i++)
		left += part[i].n > 0;
	for (i = 0; i < 3; i++) {
		if (part[i].n <= 0)
			continue;
		fputs(!any ? "" : left == 1 ? " and " : ", ", out);
		text__plural(out, (uint64_t)part[i].n, part[i].noun);
		any = true;
		left--;
	}
	return any;
}

static void leak(const struct text *t, const struct ft_folio *folio)
{
	struct ft_units u = ft_folio__lost_units(folio);
	int64_t mappings = u.mappings > 0 ? u.mappings : 0;

	u.mappings = 0;
	if (folio->free_while_mapped) {
		fputs("freed while mapped", t->out);
		return;
	}
	if (u.pins > 0 || u.references > 0) {
		fputs("leaks ", t->out);
		units(t->out, &u);
		fputs(mappings ? ", " : "", t->out);
	} else if (!mappings) {
		fputs("leaks a reference", t->out);
	}
	if (!mappings)
		return;
	fputs("lost ", t->out);
	text__plural(t->out, (uint64_t)mappings, "mapping");
	fputs(mappings == 1 ? " and its reference" : " and their references", t->out);
}

static void overput(const struct text *t, const struct ft_folio *folio)
{
	const struct ft_units u = ft_folio__lost_units(folio);
	const char *sep = "";

	if (folio->free_while_mapped) {
		fputs("freed while mapped: put too often", t->out);
		return;
	}
	if (folio->free_while_held) {
		fputs("freed while held", t->out);
		return;
	}
	if (u.references < 0) {
		text__number(t->out, (uint64_t)-u.references);
		fputs(u.references == -1 ? " put too many" : " puts too many", t->out);
		sep = ", ";
	}
	if (u.pins < 0) {
		fputs(sep, t->out);
		text__plural(t->out, (uint64_t)-u.pins, "pin");
		fputs(" released too often", t->out);
		sep = ", ";
	}
	if (u.mappings < 0) {
		fputs(sep, t->out);
		text__plural(t->out, (uint64_t)-u.mappings, "mapping");
		fputs(" removed too often", t->out);
		sep = ", ";
	}
	if (!*sep)
		fputs("put too often", t->out);
}

static void bad(const struct text *t, const struct ft_folio *folio)
{
	fputs(t->c->red, t->out);
	if (folio->reason.code == FT_REASON_GET_ON_FREED) {
		fputs("a reference was taken after it was freed", t->out);
	} else if (folio->reason.code == FT_REASON_PIN_PUT_AS_REFERENCE) {
		text__plural(t->out, (uint64_t)folio->reason.n[0], "pin");
		fputs(folio->reason.n[0] == 1 ? " released as a plain reference" :
						" released as plain references",
		      t->out);
	} else if (folio->verdict == FT_VERDICT_LEAK) {
		leak(t, folio);
	} else {
		overput(t, folio);
	}
}

void text__verdict(const struct text *t, const struct ft_folio *folio)
{
	switch (folio->verdict) {
	case FT_VERDICT_LEAK:
	case FT_VERDICT_OVERPUT:
		bad(t, folio);
		break;
	case FT_VERDICT_INCONCLUSIVE:
		fprintf(t->out, "%sinconclusive", t->c->yellow);
		break;
	case FT_VERDICT_FREED:
		fputs("freed", t->out);
		break;
	case FT_VERDICT_BALANCED:
		fputs(allocated__is(folio) ? "still allocated" : "balanced", t->out);
		break;
	case FT_VERDICT_NONE:
		fputs("not judged", t->out);
		break;
	}
	fputs(t->c->off, t->out);
}

/* Of all leaked, or all over-put, folios. */
static struct ft_units sum(const struct ft_run *run, enum ft_verdict v)
{
	struct ft_units all = { 0 };
	size_t i;

	for (i = 0; i < run->nr_folios; i++) {
		struct ft_units u;

		if (run->folios[i]->verdict != v)
			continue;
		u = ft_folio__lost_units(run->folios[i]);
		all.references += u.references;
		all.pins += u.pins;
		all.mappings += u.mappings;
	}
	return all;
}

static void overputs(const struct text *t, uint64_t folios, const struct ft_units *u)
{
	int64_t times = -(u->references + u->pins);

	text__plural(t->out, folios, "folio");
	if (u->references + u->pins >= 0 && u->mappings < 0) {
		fputs(folios == 1 ? " was unmapped " : " were unmapped ", t->out);
		times = -u->mappings;
	} else {
		fputs(folios == 1 ? " was put " : " were put ", t->out);
	}
	if (times > 0) {
		text__plural(t->out, (uint64_t)times, "time");
		fputc(' ', t->out);
	}
	fputs("too often", t->out);
}

static void leaks(const struct text *t, uint64_t folios, const struct ft_units *u)
{
	text__plural(t->out, folios, "folio");
	fputs(folios == 1 ? " leaks " : " leak ", t->out);
	if (!units(t->out, u))
		fputs(folios == 1 ? "a reference" : "references", t->out);
}

void text__sum(const struct text *t, const struct ft_group *g)
{
	if (g->story->verdict == FT_VERDICT_LEAK)
		leaks(t, g->nr, &g->units);
	else
		overputs(t, g->nr, &g->units);
}

/* With --strict what is still allocated fails as well. */
static void allocated_line(const struct text *t, const char *sep)
{
	int64_t pages = 0;
	size_t i;

	for (i = 0; t->opts->strict && i < t->run->nr_folios; i++)
		if (allocated__is(t->run->folios[i]))
			pages += allocated__of(t->run->folios[i]).pages;
	if (!pages)
		return;
	fputs(sep, t->out);
	text__plural(t->out, (uint64_t)pages, "page");
	fputs(pages == 1 ? " is still allocated" : " are still allocated", t->out);
}

static void findings(const struct text *t)
{
	uint64_t nr_leaks = t->run->count[FT_VERDICT_LEAK];
	uint64_t nr_overputs = t->run->count[FT_VERDICT_OVERPUT];
	struct ft_units u;

	if (nr_overputs) {
		u = sum(t->run, FT_VERDICT_OVERPUT);
		overputs(t, nr_overputs, &u);
	}
	if (nr_leaks) {
		fputs(nr_overputs ? ", " : "", t->out);
		u = sum(t->run, FT_VERDICT_LEAK);
		leaks(t, nr_leaks, &u);
	}
	/* many folios, few bugs */
	if (t->run->nr_groups && t->run->nr_groups < nr_leaks + nr_overputs) {
		fputs(" (", t->out);
		text__plural(t->out, t->run->nr_groups, "finding");
		fputc(')', t->out);
	}
}

bool text__fail(const struct text *t)
{
	const char *sep = t->run->verdict == FT_RUN_FAIL ? ", " : "";

	if (t->run->verdict != FT_RUN_FAIL && !(t->opts->strict && allocated__any(t->run)))
		return false;
	fprintf(t->out, "%sFAIL%s: ", t->c->red, t->c->off);
	if (*sep)
		findings(t);
	allocated_line(t, sep);
	return true;
}
