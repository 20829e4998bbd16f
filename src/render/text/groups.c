// SPDX-License-Identifier: GPL-2.0
/*
 * Fifty rounds of one race leak fifty folios with the same timeline; a reader wants it once.
 * Folios are alike if verdict, kind, order, what they lost, reason and the place of the get are.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "render/names.h"
#include "render/owners.h"
#include "render/reason.h"
#include "render/text/parts.h"

#define GROUPS_MAX 256	/* what is in none of them is counted with the last */
#define TIMELINES_MAX 5 /* of groups that are shown in full without -v */
#define NAMES_MAX 8	/* of a group's folios beside the first */
#define REASONS_MAX 6	/* reasons of inconclusive folios without -v */

struct group {
	const struct ft_folio *first;
	uint64_t nr;
	uint32_t name[NAMES_MAX]; /* the others' */
};

struct groups {
	struct group group[GROUPS_MAX];
	size_t nr;
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

static const struct ft_site *lost_site(const struct ft_folio *folio)
{
	const struct ft_lost *l = folio->nr_lost ? &folio->lost[0] : NULL;
	const struct ft_site *site = l ? ft_lost__site(l) : NULL;

	return site || !l || !l->event ? site : l->event->site;
}

static bool same_units(const struct ft_folio *a, const struct ft_folio *b)
{
	const struct ft_units x = owners__lost(a), y = owners__lost(b);

	return x.references == y.references && x.pins == y.pins && x.mappings == y.mappings;
}

static bool alike(const struct ft_folio *a, const struct ft_folio *b)
{
	return a->verdict == b->verdict && a->kind == b->kind && a->order == b->order &&
	       a->free_while_mapped == b->free_while_mapped && same_units(a, b) &&
	       lost_site(a) == lost_site(b) && same_reason(a, b);
}

static void add(struct groups *g, const struct ft_folio *folio,
		bool (*same)(const struct ft_folio *, const struct ft_folio *))
{
	struct group *to;
	size_t i;

	for (i = 0; i < g->nr; i++)
		if (same(g->group[i].first, folio))
			break;
	if (i == g->nr && g->nr < GROUPS_MAX) {
		g->group[g->nr++] = (struct group){ .first = folio, .nr = 1 };
		return;
	}
	to = &g->group[i < g->nr ? i : g->nr - 1];
	if (to->nr - 1 < NAMES_MAX)
		to->name[to->nr - 1] = folio->id;
	to->nr++;
}

static void names(const struct text *t, const struct group *g)
{
	uint64_t i, named = g->nr - 1 < NAMES_MAX ? g->nr - 1 : NAMES_MAX;

	for (i = 0; i < named; i++)
		fprintf(t->out, " %s", name__of(g->name[i]).s);
	if (g->nr - 1 > named)
		fputs(" ...", t->out);
}

static int print_group(const struct text *t, const struct group *g, struct text_notes *notes)
{
	int err;

	fputc('\n', t->out);
	err = text__folio(t, g->first, true, notes);
	if (!err && g->nr > 1) {
		fprintf(t->out, "    %sand %" PRIu64 " more like it:%s", t->c->bold, g->nr - 1,
			t->c->off);
		names(t, g);
		fputc('\n', t->out);
	}
	return err;
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
	enum ft_severity s;
	struct groups *g;
	size_t i;
	int err = 0;

	if (t->opts->verbose)
		return print_each_bad(t, notes);
	g = calloc(1, sizeof(*g));
	if (!g)
		return -ENOMEM;
	/* the more severe first */
	for (s = FT_SEVERITY_OVERPUT; s > FT_SEVERITY_NONE; s--)
		for (i = 0; i < t->run->nr_folios; i++)
			if (is_wrong(t, i, s))
				add(g, t->run->folios[i], alike);
	for (i = 0; i < g->nr && !err; i++) {
		if (i < TIMELINES_MAX) {
			err = print_group(t, &g->group[i], notes);
			continue;
		}
		if (i == TIMELINES_MAX)
			fputs("\nOthers, in full with -v:\n", t->out);
		text__folio_line(t, g->group[i].first);
		if (g->group[i].nr > 1)
			fprintf(t->out, "    and %" PRIu64 " more like it\n", g->group[i].nr - 1);
	}
	free(g);
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

static int print_undecided(const struct text *t, const struct group *g)
{
	int err;

	fprintf(t->out, "%8" PRIu64 "  ", g->nr);
	text__wrapped(t->out, 10,
		      g->first->reason.code ? reason__text(&g->first->reason).s :
					      "no reason given");
	fprintf(t->out, "%10s", "");
	text__folio_line(t, g->first);
	err = text__owners(t, g->first, 10);
	if (g->nr > 1) {
		fprintf(t->out, "%10sand", "");
		names(t, g);
		fputc('\n', t->out);
	}
	return err;
}

int text__inconclusive(const struct text *t)
{
	uint64_t n = 0, left = 0;
	struct groups *g;
	size_t i;
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
	g = calloc(1, sizeof(*g));
	if (!g)
		return -ENOMEM;
	for (i = 0; i < t->run->nr_folios; i++)
		if (shown(t, i, FT_VERDICT_INCONCLUSIVE))
			add(g, t->run->folios[i], same_reason);
	for (i = 0; i < g->nr && !err; i++) {
		if (i < REASONS_MAX)
			err = print_undecided(t, &g->group[i]);
		else
			left += g->group[i].nr;
	}
	if (left)
		fprintf(t->out, "%8" PRIu64 "  for other reasons, shown with -v\n", left);
	free(g);
	return err;
}
