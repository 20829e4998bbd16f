// SPDX-License-Identifier: GPL-2.0
#include "capture/run/readings.h"

#include <stdlib.h>
#include <string.h>

struct reading {
	uint32_t seq, round;
	int32_t refcount, mapcount;
	/* when it was adopted: of others; 0 of one that was born */
	int32_t first_mapcount, first_surplus;
	bool adopted, known;
};

static struct reading *reading_of(struct readings *r, uint32_t id)
{
	if (id >= r->size) {
		uint32_t size = id + id / 2 + 1024;
		struct reading *p = reallocarray(r->by_id, size, sizeof(*p));

		if (!p) {
			r->out_of_memory = true;
			return NULL;
		}
		memset(p + r->size, 0, (size - r->size) * sizeof(*p));
		r->by_id = p;
		r->size = size;
	}
	return &r->by_id[id];
}

static int32_t bounded(int64_t n)
{
	return n < 0 ? 0 : n > INT32_MAX ? INT32_MAX : (int32_t)n;
}

static void adopt(struct readings *r, const struct ft_wire_event *e)
{
	struct reading *first = reading_of(r, e->id);
	struct surplus s = r->of(r->arg, e, false);

	if (!first)
		return;
	first->adopted = true;
	first->known = s.judged;
	first->first_mapcount = e->mapcount == FT_UNKNOWN ? 0 : bounded(e->mapcount);
	first->first_surplus = bounded(s.units);
}

static void keep(struct readings *r, const struct ft_wire_event *e, bool suspect)
{
	if (r->nr_resting == r->room) {
		size_t room = r->room ? 2 * r->room : 256;
		struct resting *p = reallocarray(r->resting, room, sizeof(*p));

		if (!p) {
			r->out_of_memory = true;
			return;
		}
		r->resting = p;
		r->room = room;
	}
	r->suspects += suspect;
	r->resting[r->nr_resting++] = (struct resting){
		.folio = e->folio,
		.id = e->id,
		.flags = e->flags,
		.mapcount = e->mapcount,
		.entire_mapcount = e->entire_mapcount,
		.order = e->order,
		.suspect = suspect,
	};
}

void readings__take(void *arg, const struct ft_wire_event *e)
{
	struct readings *r = arg;
	struct reading *last;
	struct surplus s;
	bool agrees, mapped, surplus;

	if (e->head.op == FT_OP_ADOPTED) {
		adopt(r, e);
		return;
	}
	last = reading_of(r, e->id);
	if (!last)
		return;
	s = r->of(r->arg, e, !last->adopted || last->known);
	/* readings take a number, too: consecutive numbers mean that there was no event between */
	agrees = last->round && last->round + 1 == r->round && e->seq == last->seq + 1 &&
		 e->refcount == last->refcount && e->mapcount == last->mapcount;
	last->seq = e->seq;
	last->round = r->round;
	last->refcount = e->refcount;
	last->mapcount = e->mapcount;
	mapped = e->mapcount != FT_UNKNOWN && e->mapcount > last->first_mapcount;
	surplus = s.units > last->first_surplus;
	r->not_quiescent += !agrees;
	r->locked += (e->flags & FT_PF_LOCKED) != 0;
	r->surplus += surplus;
	r->journal += surplus && s.journal;
	r->mapped += mapped ? e->mapcount : 0;
	if (e->mapcount > 0 || surplus)
		keep(r, e, mapped || surplus);
}

void readings__next_round(struct readings *r)
{
	r->round++;
	r->not_quiescent = r->locked = r->surplus = r->journal = 0;
	r->mapped = 0;
	r->nr_resting = r->suspects = 0;
}

void readings__free(struct readings *r)
{
	free(r->by_id);
	free(r->resting);
	r->by_id = NULL;
	r->resting = NULL;
}
