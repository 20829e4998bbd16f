// SPDX-License-Identifier: GPL-2.0
/*
 * Findings, the story of one folio each, and inconclusive folios by reason. What makes folios one
 * finding the core says (struct ft_group).
 */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "render/names.h"
#include "render/reason.h"
#include "render/text/parts.h"

#define TIMELINES_MAX 5	 /* of findings that are shown in full without -v */
#define FINDINGS_MAX 100 /* that have a line without -v */
#define NAMES_MAX 8	 /* of the folios that are like the one that is shown */
#define REASONS_MAX 6	 /* reasons of inconclusive folios without -v */

/* Folios of one reason. */
struct undecided {
	const struct ft_folio *first;
	uint64_t nr;
	uint32_t name[NAMES_MAX]; /* the others' */
};

/* Equal but for the numbers in them, which are times, counts and folio names. */
static bool same_words(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	while (*a && *b) {
		if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
			a += strspn(a, "0123456789");
			b += strspn(b, "0123456789");
		} else if (*a++ != *b++) {
			return false;
		}
	}
	return *a == *b;
}

/* The same sentence but for the numbers in it, those of a name among them. */
static bool same_reason(const struct ft_folio *a, const struct ft_folio *b)
{
	const struct ft_reason *x = &a->reason, *y = &b->reason;

	return x->code == y->code && same_words(x->comm, y->comm) &&
	       same_words(x->site ? x->site->function : NULL, y->site ? y->site->function : NULL);
}

/* The first of them, and how many more there are. */
static void names(const struct text *t, const uint32_t *name, size_t nr, uint64_t all)
{
	size_t i;

	for (i = 0; i < nr; i++)
		fprintf(t->out, " %s", name__of(name[i]).s);
	if (all > nr) {
		fputs(" and ", t->out);
		text__number(t->out, all - nr);
		fputs(" more", t->out);
	}
}

/* Those of a finding whose timeline is not shown. */
static void others(const struct text *t, const struct ft_group *g)
{
	uint32_t name[NAMES_MAX];
	size_t i, nr = 0;

	for (i = 0; i < g->nr_all && nr < NAMES_MAX; i++)
		if (!g->folios[i]->hidden && g->folios[i] != g->story)
			name[nr++] = g->folios[i]->id;
	fprintf(t->out, "    %sand ", t->c->bold);
	text__number(t->out, g->nr - 1);
	fprintf(t->out, " more like it:%s", t->c->off);
	names(t, name, nr, g->nr - 1);
	fputs(", each in full with -v\n    together ", t->out);
	text__sum(t, g);
	fputc('\n', t->out);
}

static int print_finding(const struct text *t, const struct ft_group *g, struct text_notes *notes)
{
	int err;

	fputc('\n', t->out);
	err = text__folio(t, g->story, true, notes);
	if (!err && g->nr > 1)
		others(t, g);
	return err;
}

/* Without its timeline. */
static void finding_line(const struct text *t, const struct ft_group *g)
{
	text__folio_line(t, g->story);
	if (g->nr == 1)
		return;
	fputs("    and ", t->out);
	text__number(t->out, g->nr - 1);
	fputs(" more like it\n", t->out);
}

static bool shown(const struct text *t, size_t i, enum ft_verdict v)
{
	return !t->run->folios[i]->hidden && t->run->folios[i]->verdict == v;
}

static bool is_wrong(const struct text *t, size_t i, enum ft_severity s)
{
	return !t->run->folios[i]->hidden && ft_folio__severity(t->run->folios[i]) == s;
}

static int print_each_bad(const struct text *t, struct text_notes *notes)
{
	enum ft_severity s;
	size_t i;
	int err = 0;

	for (s = FT_SEVERITY_OVERPUT; s > FT_SEVERITY_NONE; s--) {
		for (i = 0; i < t->run->nr_folios && !err; i++) {
			if (!is_wrong(t, i, s))
				continue;
			fputc('\n', t->out);
			err = text__folio(t, t->run->folios[i], true, notes);
		}
	}
	return err;
}

int text__bad(const struct text *t, struct text_notes *notes)
{
	size_t i, nr = 0;
	int err = 0;

	if (t->opts->verbose)
		return print_each_bad(t, notes);
	for (i = 0; i < t->run->nr_groups && !err; i++) {
		const struct ft_group *g = &t->run->groups[i];

		if (!g->nr)
			continue;
		if (nr == TIMELINES_MAX)
			fputs("\nOthers, in full with -v:\n", t->out);
		if (nr < TIMELINES_MAX)
			err = print_finding(t, g, notes);
		else if (nr < FINDINGS_MAX)
			finding_line(t, g);
		nr++;
	}
	if (nr > FINDINGS_MAX) {
		fputs("and ", t->out);
		text__plural(t->out, nr - FINDINGS_MAX, "more finding");
		fputc('\n', t->out);
	}
	return err;
}

static int print_each_inconclusive(const struct text *t)
{
	struct text_notes notes = { 0 };
	size_t i;
	int err = 0;

	for (i = 0; i < t->run->nr_folios && !err; i++)
		if (shown(t, i, FT_VERDICT_INCONCLUSIVE))
			err = text__folio(t, t->run->folios[i], true, &notes);
	return err;
}

static int print_undecided(const struct text *t, const struct undecided *u)
{
	int err;

	fprintf(t->out, "%8" PRIu64 "  ", u->nr);
	text__wrapped(t->out, 10,
		      u->first->reason.code ? reason__text(&u->first->reason).s :
					      "no reason given");
	fprintf(t->out, "%10s", "");
	text__folio_line(t, u->first);
	err = text__owners(t, u->first, 10);
	if (u->nr > 1) {
		fprintf(t->out, "%10sand", "");
		names(t, u->name, u->nr - 1 < NAMES_MAX ? u->nr - 1 : NAMES_MAX, u->nr - 1);
		fputc('\n', t->out);
	}
	return err;
}

/* The folios of the first reasons; how many have others. */
static uint64_t by_reason(const struct text *t, struct undecided *list, size_t *nr)
{
	uint64_t left = 0;
	size_t i, j;

	*nr = 0;
	for (i = 0; i < t->run->nr_folios; i++) {
		const struct ft_folio *folio = t->run->folios[i];

		if (!shown(t, i, FT_VERDICT_INCONCLUSIVE))
			continue;
		for (j = 0; j < *nr && !same_reason(list[j].first, folio); j++)
			;
		if (j == REASONS_MAX) {
			left++;
		} else if (j == *nr) {
			list[(*nr)++] = (struct undecided){ .first = folio, .nr = 1 };
		} else {
			if (list[j].nr - 1 < NAMES_MAX)
				list[j].name[list[j].nr - 1] = folio->id;
			list[j].nr++;
		}
	}
	return left;
}

int text__inconclusive(const struct text *t)
{
	struct undecided list[REASONS_MAX];
	uint64_t n = 0, left;
	size_t i, nr;
	int err = 0;

	for (i = 0; i < t->run->nr_folios; i++)
		n += shown(t, i, FT_VERDICT_INCONCLUSIVE);
	if (!n)
		return 0;
	fputc('\n', t->out);
	text__plural(t->out, n, "folio");
	fputs(" inconclusive:\n", t->out);
	if (t->opts->verbose)
		return print_each_inconclusive(t);
	left = by_reason(t, list, &nr);
	for (i = 0; i < nr && !err; i++)
		err = print_undecided(t, &list[i]);
	if (left)
		fprintf(t->out, "%8" PRIu64 "  for other reasons, shown with -v\n", left);
	return err;
}
