// SPDX-License-Identifier: GPL-2.0
#include "render/owners.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "render/names.h"

#define NAMED_MAX 3   /* processes that map it */
#define OWNERS_MAX 12 /* others */

/* How many of what it is an owner: mappings, pins, else references. */
static int64_t number(const struct ft_owner *o)
{
	if (o->class == FT_OWNER_MAPPING && o->units.mappings)
		return o->units.mappings;
	if (o->units.pins)
		return o->units.pins;
	return o->units.references;
}

static void put_noun(FILE *f, const struct ft_owner *o, int64_t n)
{
	const char *noun = name__owner(o->class, n);

	fprintf(f, "%" PRId64 "%s%s", n, *noun ? " " : "", noun);
}

/* A pin of a single page has many references, a mapping of an old DAX page none. */
static void put_references(FILE *f, const struct ft_owner *o)
{
	int64_t refs = llabs(o->units.references);

	if (o->units.pins && refs > llabs(o->units.pins))
		fprintf(f, " (%" PRId64 " references)", refs);
	else if (o->class == FT_OWNER_MAPPING && !refs)
		fputs(" (no reference)", f);
}

static void put_task(FILE *f, const struct ft_owner *o)
{
	fputs(o->comm ? o->comm : "", f);
	if (o->pid)
		fprintf(f, "/%" PRIu32, o->pid);
}

static bool has_task(const struct ft_owner *o)
{
	return o->pid || o->comm;
}

/* Where it was taken or put: of what is lost as the report names it. */
static void put_place(FILE *f, const struct ft_folio *folio, const struct ft_owner *o)
{
	const struct ft_site *site = o->since->site;
	size_t i;

	for (i = 0; i < folio->nr_lost; i++) {
		const struct ft_lost *l = &folio->lost[i];

		if (l->other && l->other == o->since && l->other_site) {
			site = l->other_site;
			break;
		}
		if (l->event != o->since)
			continue;
		if (ft_lost__site(l)) {
			site = ft_lost__site(l);
			break;
		}
		if (!l->after)
			continue;
		fprintf(f, " before %s", site->function ? site->function : "?");
		return;
	}
	if (site->offset)
		fprintf(f, " at %s+0x%" PRIx64, site->function, site->offset);
	else /* a boundary: somewhere in it */
		fprintf(f, " in %s", site->function ? site->function : "?");
}

static void put_gone(FILE *f, const struct ft_folio *folio, const struct ft_owner *o)
{
	bool mapping = o->class == FT_OWNER_MAPPING;

	put_noun(f, o, number(o));
	put_references(f, o);
	if (!o->since) {
		fputs(mapping			     ? " that no page table has" :
		      o->class == FT_OWNER_PIN	     ? ", never unpinned" :
		      o->class == FT_OWNER_ISOLATION ? ", never put back" :
		      o->class == FT_OWNER_OTHER     ? " that nobody was seen to take" :
						       ", never put",
		      f);
		return;
	}
	fputs(mapping ? " made" : " taken", f);
	put_place(f, folio, o);
	fputs(mapping			     ? ", never removed" :
	      o->class == FT_OWNER_PIN	     ? ", never unpinned" :
	      o->class == FT_OWNER_ISOLATION ? ", never put back" :
					       ", never put",
	      f);
}

/* Taken away from an owner that is there. */
static void put_taken_away(FILE *f, const struct ft_folio *folio, const struct ft_owner *o)
{
	int64_t n = -number(o);

	if (o->class == FT_OWNER_MAPPING) {
		put_noun(f, o, n);
		fputs(" removed too often", f);
	} else if (o->class == FT_OWNER_PIN && o->units.pins) {
		put_noun(f, o, n);
		fputs(" unpinned too often", f);
	} else if (o->class == FT_OWNER_PIN) {
		fprintf(f, "%" PRId64 " of a pin, put as a plain reference", n);
	} else {
		fprintf(f, "%" PRId64 " put too often", n);
	}
	put_references(f, o);
	if (o->since)
		put_place(f, folio, o);
}

static void put_possible(FILE *f, const struct ft_folio *folio, const struct ft_owner *o)
{
	put_noun(f, o, number(o));
	put_references(f, o);
	if (o->class == FT_OWNER_OTHER && !o->since && !has_task(o)) {
		fputs(" of an owner that is not known", f);
		return;
	}
	if (o->since) {
		fputs(" taken", f);
		put_place(f, folio, o);
	}
	if (has_task(o)) {
		fputs(o->since ? " by " : " of ", f);
		put_task(f, o);
	}
	fputs(o->class == FT_OWNER_MAPPING ? ", not proved" : ", may still be held", f);
}

