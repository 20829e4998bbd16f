// SPDX-License-Identifier: GPL-2.0
/* A folio lifetime as a row of steps: what was called and done, by function and role. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/diff/parts.h"
#include "core/folio/holders.h"
#include "core/folio/reading.h"
#include "core/index/calls.h"

#define DEPTH 32

bool ft_step__is_same(const struct ft_differ *d, const struct ft_step *a, const struct ft_step *b)
{
	return a->what == b->what && a->result == b->result &&
	       ft_function__is_same(a->function, b->function) && a->op == b->op && a->at == b->at &&
	       (!d->callers || ft_function__is_same(a->caller, b->caller));
}

static bool has_other_surplus(const struct ft_step *a, const struct ft_step *b)
{
	return a->has_surplus && b->has_surplus && a->surplus != b->surplus;
}

bool ft_timeline__is_same(const struct ft_differ *d, const struct ft_timeline *a,
			  const struct ft_timeline *b)
{
	size_t i;

	if (a->nr != b->nr || a->folio->kind != b->folio->kind ||
	    a->folio->order != b->folio->order || !ft_timeline__ends_same(a, b))
		return false;
	for (i = 0; i < a->nr; i++)
		if (!ft_step__is_same(d, &a->step[i], &b->step[i]) ||
		    has_other_surplus(&a->step[i], &b->step[i]))
			return false;
	return true;
}

bool ft_timeline__ends_same(const struct ft_timeline *a, const struct ft_timeline *b)
{
	enum ft_verdict va = a->folio->verdict, vb = b->folio->verdict;

	if (va < FT_VERDICT_INCONCLUSIVE || vb < FT_VERDICT_INCONCLUSIVE)
		return va < FT_VERDICT_INCONCLUSIVE && vb < FT_VERDICT_INCONCLUSIVE;
	return va == vb && a->folio->final.surplus - a->folio->baseline ==
				   b->folio->final.surplus - b->folio->baseline;
}

struct writer {
	struct ft_differ *d;
	struct ft_side *side;
	struct ft_timeline *timeline;
};

/* Equal steps in a row are one: how often a thing is tried again differs from run to run. */
static void add(struct writer *w, const struct ft_step *step)
{
	struct ft_timeline *s = w->timeline;

	if (s->nr && ft_step__is_same(w->d, &s->step[s->nr - 1], step)) {
		s->step[s->nr - 1].surplus = step->surplus;
		return;
	}
	if (s->nr == FT_STEPS_MAX) {
		s->cut = true;
		return;
	}
	s->step[s->nr++] = *step;
}

static int add_operation(struct writer *w, const struct ft_event *e)
{
	struct ft_attributor *n = &w->side->attributor;
	struct ft_step step = { .event = e, .t_ns = e->t_ns };
	enum ft_place_role role;
	struct ft_caller at;
	uint32_t id;
	int code = ft_callers__find(&n->callers, e, &at);

	if (!code)
		code = ft_classes__intern(&n->classes, at.site, at.stack, &id);
	if (code || !e->delta)
		return code;
	/* when an LRU batch is full or drained differs from run to run */
	role = n->classes.list[id].role;
	if (role == FT_PLACE_BATCH_GET || role == FT_PLACE_BATCH_PUT)
		return 0;
	step.what = e->delta > 0 ? FT_STEP_GET : FT_STEP_PUT;
	step.function = at.site->function;
	step.module = at.site->module;
	step.caller = at.stack && at.stack->depth > 1 ? at.stack->frames[1]->function : NULL;
	add(w, &step);
	return 0;
}

/* The count of a single page depends on the LRU batches, so its surplus is not compared. */
static void add_call(struct writer *w, const struct ft_event *e)
{
	struct ft_step step = {
		.what = FT_STEP_CALL,
		.function = e->site->function,
		.result = e->site->returns ? ft_value__error(e->value) : 0,
		.event = e,
		.t_ns = e->t_ns,
	};

	if (!w->d->operations && e->order && ft_event__is_reading(e)) {
		step.surplus = e->refcount - ft_expected__of(w->timeline->folio->kind, e->flags,
							     e->order, e->mapcount, e->pincount,
							     ft_run__rules(w->side->run))
						     .total;
		step.has_surplus = true;
	}
	add(w, &step);
}

static void add_checkpoints(struct writer *w, size_t *at, uint64_t until)
{
	const struct ft_folio *folio = w->timeline->folio;

	for (; *at < folio->nr_checkpoints && folio->checkpoints[*at].t_ns <= until; ++*at) {
		const struct ft_checkpoint *c = &folio->checkpoints[*at];

		add(w, &(struct ft_step){
			       .what = FT_STEP_CHECKPOINT,
			       .function = c->in ? c->in->function : NULL,
			       .at = c->at,
			       .surplus = c->surplus,
			       .has_surplus = true,
			       .t_ns = c->t_ns,
		       });
	}
}

