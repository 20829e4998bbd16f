// SPDX-License-Identifier: GPL-2.0
#include "core/folio/baseline.h"
#include "core/folio/checkpoint.h"
#include "core/folio/holdings.h"
#include "core/folio/owner.h"
#include "core/folio/reading.h"
#include "core/ledger/nets.h"

bool ft_analysis__saw_before(const struct ft_analysis *c)
{
	return c->nr && c->events[0].op == FT_OP_ADOPTED &&
	       c->events[0].source == c->run->exact_source;
}

static int64_t delta(const struct ft_analysis *c, const struct ft_event *e)
{
	return ft_run__is_operation(c->run, e) ? e->delta : 0;
}

/*
 * Refcount and mapcount are read one after the other: while another CPU maps or unmaps
 * the folio they may be of different moments. They are of one where the next record has
 * the same, but for its own operation.
 */
static bool is_stable(const struct ft_analysis *c, size_t i)
{
	const struct ft_event *a = &c->events[i], *b = a + 1;

	if (i + 1 >= c->nr || !ft_event__is_reading(a) || !ft_event__is_reading(b))
		return false;
	if (a->op == FT_OP_SNAPSHOT || b->op == FT_OP_SNAPSHOT || b->seq != a->seq + 1)
		return false;
	return a->refcount > 0 && !((a->flags | b->flags) & FT_PF_LOCKED) &&
	       b->refcount == a->refcount + delta(c, b) && a->mapcount == b->mapcount &&
	       a->pincount == b->pincount && a->mapping == b->mapping;
}

/* The surplus where it is lowest for sure; 0 or more. */
static int64_t lowest_surplus(const struct ft_analysis *c)
{
	int64_t lowest = INT64_MAX;
	size_t i;

	for (i = 0; i < c->nr; i++) {
		int64_t surplus = is_stable(c, i) ? ft_analysis__surplus(c, &c->events[i]) : lowest;

		if (surplus < lowest)
			lowest = surplus;
	}
	return lowest < 0 ? 0 : lowest;
}

/*
 * While a folio is locked, the task that locked it holds references. Such a reading
 * counts only where the holder table or a checkpoint says how many. A snapshot is
 * taken at the end: it would make a leak part of the baseline.
 */
static bool may_be_baseline(const struct ft_analysis *c, const struct ft_event *e)
{
	if (e->op == FT_OP_SNAPSHOT || !ft_event__is_reading(e))
		return false;
	return !(e->flags & FT_PF_LOCKED) || e->op == FT_OP_CHECKPOINT ||
	       ft_analysis__transient_at(c, e) >= 0;
}

/*
 * The first reading may be in the middle of a fault, which holds a reference. And those
 * who had the folio before may have put theirs: what they put is no part of the baseline
 * any more, so that the command cannot use it up.
 */
static void reduce_baseline(struct ft_analysis *c)
{
	struct ft_folio *folio = c->folio;
	struct ft_holdings h = ft_analysis__holdings(c);
	int64_t lowest = lowest_surplus(c), put = h.put_before + h.handed_over;

	if (ft_analysis__saw_before(c) && put > 0)
		folio->baseline -= put < folio->baseline ? put : folio->baseline;
	if (lowest < folio->baseline)
		folio->baseline = lowest;
}

/*
 * By boundaries alone: a folio is locked while a fault maps it. Who locked it may hold a
 * reference, which only adds. So where such a reading shows less than the first unlocked
 * one, that counts. Not of a large folio: its mappings may be added before their references.
 */
static void look_at_locked(struct ft_analysis *c)
{
	struct ft_folio *folio = c->folio;
	size_t i;

	for (i = 0; i < c->nr; i++) {
		const struct ft_event *e = &c->events[i];
		int64_t surplus;

		if (e->op == FT_OP_SNAPSHOT || !ft_event__is_reading(e))
			continue;
		surplus = ft_analysis__surplus(c, e);
		if (!(e->flags & FT_PF_LARGE) && e->op == FT_OP_RETURN &&
		    (e->flags & FT_PF_LOCKED) && surplus >= 0 && surplus < folio->baseline)
			folio->baseline = surplus;
	}
}

/* The pins of a large folio from before: those that were always there. */
static int64_t pins_before(const struct ft_analysis *c)
{
	int64_t least = -1;
	size_t i;

	for (i = 0; i < c->nr; i++) {
		const struct ft_event *e = &c->events[i];

		if (e->op == FT_OP_SNAPSHOT || !ft_event__is_reading(e) || e->pincount < 0)
			continue;
		if (ft_analysis__saw_before(c))
			return e->pincount;
		if (least < 0 || e->pincount < least)
			least = e->pincount;
	}
	return least > 0 ? least : 0;
}

void ft_analysis__find_baseline(struct ft_analysis *c)
{
	struct ft_folio *folio = c->folio;
	size_t i = 0;

	while (i < c->nr && !may_be_baseline(c, &c->events[i]))
		i++;
	if (i < c->nr) {
		ft_analysis__read(c, &c->events[i], &folio->first);
		c->baseline_known = true;
		if (!folio->born && ft_kind__is_judged(ft_analysis__kind(c, &c->events[i])))
			folio->baseline = ft_analysis__own_surplus(c, &c->events[i]);
	}
	if (folio->born)
		return;
	c->pins_before = pins_before(c);
	if (!c->run->exact)
		look_at_locked(c);
	else if (folio->baseline > 0)
		reduce_baseline(c);
}

int64_t ft_analysis__taken_by_command(const struct ft_analysis *c)
{
	int64_t net = 0;
	size_t i;

	for (i = 0; i < c->nr; i++)
		if (ft_run__is_operation(c->run, &c->events[i]) &&
		    !ft_run__is_living_outsider(c->run, &c->events[i]))
			net += c->events[i].delta;
	return net;
}

static void sum_outsiders(const struct ft_analysis *c, struct ft_nets *nets)
{
	size_t i;

	*nets = (struct ft_nets){ 0 };
	for (i = 0; i < c->nr; i++)
		if (ft_run__is_operation(c->run, &c->events[i]) &&
		    ft_run__is_living_outsider(c->run, &c->events[i]))
			ft_nets__add(nets, c->events[i].pid, c->events[i].delta);
}

bool ft_analysis__is_held_by_outsider(const struct ft_analysis *c)
{
	struct ft_nets nets;

	sum_outsiders(c, &nets);
	return ft_nets__has_any(&nets);
}

static bool has_put(const struct ft_analysis *c)
{
	size_t i;

	for (i = 0; i < c->nr; i++)
		if (ft_run__is_operation(c->run, &c->events[i]) && c->events[i].delta < 0)
			return true;
	return false;
}

bool ft_analysis__is_shared(const struct ft_analysis *c)
{
	const struct ft_folio *folio = c->folio;
	struct ft_nets nets;

	if (!has_put(c))
		return false;
	if (ft_analysis__saw_before(c) &&
	    (folio->final.surplus < ft_analysis__surplus(c, &c->events[0]) ||
	     folio->final.pincount < c->pins_before))
		return true;
	sum_outsiders(c, &nets);
	return nets.more || ft_nets__has_any(&nets);
}
