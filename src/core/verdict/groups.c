// SPDX-License-Identifier: GPL-2.0
/*
 * A loop that loses a reference in each of ten thousand rounds is one bug, and a reader wants it
 * once. What has one key is one finding: verdict and reason, kind and order, which sort of unit is
 * lost, whose it was, and in which functions. No count, time, address or offset is in it, and of a
 * function's name not what the compiler adds: so a bug has the same key in every run.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/folio/holders.h"
#include "core/util/arena.h"
#include "core/verdict/groups.h"
#include "hash.h"
#include "function.h"

#define PLACES_MAX 16 /* of one folio that are in its key */

/* FNV-1a over the first size bytes, and the end of the word. */
static uint64_t add_bytes(uint64_t h, const char *s, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		h = (h ^ (unsigned char)s[i]) * 0x100000001b3ULL;
	return (h ^ '|') * 0x100000001b3ULL;
}

static uint64_t add_word(uint64_t h, const char *s)
{
	return add_bytes(h, s ? s : "", s ? strlen(s) : 0);
}

static uint64_t add_function(uint64_t h, const char *s)
{
	return add_bytes(h, s ? s : "", s ? ft_function__length(s) : 0);
}

static const char *function_of(const struct ft_lost *l)
{
	if (l->site)
		return ft_holders__taker(l->site, l->stack);
	if (l->in)
		return l->in->function;
	return l->event ? l->event->site->function : NULL;
}

#define FNV_START 0xcbf29ce484222325ULL

static uint64_t place_of(const struct ft_lost *l)
{
	uint64_t h = add_word(FNV_START, l->put ? "put" : "get");

	return add_function(add_word(h, ft_owner_class__name(l->class)), function_of(l));
}

/* Each place once, in whatever order: a folio that lost two references there has the same key as
 * one that lost one. */
static uint64_t places_of(const struct ft_folio *folio)
{
	uint64_t seen[PLACES_MAX], all = 0;
	size_t i, j, nr = 0;

	for (i = 0; i < folio->nr_lost && nr < PLACES_MAX; i++) {
		seen[nr] = place_of(&folio->lost[i]);
		for (j = 0; j < nr && seen[j] != seen[nr]; j++)
			;
		if (j < nr)
			continue;
		all += seen[nr++];
	}
	return all;
}

static uint64_t add_sign(uint64_t h, const char *unit, int64_t n)
{
	return add_word(add_word(h, unit), !n ? "0" : n < 0 ? "-" : "+");
}

static uint64_t add_number(uint64_t h, uint64_t n)
{
	char bytes[sizeof(n)];
	size_t i;

	for (i = 0; i < sizeof(n); i++)
		bytes[i] = (char)(n >> 8 * i);
	return add_bytes(h, bytes, sizeof(bytes));
}

static uint64_t key_of(const struct ft_folio *folio)
{
	const struct ft_units u = ft_folio__lost_units(folio);
	const struct ft_reason *reason = &folio->reason;
	uint64_t h = add_word(FNV_START, ft_verdict__name(folio->verdict));

	h = add_word(h, ft_reason__name(reason->code));
	h = add_function(h, reason->site ? reason->site->function : NULL);
	h = add_word(h, ft_kind__name(folio->kind));
	h = add_number(h, folio->order);
	h = add_word(h, folio->free_while_mapped ? "mapped" : folio->free_while_held ? "held" : "");
	h = add_sign(h, "references", u.references);
	h = add_sign(h, "pins", u.pins);
	h = add_sign(h, "mappings", u.mappings);
	return add_number(h, places_of(folio));
}

/* In hundredths, as it is printed. */
static int percent(double p)
{
	return (int)(p * 100 + 0.5);
}

/* Whose name is surer; of two alike the first is kept. */
static bool is_clearer(const struct ft_folio *a, const struct ft_folio *b)
{
	const struct ft_lost *x = a->nr_lost ? &a->lost[0] : NULL;
	const struct ft_lost *y = b->nr_lost ? &b->lost[0] : NULL;

	if (!x || !y)
		return x && !y;
	if (x->confidence != y->confidence)
		return x->confidence < y->confidence;
	if (percent(x->p) != percent(y->p))
		return x->p > y->p;
	return !a->lost_events && b->lost_events;
}

static void sum(struct ft_group *g)
{
	size_t i;

	g->nr = 0;
	g->story = NULL;
	g->units = (struct ft_units){ 0 };
	for (i = 0; i < g->nr_all; i++) {
		const struct ft_folio *folio = g->folios[i];
		const struct ft_units u = ft_folio__lost_units(folio);

		if (folio->hidden)
			continue;
		g->nr++;
		g->units.references += u.references;
		g->units.pins += u.pins;
		g->units.mappings += u.mappings;
		if (!g->story || is_clearer(folio, g->story))
			g->story = folio;
	}
}