static void put_proved(FILE *f, const struct ft_owner *o)
{
	put_noun(f, o, number(o));
	put_references(f, o);
	if (!has_task(o))
		return;
	fputs(" of ", f);
	put_task(f, o);
	fputs(" (alive)", f);
}

/* All processes that map it are one owner here. */
static void put_mappers(FILE *f, const struct ft_owner *list, size_t nr)
{
	struct ft_owner all = { .class = FT_OWNER_MAPPING };
	size_t i, named = 0, left = 0;

	for (i = 0; i < nr; i++) {
		all.units.references += list[i].units.references;
		all.units.mappings += list[i].units.mappings;
	}
	put_noun(f, &all, all.units.mappings);
	put_references(f, &all);
	for (i = 0; i < nr; i++) {
		if (!has_task(&list[i]) || named == NAMED_MAX) {
			left++;
			continue;
		}
		fputs(named++ ? ", " : " (", f);
		put_task(f, &list[i]);
	}
	if (left && named)
		fprintf(f, " and %zu more", left);
	if (named)
		fputc(')', f);
}

static void put_owner(FILE *f, const struct ft_folio *folio, const struct ft_owner *o)
{
	if (number(o) < 0) {
		put_taken_away(f, folio, o);
		return;
	}
	switch (o->state) {
	case FT_OWNER_SHOWN:
		put_noun(f, o, number(o));
		if (o->class == FT_OWNER_OTHER)
			fputs(" of somebody else", f);
		put_references(f, o);
		break;
	case FT_OWNER_PROVED:
		put_proved(f, o);
		break;
	case FT_OWNER_POSSIBLE:
		put_possible(f, folio, o);
		break;
	case FT_OWNER_GONE:
		put_gone(f, folio, o);
		break;
	}
}

static bool is_mapper(const struct ft_owner *o)
{
	return o->class == FT_OWNER_MAPPING && o->state == FT_OWNER_PROVED;
}

/* What a line has no room for. */
static void put_others(FILE *f, const struct ft_owner *list, size_t nr)
{
	int64_t refs = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		refs += list[i].units.references;
	fprintf(f, " %c %" PRId64 " of %zu others", refs < 0 ? '-' : '+', refs < 0 ? -refs : refs,
		nr);
}

/* The processes that map it come first in the list. */
static void put_sum(FILE *f, const struct ft_folio *folio, const struct ft_owner *list, size_t nr)
{
	const char *plus = " = ";
	size_t i, shown = 0, mappers = 0;

	fprintf(f, "refcount %" PRId32, folio->final.refcount);
	while (mappers < nr && is_mapper(&list[mappers]))
		mappers++;
	if (mappers) {
		fputs(plus, f);
		put_mappers(f, list, mappers);
		plus = " + ";
	}
	for (i = mappers; i < nr && shown < OWNERS_MAX; i++, shown++) {
		fputs(number(&list[i]) >= 0 ? plus : i ? " - " : " = -", f);
		put_owner(f, folio, &list[i]);
		plus = " + ";
	}
	if (i < nr)
		put_others(f, &list[i], nr - i);
}

/* Of a balanced folio only where an owner had to be found. */
static bool is_worth_words(const struct ft_folio *folio, const struct ft_owner *list, size_t nr)
{
	size_t i;

	if (folio->verdict != FT_VERDICT_BALANCED || folio->reason.code)
		return nr;
	for (i = 0; i < nr; i++)
		if (list[i].state == FT_OWNER_PROVED && list[i].class != FT_OWNER_MAPPING)
			return true;
	return false;
}

int owners__text(const struct ft_run *run, const struct ft_folio *folio, char **words)
{
	struct ft_owner *list;
	size_t nr, size;
	FILE *f;
	int code = ft_folio__owners(run, folio, &list, &nr);

	*words = NULL;
	if (code || !is_worth_words(folio, list, nr))
		return code;
	f = open_memstream(words, &size);
	if (!f)
		return -ENOMEM;
	put_sum(f, folio, list, nr);
	if (!fclose(f))
		return 0;
	free(*words);
	*words = NULL;
	return -ENOMEM;
}

enum ft_owner_state owners__lost_state(const struct ft_folio *folio, const struct ft_lost *lost)
{
	if (lost->state != FT_OWNER_SHOWN)
		return lost->state;
	return ft_folio__is_bad(folio) ? FT_OWNER_GONE : FT_OWNER_POSSIBLE;
}
