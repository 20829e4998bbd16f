// SPDX-License-Identifier: GPL-2.0
#include "core/folio/holdings.h"

#include "core/folio/holders.h"
#include "core/folio/owner.h"
#include "core/folio/reading.h"
#include "core/index/owners.h"

#define NOBODY_PID 0 /* an interrupt; a reading */
#define OUTSIDERS 16 /* that are told apart */

enum { SIDE_BATCH, SIDE_BIO, SIDE_PIPE, SIDE_SOCKET, SIDE_RING, SIDE_COMMAND, SIDE_OUTSIDERS };

#define SIDES (SIDE_OUTSIDERS + OUTSIDERS)

static const enum ft_owner_class side_class[SIDE_COMMAND] = {
	[SIDE_BATCH] = FT_OWNER_LRU_BATCH, [SIDE_BIO] = FT_OWNER_BIO,
	[SIDE_PIPE] = FT_OWNER_PIPE,	   [SIDE_SOCKET] = FT_OWNER_SOCKET,
	[SIDE_RING] = FT_OWNER_IO_URING,
};

struct side {
	uint32_t pid;
	bool lives;
	int64_t units, pins;	    /* units: without those of pins */
	int64_t sent[SIDE_COMMAND]; /* what it took of those that are passed on */
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
	const char *callers[FT_PLACE_CALLERS] = { NULL };
	uint32_t at = ft_run__operator(s->c->run, e), i;
	struct ft_site site = *e->site;
	enum ft_place_role role;

	if (at && at < stack->depth)
		site.function = stack->frames[at]->function;
	for (i = 0; i < FT_PLACE_CALLERS && at + 1 + i < stack->depth; i++)
		callers[i] = stack->frames[at + 1 + i]->function;
	role = ft_holders__role_of(&site, callers);
	if (role == FT_PLACE_BATCH_GET || role == FT_PLACE_BATCH_PUT)
		return &s->side[SIDE_BATCH];
	for (i = 0; i < SIDE_COMMAND; i++)
		if (side_class[i] == class)
			return &s->side[i];
	return NULL;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t move(struct side *from, struct side *to, int64_t most)
{
	int64_t n = smaller(smaller(from->units, -to->units), most);

	if (n <= 0)
		return 0;
	from->units -= n;
	to->units += n;
	return n;
}

static bool may_live(const struct sides *s, size_t at)
{
	return at < SIDE_COMMAND && ft_run__class_may_live(s->c->run, side_class[at]);
}

/*
 * A task puts what it took itself, wherever that is put otherwise; a batch is only drained. Not
 * where the pipe, the socket may be open still: then it may have put something else.
 */
static void take_back(struct sides *s, struct side *task)
{
	size_t i;

	for (i = SIDE_BATCH + 1; i < SIDE_COMMAND; i++)
		if (!may_live(s, i))
			task->sent[i] -= move(&s->side[i], task, task->sent[i]);
}

/*
 * In the order in which a side can have nothing any more at the end: what is asked is how
 * much others may have at most.
 */
static size_t sides_in_order(const struct sides *s, struct side **list)
{
	static const unsigned char first[] = { SIDE_BATCH, SIDE_BIO,	SIDE_COMMAND,
					       SIDE_PIPE,  SIDE_SOCKET, SIDE_RING };
	size_t nr = 0, i;
	int lives;

	for (lives = 0; lives < 2; lives++) {
		for (i = 0; i < sizeof(first); i++)
			if (may_live(s, first[i]) == lives)
				list[nr++] = (struct side *)&s->side[first[i]];
		for (i = SIDE_OUTSIDERS; i < s->nr; i++)
			if (s->side[i].lives == lives)
				list[nr++] = (struct side *)&s->side[i];
	}
	return nr;
}

/* More was put than this side had. */
static void cover(struct sides *s, struct side *debtor)
{
	bool task = debtor >= &s->side[SIDE_COMMAND];
	struct side *from[SIDES];
	size_t nr = sides_in_order(s, from), i;
	int64_t n;

	/* then another put was not of what was passed on, but of what was there before */
	if (!task) {
		n = smaller(s->holdings.handed_over, -debtor->units);
		s->holdings.handed_over -= n;
		s->holdings.put_before += n;
		s->holdings.either += n;
		debtor->units += n;
	}
	for (i = 0; i < nr && debtor->units < 0; i++) {
		n = move(from[i], debtor, INT64_MAX);
		/* put where such a one is not put: it may have been somebody's from before */
		if (from[i] <= &s->side[SIDE_COMMAND] && task)
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
 * removed it has the reference. Of a birth the rest is of whoever made it.
 */
static bool hand_to_holder(struct sides *s, const struct ft_event *before, const struct ft_event *e)
{
	int64_t more = shown(s->c, e) - (before ? shown(s->c, before) : e->refcount);
	bool taken = before && ft_event__is_operation(before) && before->delta > 0;
	struct side *side;

	/* of one that was there before the rest is of those who had it then */
	if (!more || (!before && !s->c->folio->born))
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
	if (side != task && e->delta > 0)
		task->sent[side - s->side] += e->delta;
	if (side != &s->side[SIDE_COMMAND] && e->delta < 0 && side->units < 0 &&
	    e->op != FT_OP_FREEZE) {
		if (side == task)
			take_back(s, task);
		else if (side != &s->side[SIDE_BATCH])
			move(task, side, INT64_MAX);
		cover(s, side);
	}
	return true;
}

/* What is passed on, but not found, is a living outsider's if it took it. */
static void sum_up_passing(struct sides *s, size_t at)
{
	struct ft_holdings *h = &s->holdings;
	const struct ft_run *run = s->c->run;
	int64_t units = s->side[at].units, n;
	size_t i;

	n = ft_run__units_found(run, s->c->folio->id, side_class[at]);
	h->found += at == SIDE_RING ? 0 : n; /* a ring's are pins */
	units -= n;
	for (i = SIDE_OUTSIDERS; i < s->nr && units > 0; i++) {
		n = s->side[i].lives ? smaller(units, s->side[i].sent[at]) : 0;
		h->outsiders += n;
		units -= n;
	}
	if (units <= 0 || !may_live(s, at))
		return;
	h->passing += units;
	h->passing_class = side_class[at];
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
	for (i = 0; i < SIDE_COMMAND; i++)
		sum_up_passing(s, i);
	h->command = s->side[SIDE_COMMAND].units;
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
		if (ft_run__is_operation(c->run, e) && !operate(&s, e))
			return (struct ft_holdings){ 0 };
		before = e;
	}
	sum_up(&s);
	return s.holdings;
}
