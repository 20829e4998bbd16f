// SPDX-License-Identifier: GPL-2.0
/*
 * __migrate_device_finalize() (mm/migrate_device.c) has one reference to every source and
 * destination until it puts them back, so one more is expected there up to its return.
 */
#include <errno.h>

#include "core/folio/checkpoint.h"
#include "core/folio/holders.h"
#include "core/folio/reading.h"

static size_t count(const struct ft_analysis *c)
{
	size_t i, nr = 0;

	for (i = 0; i < c->nr; i++)
		nr += c->events[i].op == FT_OP_CHECKPOINT;
	return nr;
}

static void fill(const struct ft_analysis *c, const struct ft_event *e, bool in_batch,
		 struct ft_checkpoint *p)
{
	int t;

	p->at = (enum ft_checkpoint_at)(e->aux & FT_CP_AT_MASK);
	p->in = e->site;
	p->dst = e->aux & FT_CP_DST;
	p->migrate = e->aux & FT_CP_MIGRATE;
	p->src_is_dst = e->aux & FT_CP_SRC_IS_DST;
	p->compound = e->aux & FT_CP_COMPOUND;
	p->index = e->value;
	p->t_ns = e->t_ns;
	p->pid = e->pid;
	p->comm = e->comm;
	p->order = e->order;
	p->refcount = e->refcount;
	p->mapcount = e->mapcount;
	p->expected = ft_analysis__expected(c, e);
	if (p->at != FT_AT_FINALIZE_RETURN)
		p->expected.term[FT_TERM_FUNCTION] = 1;
	if (in_batch)
		p->expected.term[FT_TERM_LRU_BATCH] = 1;
	if (e->aux & FT_CP_FAULT)
		p->expected.term[FT_TERM_FAULT] = 1;
	for (t = FT_TERM_FUNCTION; t <= FT_TERM_FAULT; t++)
		p->expected.total += p->expected.term[t];
	p->surplus = ft_event__is_reading(e) ? e->refcount - p->expected.total : 0;
}

int ft_analysis__add_checkpoints(struct ft_analysis *c)
{
	struct ft_folio *folio = c->folio;
	bool in_batch = false;
	size_t i, nr = count(c);

	if (!nr)
		return 0;
	folio->checkpoints = ft_arena__alloc(c->arena, nr, sizeof(*folio->checkpoints));
	if (!folio->checkpoints)
		return -ENOMEM;
	for (i = 0; i < c->nr; i++) {
		const struct ft_event *e = &c->events[i];

		/* In the batch until PG_lru shows that it was drained. */
		if (ft_holders__adds_to_batch(e))
			in_batch = true;
		if (e->flags & FT_PF_LRU)
			in_batch = false;
		if (e->op == FT_OP_CHECKPOINT)
			fill(c, e, in_batch, &folio->checkpoints[folio->nr_checkpoints++]);
	}
	return 0;
}

const struct ft_checkpoint *ft_folio__checkpoint_of(const struct ft_folio *folio,
						    const struct ft_event *e)
{
	size_t i;

	if (e->op != FT_OP_CHECKPOINT)
		return NULL;
	for (i = 0; i < folio->nr_checkpoints; i++) {
		const struct ft_checkpoint *p = &folio->checkpoints[i];

		if (p->t_ns == e->t_ns && p->in == e->site && p->pid == e->pid &&
		    p->index == e->value && p->refcount == e->refcount &&
		    p->at == (enum ft_checkpoint_at)(e->aux & FT_CP_AT_MASK))
			return p;
	}
	return NULL;
}

int64_t ft_analysis__own_surplus(const struct ft_analysis *c, const struct ft_event *e)
{
	const struct ft_checkpoint *p = ft_folio__checkpoint_of(c->folio, e);
	int holders;

	if (p)
		return p->surplus;
	holders = ft_analysis__transient_at(c, e);
	return ft_analysis__surplus(c, e) - (holders > 0 ? holders : 0);
}
