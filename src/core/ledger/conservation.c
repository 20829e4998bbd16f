// SPDX-License-Identifier: GPL-2.0
/* The law over all lives, those that are forgotten at once included. */
#include <errno.h>
#include <stdlib.h>

#include "core/ledger/conservation.h"
#include "core/ledger/ledger.h"

#define KEEP_MAX 1000 /* broken lives that are kept to be shown */
#define WAIT_MAX 1000 /* ... that a late record may still mend */

/* A place as the wire names it: the names come later. */
struct place {
	uint8_t source;
	uint32_t site;
};

struct ft_misfit_row {
	struct place before, after;
	int64_t off;
	uint64_t lives;
	uint32_t example;
};

void ft_laws__init(struct ft_laws *laws, const struct ft_run *run)
{
	*laws = (struct ft_laws){ .run = run };
}

void ft_laws__free(struct ft_laws *laws)
{
	free(laws->step);
	free(laws->rows);
	*laws = (struct ft_laws){ 0 };
}

static int compare_seq(const void *pa, const void *pb)
{
	const struct ft_wire_event *a = *(const struct ft_wire_event *const *)pa;
	const struct ft_wire_event *b = *(const struct ft_wire_event *const *)pb;

	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static int reserve(struct ft_laws *laws, size_t want)
{
	size_t room = laws->room ? laws->room : 64;
	void *p;

	while (room < want)
		room *= 2;
	if (room == laws->room)
		return 0;
	p = realloc(laws->step, room * sizeof(*laws->step));
	if (!p)
		return -ENOMEM;
	laws->step = p;
	laws->room = room;
	return 0;
}

/* The records in order of their number, each number once. */
static int gather(struct ft_laws *laws, struct ft_account *a, size_t *nr)
{
	struct ft_chunk *chunk;
	bool sorted = true;
	size_t i, n = 0;

	if (reserve(laws, a->nr))
		return -ENOMEM;
	for (chunk = a->first; chunk; chunk = chunk->next)
		for (i = 0; i < FT_CHUNK_EVENTS && n < a->nr; i++) {
			laws->step[n++] = &chunk->event[i];
			sorted = sorted &&
				 (n < 2 || laws->step[n - 2]->seq < laws->step[n - 1]->seq);
		}
	if (!sorted)
		qsort(laws->step, n, sizeof(*laws->step), compare_seq);
	for (i = *nr = 0; i < n; i++)
		if (!*nr || laws->step[*nr - 1]->seq != laws->step[i]->seq)
			laws->step[(*nr)++] = laws->step[i];
	return 0;
}

/*
 * The tracepoint of a plain store tells the new count only. Its delta was taken
 * from the account, which sums up both sources where two of them run.
 */
static void mend_stores(struct ft_laws *laws, size_t nr)
{
	int32_t count = FT_UNKNOWN;
	size_t i;

	for (i = 0; i < nr; i++) {
		struct ft_wire_event *e = laws->step[i];
		bool operation = e->head.op >= FT_OP_GET && e->head.op <= FT_OP_SET;

		if (operation && e->source != FT_SRC_PAGE_REF)
			continue;
		if (count == FT_UNKNOWN) {
			count = e->refcount;
			continue;
		}
		if (operation && e->head.op == FT_OP_SET)
			e->delta = e->refcount - count;
		if (operation)
			count += e->delta;
	}
}

static struct place place_of(const struct ft_laws *laws, size_t nr, uint32_t seq)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (laws->step[i]->seq == seq)
			return (struct place){ laws->step[i]->source, laws->step[i]->site };
	return (struct place){ 0 };
}

static bool same(const struct place *a, const struct place *b)
{
	return a->source == b->source && a->site == b->site;
}

