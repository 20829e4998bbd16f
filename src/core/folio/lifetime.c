// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/folio/baseline.h"
#include "core/folio/checkpoint.h"
#include "core/folio/lifetime.h"
#include "core/folio/reading.h"
#include "core/ledger/event.h"
#include "core/ledger/ledger.h"
#include "core/util/grow.h"

/* A change of one of these between two readings shows that the folio was not at rest. */
#define REST_FLAGS                                                                                 \
	(FT_PF_LOCKED | FT_PF_LRU | FT_PF_SWAPBACKED | FT_PF_SWAPCACHE | FT_PF_ANON | FT_PF_KSM |  \
	 FT_PF_MOVABLE | FT_PF_MAPPING | FT_PF_PRIVATE | FT_PF_PRIVATE_2 | FT_PF_WRITEBACK |       \
	 FT_PF_HWPOISON | FT_PF_RESERVED | FT_PF_LARGE | FT_PF_HUGETLB | FT_PF_TYPED |             \
	 FT_PF_ZONE_DEVICE | FT_PF_ZERO | FT_PF_TAIL | FT_PF_DEVICE_MASK)

void ft_builder__free(struct ft_builder *b)
{
	ft_records__free(&b->records);
	free(b->events);
	b->events = NULL;
	b->room = 0;
}

static void convert(const struct ft_builder *b, const struct ft_wire_event *w, struct ft_event *e)
{
	const struct ft_task_name *task = ft_tasks__at(b->tasks, w->pid, w->t_ns);

	ft_event__of(w, ft_sites__get(b->sites, w->source, w->site), e);
	e->stack = ft_stacks__index(b->stacks, w->stack);
	if (!task)
		return;
	e->comm = task->comm;
	e->followed = task->followed;
}

static int convert_records(struct ft_builder *b, const struct ft_account *a, size_t *nr)
{
	struct ft_records *records = &b->records;
	size_t i;

	if (ft_records__gather(records, a) || FT_GROW(b->events, b->room, records->room))
		return -ENOMEM;
	b->run->nr_malformed += records->repeated;
	for (i = 0; i < records->nr; i++)
		convert(b, records->list[i], &b->events[i]);
	*nr = records->nr;
	return 0;
}

/* Judged memory does not become a page table and the like while it is allocated: it was
 * freed in between, and this is the next owner. */
static bool is_other_owner(enum ft_kind was, uint32_t flags)
{
	enum ft_kind now = ft_kind__of(flags);
	bool device = flags & FT_PF_ZONE_DEVICE;

	if (!ft_kind__is_judged(was))
		return false;
	if (now == FT_KIND_TYPED || now == FT_KIND_MOVABLE || (flags & FT_PF_RESERVED))
		return !device;
	return now == FT_KIND_UNKNOWN && (was == FT_KIND_ANON || was == FT_KIND_KSM);
}

static bool dies_mapped(const struct ft_event *e)
{
	return e->mapcount != FT_UNKNOWN && e->mapcount > 0 &&
	       !(e->flags & (FT_PF_TAIL | FT_PF_TYPED));
}

static void note_identity(struct ft_analysis *c, struct ft_account *a, const struct ft_event *e)
{
	struct ft_folio *folio = c->folio;

	switch (e->op) {
	case FT_OP_BORN:
		folio->born = true;
		folio->parent_id = a->parent;
		folio->born_ns = e->t_ns;
		c->birth_lost = false;
		break;
	case FT_OP_ADOPTED:
		folio->born_ns = e->t_ns;
		c->birth_lost = false;
		break;
	case FT_OP_DIED:
		folio->died = true;
		folio->died_ns = e->t_ns;
		folio->how = e->value < 0 || e->value > FT_DIED_UNSEEN ? FT_DIED_FREED :
									 (enum ft_died)e->value;
		folio->free_while_mapped = dies_mapped(e);
		folio->free_while_held =
			ft_ledger__dies_held(e->value, e->refcount, e->pincount, e->flags);
		break;
	case FT_OP_SPLIT:
		folio->died = true;
		folio->died_ns = e->t_ns;
		folio->how = FT_DIED_SPLIT;
		folio->children = e->value > 0 && e->value < UINT32_MAX ? (uint32_t)e->value : 0;
		break;
	case FT_OP_MIGRATE:
		a->migrated_to = (uint32_t)e->value;
		break;
	}
}

static bool is_same(const struct ft_event *a, const struct ft_event *b)
{
	return a->refcount == b->refcount && a->mapcount == b->mapcount &&
	       a->entire_mapcount == b->entire_mapcount && a->pincount == b->pincount &&
	       a->order == b->order && a->mapping == b->mapping &&
	       !((a->flags ^ b->flags) & REST_FLAGS);
}

