// SPDX-License-Identifier: GPL-2.0
/*
 * Where a reference went when only boundaries were seen: between the last
 * reading without the surplus and the first of those that all have it. That is
 * an interval, not a get: the reason refers to both readings.
 */
#include <errno.h>

#include "core/folio/checkpoint.h"
#include "core/folio/holders.h"
#include "core/folio/reading.h"
#include "core/index/calls.h"
#include "core/verdict/judge.h"

#define DEPTH 16
#define RETURNED 3 /* functions kept that ran inside of an interval */

struct interval {
	const struct ft_event *after; /* NULL: since its first reading */
	const struct ft_event *event;
};

/* The surplus at e, or the deficit if it ends in one, less what known holders had. */
static int64_t level(const struct ft_analysis *c, const struct ft_event *e, bool put)
{
	int64_t own = ft_analysis__own_surplus(c, e);

	return put ? -own : own;
}

/* The task that has a folio locked holds references to it. How many is known only at
 * checkpoints, and in functions of the holder table. */
static bool is_sure(const struct ft_analysis *c, const struct ft_event *e)
{
	return e->op == FT_OP_SNAPSHOT || e->op == FT_OP_CHECKPOINT || !(e->flags & FT_PF_LOCKED) ||
	       ft_analysis__transient_at(c, e) >= 0;
}

static struct interval find(const struct ft_analysis *c, int64_t wanted, bool put)
{
	struct interval found = { 0 };
	size_t i;

	for (i = c->nr; i--;) {
		const struct ft_event *e = &c->events[i];

		if (!ft_event__is_reading(e))
			continue;
		if (level(c, e, put) < wanted) {
			found.after = e;
			break;
		}
		if (is_sure(c, e))
			found.event = e;
	}
	return found;
}

/* The innermost function that was open from one end to the other. */
static const struct ft_site *open_throughout(const struct ft_run *run, const struct interval *in)
{
	const struct ft_call *a[DEPTH], *b[DEPTH];
	size_t na, nb, i, j;

	na = ft_run__open_calls(run, in->after->pid, in->after->t_ns, a, DEPTH);
	nb = ft_run__open_calls(run, in->event->pid, in->event->t_ns, b, DEPTH);
	for (j = 0; j < nb; j++)
		for (i = 0; i < na; i++)
			if (a[i] == b[j])
				return b[j]->site;
	return NULL;
}

/* What a task entered within an interval. */
struct walk {
	struct {
		const struct ft_call *entered;
		bool busy; /* something else ran inside of it, and came back */
	} open[DEPTH];
	size_t depth;
	const struct ft_call *back[RETURNED + 1]; /* returns, each function once */
	size_t nr_back;
	const struct ft_site *whole; /* the last one that ran from start to return */
	size_t nr_whole;	     /* not counting those inside of others */
};

static void walk__returned(struct walk *w, const struct ft_call *s)
{
	size_t i;

	w->depth--;
	w->whole = s->site;
	if (w->depth)
		w->open[w->depth - 1].busy = true;
	else
		w->nr_whole++;
	for (i = 0; i < w->nr_back; i++)
		if (w->back[i]->site == s->site)
			return;
	if (w->nr_back < sizeof(w->back) / sizeof(*w->back))
		w->back[w->nr_back++] = s;
}

static void walk(const struct ft_run *run, const struct interval *in, struct walk *w)
{
	size_t i;

	*w = (struct walk){ 0 };
	if (!in->after || in->after->pid != in->event->pid)
		return;
	for (i = ft_run__calls_after(run, in->after->t_ns);
	     i < run->nr_calls && run->calls[i].t_ns <= in->event->t_ns; i++) {
		const struct ft_call *s = &run->calls[i];

		if (s->pid != in->event->pid)
			continue;
		if (!s->returned && w->depth < DEPTH) {
			w->open[w->depth].busy = false;
			w->open[w->depth++].entered = s;
		} else if (s->returned && w->depth &&
			   w->open[w->depth - 1].entered->site == s->site) {
			walk__returned(w, s);
		}
	}
}

/*
 * The function that it happened in: one that was entered in the interval, did
 * something and is still open at its end; else the only one that ran in it from
 * its start to its return; else what was open all the time.
 */
