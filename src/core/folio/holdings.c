// SPDX-License-Identifier: GPL-2.0
#include "core/folio/holdings.h"

#include "core/folio/holders.h"
#include "core/folio/owner.h"
#include "core/folio/reading.h"

#define NOBODY_PID 0 /* an interrupt; a reading */
#define OUTSIDERS 16 /* that are told apart */

/* What is handed on comes first, as it is likelier handed on than any other. */
enum { SIDE_BATCH, SIDE_PIPE, SIDE_BIO, SIDE_SOCKET, SIDE_RING, SIDE_COMMAND, SIDE_OUTSIDERS };

#define SIDES (SIDE_OUTSIDERS + OUTSIDERS)

static const enum ft_owner_class side_class[SIDE_COMMAND] = {
	[SIDE_BATCH] = FT_OWNER_LRU_BATCH, [SIDE_PIPE] = FT_OWNER_PIPE,
	[SIDE_BIO] = FT_OWNER_BIO,	   [SIDE_SOCKET] = FT_OWNER_SOCKET,
	[SIDE_RING] = FT_OWNER_IO_URING,
};

struct side {
	uint32_t pid;
	bool lives;
	int64_t units, pins; /* units: without those of pins */
};

struct sides {
	const struct ft_analysis *c;
	struct side side[SIDES];
	size_t nr;
	struct ft_holdings holdings;
};

static struct side *side_of_task(struct sides *s, const struct ft_event *e)
{
	bool task = e->op != FT_OP_SNAPSHOT && e->context <= FT_CTX_TASK;
	uint32_t pid = task ? e->pid : NOBODY_PID;
	size_t i;

	if (task && e->followed)
		return &s->side[SIDE_COMMAND];
	for (i = SIDE_OUTSIDERS; i < s->nr; i++)
		if (s->side[i].pid == pid)
			return &s->side[i];
	if (s->nr == SIDES)
		return NULL;
	s->side[s->nr] = (struct side){
		.pid = pid,
		.lives = !task || ft_run__is_living_outsider(s->c->run, e),
	};
	return &s->side[s->nr++];
}

/* The class of the place, if a reference taken or put there goes from task to task. */
static struct side *side_passing(struct sides *s, const struct ft_event *e)
{
	const struct ft_stack *stack = ft_run__stack(s->c->run, e);
	enum ft_owner_class class = ft_holders__class(e->site, stack);
	size_t i;

	for (i = 0; i < SIDE_COMMAND; i++)
		if (side_class[i] == class)
			return &s->side[i];
	return NULL;
}

static int64_t move(struct side *from, struct side *to)
{
	int64_t n = from->units < -to->units ? from->units : -to->units;

	if (n <= 0)
		return 0;
	from->units -= n;
	to->units += n;
	return n;
}

/* More was put than this side had. */
static void cover(struct sides *s, struct side *debtor)
{
	size_t i;
	int64_t n;

	for (i = 0; i < s->nr && debtor->units < 0; i++) {
		n = move(&s->side[i], debtor);
		if (i == SIDE_COMMAND)
			s->holdings.handed_over += n;
	}
	s->holdings.put_before -= debtor->units;
	debtor->units = 0;
}

/* Without pins: those are their owner's, as any other reference. */
static int64_t shown(const struct ft_analysis *c, const struct ft_event *e)
{
	struct ft_expected x = ft_analysis__expected(c, e);

	return x.total - x.term[FT_TERM_PINS];
}

/*
 * A mapping, a cache that the folio shows has taken over its reference: that of the
 * operation before, or that of the function which says so. Once it is gone, whoever
 * removed it has the reference.
 */
static bool hand_to_holder(struct sides *s, const struct ft_event *before,
			   const struct ft_event *e)
{
	int64_t more = before ? shown(s->c, e) - shown(s->c, before) : 0;
	bool taken = before && ft_event__is_operation(before) && before->delta > 0;
	struct side *side;

	if (!more)
		return true;
	side = side_of_task(s, more > 0 && taken && e->op != FT_OP_RETURN ? before : e);
	if (side)
		side->units -= more;
	return side;
}

static bool operate(struct sides *s, const struct ft_event *e)
{
	struct side *task = side_of_task(s, e), *side = side_passing(s, e);
	int64_t pins = e->flags & FT_PF_LARGE || e->op >= FT_OP_FREEZE ? 0 : e->delta / FT_PIN_BIAS;

	if (!task)
		return false;
	if (e->delta == FT_PIN_BIAS - 1 && !(e->flags & FT_PF_LARGE))
		pins = 1;
	task->pins += pins;
	if (!side || pins)
		side = task;
	side->units += e->delta - pins * FT_PIN_BIAS;
	if (side != &s->side[SIDE_COMMAND] && e->delta < 0 && side->units < 0 &&
	    e->op != FT_OP_FREEZE) {
		move(task, side); /* its own, before anybody else's */
		cover(s, side);
	}
	return true;
}

static void sum_up(struct sides *s)
{
	struct ft_holdings *h = &s->holdings;
	size_t i;

	for (i = SIDE_OUTSIDERS; i < s->nr; i++) {
		if (s->side[i].lives && s->side[i].units > 0)
			h->outsiders += s->side[i].units;
		if (s->side[i].lives && s->side[i].pins > 0)
			h->outsiders_pins += s->side[i].pins;
	}
	for (i = 0; i < SIDE_COMMAND; i++) {
		if (s->side[i].units <= 0 || !ft_run__class_may_live(s->c->run, side_class[i]))
			continue;
		h->passing += s->side[i].units;
		h->passing_class = side_class[i];
	}
	h->known = true;
}

struct ft_holdings ft_analysis__holdings(const struct ft_analysis *c)
{
	struct sides s = { .c = c, .nr = SIDE_OUTSIDERS };
	const struct ft_event *before = NULL;
	size_t i;

	for (i = 0; i < c->nr; i++) {
		const struct ft_event *e = &c->events[i];

		if (!ft_event__is_reading(e))
			continue;
		if (!hand_to_holder(&s, before, e))
			return (struct ft_holdings){ 0 };
		if (ft_event__is_operation(e) && e->source == c->run->exact_source &&
		    !operate(&s, e))
			return (struct ft_holdings){ 0 };
		before = e;
	}
	sum_up(&s);
	return s.holdings;
}