/* Two readings in a row agree, and nothing happened between them. */
static bool agree(const struct ft_event *before, const struct ft_event *e)
{
	return before && e->seq == before->seq + 1 && e->value != before->value &&
	       is_same(before, e);
}

static void note_rest(struct ft_analysis *c, const struct ft_event *e)
{
	if (e->op == FT_OP_SNAPSHOT) {
		c->before = c->last;
		c->last = e;
		c->disturbed = false;
		if (agree(c->before, e))
			c->rest = e;
	} else {
		c->disturbed = !c->last || !c->run->exact || !ft_run__is_operation(c->run, e) ||
			       !is_same(c->last, e);
	}
}

static void finish_readings(struct ft_analysis *c)
{
	struct ft_reading *final = &c->folio->final;
	const struct ft_event *last = c->last;
	uint32_t lost;
	size_t i;

	if (!last) {
		for (i = c->nr; i-- && !final->valid;)
			if (ft_event__is_reading(&c->events[i]))
				ft_analysis__read(c, &c->events[i], final);
		return;
	}
	ft_analysis__read(c, last, final);
	/* who looked at it since, and put what it took, has not changed that */
	final->at_rest = final->valid && c->rest && !c->disturbed && is_same(last, c->rest);
	lost = FT_SNAPSHOT_LOST(last->aux);
	if (c->folio->lost_events < lost)
		c->folio->lost_events = lost;
}

static bool is_last_put(const struct ft_analysis *c, const struct ft_event *e)
{
	return ft_run__is_operation(c->run, e) && e->op != FT_OP_FREEZE && e->delta < 0 &&
	       !e->refcount;
}

/*
 * The program that sees a folio freed may be skipped (recursion check of BPF). With an
 * exact source the put of the last reference shows the death, if the folio was gone or
 * reused at the end.
 */
static void infer_death(struct ft_analysis *c)
{
	struct ft_folio *folio = c->folio;
	size_t i = 0;

	if (folio->died || !c->run->exact || !c->last || (!c->reused && c->last->refcount))
		return;
	while (i < c->nr && !is_last_put(c, &c->events[i]))
		i++;
	if (i == c->nr)
		return;
	folio->died = true;
	folio->died_ns = c->events[i].t_ns;
	folio->how = FT_DIED_UNSEEN;
	folio->free_while_mapped = dies_mapped(&c->events[i]);
}

static void describe(struct ft_builder *b, struct ft_account *a, struct ft_analysis *c,
		     uint64_t address)
{
	struct ft_folio *folio = c->folio;
	uint64_t base = b->run->vmemmap_base;

	folio->id = a->id;
	folio->address = address;
	folio->pfn = base && address >= base ? (address - base) / b->run->sizeof_page : FT_NO_PFN;
	folio->lost_events = a->max_seq > c->nr ? a->max_seq - (uint32_t)c->nr : 0;
	if (!c->nr)
		return;
	folio->order = c->events[0].order;
	folio->born_ns = c->events[0].t_ns;
}

int ft_builder__build(struct ft_builder *b, struct ft_account *a, struct ft_analysis *c)
{
	size_t i;
	int code;

	*c = (struct ft_analysis){ .run = b->run, .arena = b->arena, .birth_lost = true };
	code = ft_conservation_checker__account(b->checker, a, true);
	if (!code)
		code = convert_records(b, a, &c->nr);
	if (code)
		return code;
	c->events = b->events;
	c->folio = a->folio ? a->folio : ft_arena__alloc(b->arena, 1, sizeof(*c->folio));
	if (!c->folio)
		return -ENOMEM;
	if (a->folio)
		return 0; /* only its events were wanted again */
	a->folio = c->folio;
	c->folio->conservation = a->conservation;
	describe(b, a, c, a->first ? a->first->event[0].folio : 0);
	for (i = 0; i < c->nr; i++) {
		const struct ft_event *e = &c->events[i];

		note_identity(c, a, e);
		note_rest(c, e);
		if (!ft_event__is_reading(e))
			continue;
		if (is_other_owner(c->folio->kind, e->flags)) {
			c->reused = e->op == FT_OP_SNAPSHOT;
			continue;
		}
		c->folio->kind = ft_analysis__kind(c, e);
	}
	infer_death(c);
	code = ft_analysis__add_checkpoints(c);
	if (code)
		return code;
	ft_analysis__find_baseline(c);
	finish_readings(c);
	return 0;
}

int ft_analysis__keep_events(struct ft_analysis *c)
{
	struct ft_folio *folio = c->folio;

	if (folio->events || !c->nr)
		return 0;
	folio->events = ft_arena__alloc(c->arena, c->nr, sizeof(*folio->events));
	if (!folio->events)
		return -ENOMEM;
	memcpy(folio->events, c->events, c->nr * sizeof(*folio->events));
	folio->nr_events = c->nr;
	c->events = folio->events;
	return 0;
}