static const struct ft_site *where(const struct ft_run *run, const struct interval *in,
				   const struct walk *w)
{
	size_t i;

	if (!in->after || in->after->pid != in->event->pid)
		return NULL;
	for (i = w->depth; i--;)
		if (w->open[i].busy)
			return w->open[i].entered->site;
	return w->nr_whole == 1 ? w->whole : open_throughout(run, in);
}

/* What ran inside of the interval and came back, but for the function itself. */
static int fill_returned(struct ft_analysis *c, const struct walk *w, struct ft_lost *lost)
{
	size_t i;

	lost->returned = ft_arena__alloc(c->arena, RETURNED, sizeof(*lost->returned));
	if (!lost->returned)
		return -ENOMEM;
	for (i = 0; i < w->nr_back && lost->nr_returned < RETURNED; i++)
		if (w->back[i]->site != lost->in)
			lost->returned[lost->nr_returned++] =
				(struct ft_returned){ w->back[i]->site, w->back[i]->value };
	return 0;
}

static int fill(struct ft_analysis *c, const struct interval *in, bool put, struct ft_lost *lost)
{
	struct walk w;

	lost->put = put;
	lost->event = in->event;
	lost->after = in->after;
	walk(c->run, in, &w);
	lost->in = where(c->run, in, &w);
	lost->confidence = lost->in ? FT_LIKELY : FT_AMBIGUOUS;
	lost->reason.code = in->after ? FT_REASON_INFERRED_BETWEEN :
					FT_REASON_INFERRED_FIRST_READING;
	return w.nr_back ? fill_returned(c, &w, lost) : 0;
}

#define LOST_MAX 8

/* In whose course the entry went, if that was seen: the last of the task that mapped it. */
static int fill_cleared(struct ft_analysis *c, struct ft_lost *lost)
{
	const struct ft_run *run = c->run;
	const struct ft_call *by = NULL;
	size_t i;

	for (i = ft_run__calls_after(run, lost->event->t_ns); i < run->nr_calls; i++)
		if (run->calls[i].returned && run->calls[i].pid == lost->event->pid &&
		    ft_holders__clears_entries(run->calls[i].site))
			by = &run->calls[i];
	if (!by)
		return 0;
	lost->returned = ft_arena__alloc(c->arena, 1, sizeof(*lost->returned));
	if (!lost->returned)
		return -ENOMEM;
	lost->returned[lost->nr_returned++] = (struct ft_returned){ by->site, by->value };
	return 0;
}

/* The last mappings that were made are those that are left, if none was removed since. */
static int name_mappings(struct ft_analysis *c)
{
	struct ft_folio *folio = c->folio;
	int64_t wrong = folio->ownerless.mappings;
	size_t i, made = 0;
	int code = 0;

	if (wrong > LOST_MAX)
		wrong = LOST_MAX;
	folio->lost = ft_arena__alloc(c->arena, (size_t)wrong, sizeof(*folio->lost));
	if (!folio->lost)
		return -ENOMEM;
	for (i = 0; i < c->nr; i++)
		made += ft_event__maps(&c->events[i]);
	for (i = c->nr; i-- && !code && (int64_t)folio->nr_lost < wrong;) {
		struct ft_lost *lost = &folio->lost[folio->nr_lost];

		if (!ft_event__maps(&c->events[i]))
			continue;
		*lost = (struct ft_lost){
			.event = &c->events[i],
			.site = c->events[i].site,
			.class = FT_OWNER_MAPPING,
			.state = FT_OWNER_GONE,
			.confidence = (int64_t)made == wrong ? FT_CERTAIN : FT_LIKELY,
			.reason = { .code = (int64_t)made == wrong ?
						    FT_REASON_OTHERS_PAIRED :
						    FT_REASON_OTHERS_PAIRED_AS_SEEN },
		};
		folio->nr_lost++;
		code = fill_cleared(c, lost);
	}
	return code;
}