void ft_run__sum_groups(struct ft_run *run)
{
	size_t i;

	for (i = 0; i < run->nr_groups; i++)
		sum(&run->groups[i]);
}

static bool has_key(const void *groups, uint32_t number, const void *key)
{
	return ((const struct ft_group *)groups)[number].key == *(const uint64_t *)key;
}

static struct ft_group *find(struct ft_run *run, const struct ft_hash *index, uint64_t key)
{
	uint32_t n = ft_hash__find(index, ft_hash__of(key), has_key, run->groups, &key);

	return n == FT_HASH_NONE ? NULL : &run->groups[n];
}

static int count(struct ft_run *run, struct ft_hash *index, const struct ft_folio *folio)
{
	uint64_t key = key_of(folio);
	struct ft_group *g = find(run, index, key);
	int code;

	if (!g) {
		code = ft_hash__add(index, ft_hash__of(key), (uint32_t)run->nr_groups);
		if (code)
			return code;
		g = &run->groups[run->nr_groups++];
		*g = (struct ft_group){ .key = key };
		if (folio->nr_lost) {
			g->class = folio->lost[0].class;
			g->function = function_of(&folio->lost[0]);
			g->put = folio->lost[0].put;
		}
	}
	g->nr_all++;
	return 0;
}

static enum ft_severity worst(const struct ft_group *g)
{
	enum ft_severity s, most = FT_SEVERITY_NONE;
	size_t i;

	for (i = 0; i < g->nr_all; i++) {
		s = ft_folio__severity(g->folios[i]);
		most = s > most ? s : most;
	}
	return most;
}

static int by_severity(const void *pa, const void *pb)
{
	const struct ft_group *a = pa, *b = pb;
	enum ft_severity x = worst(a), y = worst(b);

	if (x != y)
		return x < y ? 1 : -1;
	return a->folios[0]->id < b->folios[0]->id ? -1 : 1;
}

/* One list of all bad folios, of which each group has a part. */
static void fill(struct ft_run *run, const struct ft_hash *index, struct ft_folio **list)
{
	struct ft_group *g;
	size_t i;

	for (i = 0; i < run->nr_groups; i++) {
		run->groups[i].folios = list;
		list += run->groups[i].nr_all;
		run->groups[i].nr_all = 0;
	}
	for (i = 0; i < run->nr_folios; i++) {
		if (!ft_folio__is_bad(run->folios[i]))
			continue;
		g = find(run, index, key_of(run->folios[i]));
		g->folios[g->nr_all++] = run->folios[i];
	}
}

static void link_folios(struct ft_run *run)
{
	size_t i, j;

	for (i = 0; i < run->nr_groups; i++)
		for (j = 0; j < run->groups[i].nr_all; j++)
			run->groups[i].folios[j]->group = &run->groups[i];
}

static int make(struct ft_run *run, struct ft_hash *index, size_t bad)
{
	struct ft_folio **list = ft_arena__alloc(run->arena, bad, sizeof(struct ft_folio *));
	size_t i;
	int code = 0;

	run->groups = calloc(bad, sizeof(*run->groups));
	if (!list || !run->groups)
		return -ENOMEM;
	for (i = 0; i < run->nr_folios && !code; i++)
		if (ft_folio__is_bad(run->folios[i]))
			code = count(run, index, run->folios[i]);
	if (code)
		return code;
	fill(run, index, list);
	qsort(run->groups, run->nr_groups, sizeof(*run->groups), by_severity);
	return 0;
}

/* Of many folios there are few groups: what is kept is as large as they need. */
static int keep(struct ft_run *run)
{
	struct ft_group *kept = ft_arena__alloc(run->arena, run->nr_groups, sizeof(*kept));

	if (kept)
		memcpy(kept, run->groups, run->nr_groups * sizeof(*kept));
	free(run->groups);
	run->groups = kept;
	return kept ? 0 : -ENOMEM;
}

int ft_run__group(struct ft_run *run)
{
	struct ft_hash index = { 0 };
	size_t i, bad = 0;
	int code;

	run->groups = NULL;
	run->nr_groups = 0;
	for (i = 0; i < run->nr_folios; i++) {
		run->folios[i]->group = NULL;
		bad += ft_folio__is_bad(run->folios[i]);
	}
	if (!bad)
		return 0;
	code = make(run, &index, bad);
	ft_hash__free(&index);
	if (!code) {
		code = keep(run);
	} else {
		free(run->groups);
		run->groups = NULL;
	}
	if (code) {
		run->nr_groups = 0;
		return code;
	}
	link_folios(run);
	ft_run__sum_groups(run);
	return 0;
}
