// SPDX-License-Identifier: GPL-2.0
#include "core/verdict/left.h"

#include "core/folio/owner.h"
#include "core/folio/reading.h"
#include "core/index/owners.h"

/* Plain puts of one pin's references that a surplus may lack. */
#define PUT_AS_REFERENCE_MAX 32

int64_t ft_analysis__allowed(const struct ft_analysis *c)
{
	return c->baseline_known && c->folio->baseline > 0 ? c->folio->baseline : 0;
}

static int64_t found(const struct ft_analysis *c, enum ft_owner_class class)
{
	return ft_run__units_found(c->run, c->folio->id, class);
}

static int64_t at_most(int64_t n, int64_t most)
{
	return n < most ? n : most;
}

/* Whether a pin of a single page was seen: FT_PIN_BIAS at once, or 1 and the rest. */
static bool saw_pin(const struct ft_analysis *c)
{
	size_t i;

	for (i = 0; i < c->nr; i++)
		if (ft_event__is_operation(&c->events[i]) && c->events[i].delta >= FT_PIN_BIAS - 1)
			return true;
	return false;
}

/* The pins of a single page are in its refcount alone. */
static int64_t pins_of_page(const struct ft_analysis *c, int64_t surplus)
{
	int64_t pins = surplus / FT_PIN_BIAS;

	if (surplus < FT_PIN_BIAS - PUT_AS_REFERENCE_MAX)
		return 0;
	if (surplus % FT_PIN_BIAS >= FT_PIN_BIAS - PUT_AS_REFERENCE_MAX && saw_pin(c))
		pins++;
	return pins;
}

static bool is_anon(enum ft_kind kind)
{
	return kind == FT_KIND_ANON || kind == FT_KIND_DEVICE_PRIVATE ||
	       kind == FT_KIND_DEVICE_COHERENT;
}

/* Memory of the command alone, of which nobody lives: no search is needed. */
static bool can_have_no_mapping(const struct ft_analysis *c)
{
	const struct ft_run *run = c->run;

	return run->search.known && run->complete && run->argc && c->folio->born &&
	       is_anon(c->folio->kind) && !ft_run__command_lives(run);
}

/* Those that no process gives up any more are in each reading: of a folio that is not at
 * rest, as many as in the lowest. */
static int64_t mappings_at_end(const struct ft_analysis *c)
{
	const struct ft_reading *r = &c->folio->final;
	int64_t lowest = r->mapcount == FT_UNKNOWN ? 0 : r->mapcount;
	size_t i;

	for (i = 0; i < c->nr && !r->at_rest; i++)
		if (c->events[i].op == FT_OP_SNAPSHOT && ft_event__is_reading(&c->events[i]))
			lowest = at_most(c->events[i].mapcount, lowest);
	return lowest;
}

/* How many mappings the call that returned here made, by the record before it; 1 at least. */
static int64_t made_by(const struct ft_event *e)
{
	const struct ft_event *before = e - 1;

	if (!ft_event__is_reading(before) || !ft_event__is_reading(e) ||
	    e->mapcount <= before->mapcount)
		return 1;
	return (int64_t)e->mapcount - before->mapcount;
}

/* The search comes after the last reading: what was mapped in between is none of those. */
static int64_t mappings_found(const struct ft_analysis *c)
{
	int64_t n = found(c, FT_OWNER_MAPPING), later = 0;
	size_t i;

	for (i = c->nr; i-- > 1 && c->events[i].op != FT_OP_SNAPSHOT;)
		if (ft_event__maps(&c->events[i]))
			later += made_by(&c->events[i]);
	return n > later ? n - later : 0;
}

/* Of n, those since it was first seen; others may have had mappings before. */
static int64_t since_first_seen(const struct ft_analysis *c, int64_t n)
{
	const struct ft_reading *first = &c->folio->first;
	bool before = !c->folio->born && first->valid && first->mapcount > 0;

	return n - (before ? first->mapcount : 0);
}

static void find_mappings(const struct ft_analysis *c, struct ft_left *left)
{
	const struct ft_search *s = &c->run->search;
	int64_t mapped = mappings_at_end(c), lost = mapped - mappings_found(c);
	int64_t since = since_first_seen(c, mapped);

	if (since <= 0 || lost <= 0 || c->folio->kind == FT_KIND_KSM)
		return;
	lost = at_most(lost, since);
	if (can_have_no_mapping(c) || (s->page_tables && s->page_tables_whole)) {
		left->units.mappings = lost;
	} else if (s->page_tables) {
		left->mappings_unsearched = true;
		left->mappings_open = lost;
	}
}

struct ft_left ft_analysis__left(const struct ft_analysis *c)
{
	const struct ft_reading *r = &c->folio->final;
	int64_t surplus = r->surplus - ft_analysis__allowed(c), pins, rings;
	struct ft_left left = { 0 };

	rings = found(c, FT_OWNER_IO_URING);
	if (r->flags & FT_PF_LARGE) {
		pins = r->pincount - c->pins_before;
		pins -= at_most(rings, pins > 0 ? pins : 0);
	} else {
		pins = pins_of_page(c, surplus);
		surplus -= pins * FT_PIN_BIAS;
		pins -= at_most(rings, pins);
	}
	if (surplus > 0)
		surplus -= at_most(found(c, FT_OWNER_PIPE) + found(c, FT_OWNER_SOCKET), surplus);
	left.units.references = surplus;
	left.units.pins = pins > 0 ? pins : 0;
	find_mappings(c, &left);
	return left;
}