static int note_broken(struct ft_laws *laws, size_t nr, const struct ft_account *a)
{
	struct ft_misfit_row row = {
		.before = place_of(laws, nr, a->law.before),
		.after = place_of(laws, nr, a->law.after),
		.off = a->law.off,
		.lives = 1,
		.example = a->id,
	};
	size_t i;

	for (i = 0; i < laws->nr_rows; i++) {
		if (!same(&laws->rows[i].before, &row.before) ||
		    !same(&laws->rows[i].after, &row.after))
			continue;
		laws->rows[i].lives++;
		return 0;
	}
	if (laws->nr_rows == laws->rows_room) {
		size_t room = laws->rows_room ? 2 * laws->rows_room : 16;
		void *p = realloc(laws->rows, room * sizeof(*laws->rows));

		if (!p)
			return -ENOMEM;
		laws->rows = p;
		laws->rows_room = room;
	}
	laws->rows[laws->nr_rows++] = row;
	return 0;
}

void ft_laws__record(const struct ft_laws *laws, struct ft_account *a,
		     const struct ft_wire_event *e)
{
	struct ft_running_law *r = &a->running;
	const struct ft_run *run = laws->run;
	bool operation = e->head.op >= FT_OP_GET && e->head.op <= FT_OP_SET;
	int64_t count;

	if (r->failed || !run->exact)
		return;
	r->failed = e->seq != a->max_seq + 1 || run->comparison.made ||
		    (operation && e->source != run->exact_source);
	if (r->failed || e->refcount == FT_UNKNOWN || (e->flags & FT_PF_TAIL)) {
		/* not seen beside the count, but it counts */
		r->failed |= operation && e->delta;
		return;
	}
	count = (int64_t)r->count + (operation ? e->delta : 0);
	if (!r->anchor)
		r->anchor = e->seq;
	else if (count != e->refcount)
		r->failed = true;
	r->until = e->seq;
	r->count = e->refcount;
}

/* All counts agree: the first is the anchor, and there is no overlap. */
static bool holds_so_far(struct ft_account *a)
{
	const struct ft_running_law *r = &a->running;

	if (r->failed || a->nr != a->max_seq)
		return false;
	if (r->anchor != r->until)
		a->law = (struct ft_conservation){
			.law = FT_LAW_HOLDS,
			.anchor = r->anchor,
			.until = r->until,
		};
	return true;
}

int ft_laws__account(struct ft_laws *laws, struct ft_account *a, bool last)
{
	size_t nr;

	if (!laws->run->exact || a->law_done)
		return 0;
	a->law_done = true;
	if (holds_so_far(a))
		return 0;
	if (gather(laws, a, &nr))
		return -ENOMEM;
	if (laws->run->comparison.made)
		mend_stores(laws, nr);
	ft_law__check(laws->run, (const struct ft_wire_event *const *)laws->step, nr, &a->law);
	if (a->law.law == FT_LAW_BROKEN && !last && laws->waited < WAIT_MAX) {
		laws->waited++;
		a->law_done = false;
		return 1;
	}
	laws->overlaps += a->law.overlaps;
	if (a->law.law != FT_LAW_BROKEN)
		return 0;
	if (laws->errors++ < KEEP_MAX)
		a->telling = true;
	return note_broken(laws, nr, a);
}

static int compare_rows(const void *pa, const void *pb)
{
	const struct ft_misfit_row *a = pa, *b = pb;

	if (a->lives != b->lives)
		return a->lives > b->lives ? -1 : 1;
	return a->example < b->example ? -1 : a->example > b->example;
}

int ft_laws__complete(struct ft_laws *laws, struct ft_run *run, const struct ft_sites *sites,
		      struct ft_arena *arena)
{
	size_t i;

	run->loss.conservation_errors += laws->errors;
	run->loss.overlaps += laws->overlaps;
	if (!laws->nr_rows)
		return 0;
	qsort(laws->rows, laws->nr_rows, sizeof(*laws->rows), compare_rows);
	run->misfits = ft_arena__alloc(arena, laws->nr_rows, sizeof(*run->misfits));
	if (!run->misfits)
		return -ENOMEM;
	run->nr_misfits = laws->nr_rows;
	for (i = 0; i < laws->nr_rows; i++) {
		const struct ft_misfit_row *r = &laws->rows[i];

		run->misfits[i] = (struct ft_misfit){
			.before = ft_sites__get(sites, r->before.source, r->before.site),
			.after = ft_sites__get(sites, r->after.source, r->after.site),
			.off = r->off,
			.lives = r->lives,
			.example = r->example,
		};
	}
	return 0;
}
