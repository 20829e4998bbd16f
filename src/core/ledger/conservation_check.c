// SPDX-License-Identifier: GPL-2.0
/*
 * The conservation check of one lifetime. A record's number is taken from the folio's
 * tracked entry (account_event() in bpf/track.h), whether it is written or lost, so the
 * sum of deltas is exact where no number is missing. The count in a record was read
 * beside the operation: while two CPUs change it, it may be that before or after the
 * other's operation. The difference of the two comes back to 0 after such an overlap, and
 * stays where an operation was missed.
 */
#include "core/ledger/conservation_check.h"

struct lifetime {
	const struct ft_run *run;
	const struct ft_wire_event *const *step;
	size_t nr;
};

/* Not of the source that is only compared: its operations are counted once already. */
static bool counts(const struct lifetime *l, const struct ft_wire_event *e)
{
	return e->refcount != FT_UNKNOWN && !(e->flags & FT_PF_TAIL) &&
	       !(ft_op__is_operation(e->head.op) && e->source != l->run->exact_source);
}

static int64_t delta(const struct lifetime *l, const struct ft_wire_event *e)
{
	return ft_op__is_operation(e->head.op) && e->source == l->run->exact_source ? e->delta : 0;
}

static size_t next(const struct lifetime *l, size_t i)
{
	for (i++; i < l->nr && !counts(l, l->step[i]); i++)
		;
	return i;
}

static int64_t sum(const struct lifetime *l, size_t from, size_t to)
{
	int64_t n = 0;

	while (from < to)
		n += delta(l, l->step[++from]);
	return n;
}

static bool agree(const struct lifetime *l, size_t i, size_t j)
{
	return l->step[j]->refcount == l->step[i]->refcount + sum(l, i, j);
}

/* The first record whose count agrees with that of the next. l->nr: none. */
static size_t first_stable(const struct lifetime *l)
{
	size_t j, i = next(l, (size_t)-1);

	for (; i < l->nr; i = j) {
		j = next(l, i);
		if (j < l->nr && agree(l, i, j))
			return i;
	}
	return l->nr;
}

static bool is_end(const struct ft_wire_event *e)
{
	return (e->head.op == FT_OP_DIED && e->value != FT_DIED_UNSEEN) ||
	       e->head.op == FT_OP_SPLIT;
}

/* The last record whose count agrees with that before, or that of the end. */
static size_t last_stable(const struct lifetime *l, size_t anchor)
{
	size_t i, j, last = anchor;

	for (i = anchor; i < l->nr; i = j) {
		j = next(l, i);
		if (j < l->nr && (agree(l, i, j) || is_end(l->step[j])))
			last = j;
	}
	return last;
}

/*
 * From anchor to until. The record of an operation may be written after another CPU has
 * written that of the end: then its number is the higher one.
 */
static void walk(const struct lifetime *l, size_t anchor, size_t until, struct ft_conservation *c)
{
	int64_t count = l->step[anchor]->refcount, off = 0;
	size_t i, fits = anchor, after = anchor;

	c->anchor = l->step[anchor]->seq;
	c->until = l->step[until]->seq;
	c->overlaps = 0;
	for (i = anchor + 1; i <= until; i++) {
		count += delta(l, l->step[i]);
		if (!counts(l, l->step[i]))
			continue;
		off = l->step[i]->refcount - count;
		if (!off) {
			c->overlaps += fits != after;
			fits = after = i;
		} else if (fits == after) {
			after = i;
		}
	}
	if (off && is_end(l->step[until]) && off == sum(l, until, l->nr - 1)) {
		off = 0; /* the records behind the end are of operations before it */
		c->overlaps++;
	}
	c->off = off;
	c->state = off ? FT_CONSERVATION_BROKEN : FT_CONSERVATION_HOLDS;
	c->before = off ? l->step[fits]->seq : 0;
	c->after = off ? l->step[after]->seq : 0;
}

/* The anchor may lie in an overlap itself: not if the first reading fits the end as well. */
static void walk_from_first(const struct lifetime *l, size_t until, struct ft_conservation *out)
{
	struct ft_conservation c = { 0 };

	walk(l, 0, until, &c);
	if (c.state == FT_CONSERVATION_HOLDS)
		*out = c;
}

/* The reading of a birth is taken just after its entry was made. If another CPU changed
 * the count at that moment, it cannot be relied on. */
static bool is_anchor(const struct lifetime *l)
{
	size_t second = next(l, 0);

	if (l->step[0]->head.op != FT_OP_BORN || l->step[0]->seq != 1 || !counts(l, l->step[0]))
		return false;
	return second == l->nr || agree(l, 0, second) ||
	       l->step[second]->head.cpu == l->step[0]->head.cpu;
}

/* The sum that BPF keeps, as the last snapshot has it: lost records are in it. */
static bool account_proves(const struct lifetime *l)
{
	const struct ft_wire_event *first = l->step[0], *e;
	size_t i = l->nr;

	if (l->run->comparison.made || first->seq != 1 || !counts(l, first))
		return false;
	while (i--) {
		e = l->step[i];
		if (e->head.op == FT_OP_SNAPSHOT)
			return counts(l, e) &&
			       first->refcount + FT_SNAPSHOT_SUM(e->aux) == e->refcount;
	}
	return false;
}

static bool has_gaps(const struct lifetime *l)
{
	size_t i;

	for (i = 0; i < l->nr; i++)
		if (l->step[i]->seq != i + 1)
			return true;
	return false;
}

void ft_conservation__check(const struct ft_run *run, const struct ft_wire_event *const *step,
			    size_t nr, struct ft_conservation *out)
{
	struct lifetime l = { run, step, nr };
	size_t anchor, until;

	*out = (struct ft_conservation){ 0 };
	if (!nr || !run->exact)
		return;
	anchor = is_anchor(&l) ? 0 : first_stable(&l);
	if (anchor == nr)
		return;
	until = last_stable(&l, anchor);
	if (until == anchor)
		return;
	walk(&l, anchor, until, out);
	if (out->state == FT_CONSERVATION_BROKEN && anchor && l.step[0]->seq == 1 &&
	    counts(&l, l.step[0]))
		walk_from_first(&l, until, out);
	if (out->state == FT_CONSERVATION_BROKEN && has_gaps(&l))
		out->state = account_proves(&l) ? FT_CONSERVATION_PROVEN : FT_CONSERVATION_LOST;
}