/* Mappings were removed more often than made: the last put went with a removal too many. */
static int name_last_put(struct ft_analysis *c)
{
	struct ft_folio *folio = c->folio;
	size_t i = c->nr;

	while (i && !(ft_event__is_operation(&c->events[i - 1]) && c->events[i - 1].delta < 0))
		i--;
	if (!i)
		return 0;
	folio->lost = ft_arena__alloc(c->arena, 1, sizeof(*folio->lost));
	if (!folio->lost)
		return -ENOMEM;
	folio->lost[folio->nr_lost++] = (struct ft_lost){
		.put = true,
		.event = &c->events[i - 1],
		.site = c->events[i - 1].site,
		.stack = ft_run__stack(c->run, &c->events[i - 1]),
		.class = FT_OWNER_MAPPING,
		.state = FT_OWNER_GONE,
		.confidence = FT_LIKELY,
		.reason = { .code = FT_REASON_OTHERS_PAIRED_AS_SEEN },
	};
	return 0;
}

/* The get itself, as the count before it was read. */
static int name_get_on_freed(struct ft_analysis *c)
{
	struct ft_folio *folio = c->folio;

	folio->lost = ft_arena__alloc(c->arena, 1, sizeof(*folio->lost));
	if (!folio->lost)
		return -ENOMEM;
	folio->lost[folio->nr_lost++] = (struct ft_lost){
		.event = &c->events[1],
		.site = c->events[1].site,
		.stack = ft_run__stack(c->run, &c->events[1]),
		.state = FT_OWNER_GONE,
		.confidence = FT_CERTAIN,
		.reason = { .code = FT_REASON_OTHERS_PAIRED },
	};
	return 0;
}

int ft_analysis__infer_lost(struct ft_analysis *c)
{
	struct ft_folio *folio = c->folio;
	bool put = folio->verdict == FT_VERDICT_OVERPUT;
	int64_t base = !folio->born && c->baseline_known && folio->baseline > 0 && !put ?
			       folio->baseline :
			       0;
	int64_t wrong = put ? -folio->final.surplus : folio->final.surplus - base;
	struct interval in, last = { 0 };
	int64_t i;
	int code;

	if (folio->reason.code == FT_REASON_GET_ON_FREED)
		return name_get_on_freed(c);
	if (folio->ownerless.mappings > 0)
		return name_mappings(c);
	if (folio->ownerless.mappings < 0 && c->run->exact)
		return name_last_put(c);
	if (folio->died || wrong <= 0)
		return 0;
	if (wrong > LOST_MAX)
		wrong = LOST_MAX;
	folio->lost = ft_arena__alloc(c->arena, (size_t)wrong, sizeof(*folio->lost));
	if (!folio->lost)
		return -ENOMEM;
	for (i = 1; i <= wrong; i++) {
		in = find(c, base + i, put);
		if (!in.event || (in.event == last.event && in.after == last.after))
			continue; /* the same interval holds several */
		last = in;
		code = fill(c, &in, put, &folio->lost[folio->nr_lost]);
		if (code)
			return code;
		folio->nr_lost++;
	}
	return 0;
}

const struct ft_site *ft_lost__site(const struct ft_lost *lost)
{
	if (lost->site)
		return lost->site;
	if (lost->in)
		return lost->in;
	/* between two readings: at neither of them */
	return lost->event && !lost->after ? lost->event->site : NULL;
}

struct ft_units ft_folio__lost_units(const struct ft_folio *folio)
{
	const struct ft_units *u = &folio->ownerless;

	if (u->references || u->pins || u->mappings)
		return *u;
	return (struct ft_units){ .references = folio->final.surplus - folio->baseline };
}

int64_t ft_folio__surplus(const struct ft_folio *folio)
{
	const struct ft_units *u = &folio->ownerless;
	int64_t surplus = folio->final.surplus - folio->baseline;

	/* what a balanced one is off by was passing by at its first reading */
	if (folio->verdict == FT_VERDICT_BALANCED)
		return 0;
	if (!ft_folio__is_bad(folio))
		return surplus;
	/* expected are also the references of pins and mappings that nobody has */
	if (folio->reason.code == FT_REASON_ROBBED)
		return u->references;
	return surplus + u->mappings + (folio->final.flags & FT_PF_LARGE ? u->pins : 0);
}