/* Returns of the same task from functions without a folio, while it is inside of a call
 * that has to do with this one. */
static void add_calls(struct writer *w, const struct ft_event *e, uint64_t until)
{
	const struct ft_run *run = w->side->run;
	const struct ft_call *open[DEPTH];
	size_t depth = ft_run__open_calls(run, e->pid, e->t_ns, open, DEPTH), i;

	for (i = ft_run__calls_after(run, e->t_ns);
	     depth && i < run->nr_calls && run->calls[i].t_ns < until; i++) {
		const struct ft_call *s = &run->calls[i];

		if (s->pid != e->pid)
			continue;
		if (!s->returned) {
			depth++;
			continue;
		}
		depth--;
		add(w, &(struct ft_step){
			       .what = FT_STEP_CALL,
			       .function = s->site->function,
			       .result = s->site->returns ? ft_value__error(s->value) : 0,
			       .t_ns = s->t_ns,
		       });
	}
}

static bool is_mark(const struct ft_event *e)
{
	return e->op == FT_OP_BORN || e->op == FT_OP_ADOPTED || e->op == FT_OP_SPLIT ||
	       e->op == FT_OP_MIGRATE || e->op == FT_OP_DIED;
}

static int add_event(struct writer *w, const struct ft_event *e)
{
	if (ft_event__is_operation(e))
		return w->d->operations && e->source == w->side->run->exact_source ?
			       add_operation(w, e) :
			       0;
	if (e->op == FT_OP_RETURN)
		add_call(w, e);
	if (is_mark(e))
		add(w, &(struct ft_step){
			       .what = FT_STEP_MARK,
			       .op = e->op,
			       .event = e,
			       .t_ns = e->t_ns,
		       });
	return 0;
}

static int build(struct writer *w)
{
	const struct ft_folio *folio = w->timeline->folio;
	size_t i, checkpoint = 0;
	int code = 0;

	for (i = 0; !code && i < folio->nr_events; i++) {
		const struct ft_event *e = &folio->events[i];

		add_checkpoints(w, &checkpoint, e->t_ns);
		code = add_event(w, e);
		if (!code)
			add_calls(w, e, i + 1 < folio->nr_events ? e[1].t_ns : e->t_ns);
	}
	return code;
}

/* Folios that were split, migrated, or ended wrong. */
static bool has_timeline(const struct ft_folio *folio)
{
	size_t i;

	if (!folio->events || folio->hidden)
		return false;
	if (folio->verdict >= FT_VERDICT_INCONCLUSIVE || folio->nr_checkpoints)
		return true;
	for (i = 0; i < folio->nr_events; i++) {
		const struct ft_event *e = &folio->events[i];

		if (e->op == FT_OP_SPLIT || e->op == FT_OP_MIGRATE ||
		    (e->op == FT_OP_RETURN &&
		     (e->site->role == FT_ROLE_SPLIT || e->site->role == FT_ROLE_MOVE ||
		      e->site->role == FT_ROLE_FINALIZE)))
			return true;
	}
	return false;
}

static int add_timeline(struct ft_differ *d, struct ft_timelines *all,
			const struct ft_timeline *new)
{
	struct ft_timeline *p;
	size_t i;

	for (i = 0; i < all->nr; i++)
		if (ft_timeline__is_same(d, &all->list[i], new)) {
			all->list[i].folios++;
			return 0;
		}
	if (all->nr == all->room) {
		all->room = all->room ? 2 * all->room : 32;
		p = realloc(all->list, all->room * sizeof(*p));
		if (!p)
			return -ENOMEM;
		all->list = p;
	}
	p = &all->list[all->nr++];
	*p = *new;
	p->step = ft_arena__alloc(d->arena, new->nr + 1, sizeof(*p->step));
	if (!p->step)
		return -ENOMEM;
	memcpy(p->step, new->step, new->nr * sizeof(*p->step));
	return 0;
}

int ft_timelines__of(struct ft_differ *d, struct ft_side *side)
{
	struct ft_step *scratch = calloc(FT_STEPS_MAX, sizeof(*scratch));
	size_t i;
	int code = scratch ? 0 : -ENOMEM;

	for (i = 0; !code && i < side->run->nr_folios; i++) {
		struct ft_timeline timeline = { .folio = side->run->folios[i],
						.folios = 1,
						.step = scratch };
		struct writer w = { d, side, &timeline };

		if (!has_timeline(timeline.folio))
			continue;
		code = build(&w);
		if (!code)
			code = add_timeline(d, &side->timelines, &timeline);
	}
	free(scratch);
	return code;
}
