// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/folio/checkpoint.h"
#include "core/folio/baseline.h"
#include "core/folio/holders.h"
#include "core/folio/lifetime.h"

/* Flags whose change between two readings means that somebody was at work. */
#define REST_FLAGS                                                                                 \
	(FT_PF_LOCKED | FT_PF_LRU | FT_PF_SWAPBACKED | FT_PF_SWAPCACHE | FT_PF_ANON | FT_PF_KSM |  \
	 FT_PF_MOVABLE | FT_PF_MAPPING | FT_PF_PRIVATE | FT_PF_PRIVATE_2 | FT_PF_WRITEBACK |       \
	 FT_PF_HWPOISON | FT_PF_RESERVED | FT_PF_LARGE | FT_PF_HUGETLB | FT_PF_TYPED |             \
	 FT_PF_ZONE_DEVICE | FT_PF_ZERO | FT_PF_TAIL | FT_PF_DEVICE_MASK)

void ft_builder__free(struct ft_builder *b)
{
	free(b->order);
	free(b->events);
	b->order = NULL;
	b->events = NULL;
	b->room = 0;
}

bool ft_event__is_reading(const struct ft_event *e)
{
	return e->mapcount != FT_UNKNOWN && e->refcount != FT_UNKNOWN && !(e->flags & FT_PF_TAIL) &&
	       e->op != FT_OP_DIED;
}

/* A folio out of the page cache keeps the kind it had there. */
static enum ft_kind kind_at(const struct ft_analysis *c, const struct ft_event *e)
{
	enum ft_kind kind = ft_kind__of(e->flags);

	return kind == FT_KIND_UNKNOWN ? c->folio->kind : kind;
}

struct ft_expected ft_analysis__expected(const struct ft_analysis *c, const struct ft_event *e)
{
	return ft_expected__of(kind_at(c, e), e->flags, e->order, e->mapcount, e->pincount,
			       ft_run__rules(c->run));
}

int64_t ft_analysis__surplus(const struct ft_analysis *c, const struct ft_event *e)
{
	return ft_event__is_reading(e) ? e->refcount - ft_analysis__expected(c, e).total : 0;
}

int ft_analysis__transient_at(const struct ft_analysis *c, const struct ft_event *e)
{
	return ft_holders__at(c->run, e, e > c->events ? e - 1 : NULL);
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

static int compare_seq(const void *pa, const void *pb)
{
	const struct ft_wire_event *a = *(const struct ft_wire_event *const *)pa;
	const struct ft_wire_event *b = *(const struct ft_wire_event *const *)pb;

	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static int reserve(struct ft_builder *b, size_t want)
{
	size_t room = b->room ? b->room : 64;
	void *p;

	while (room < want)
		room *= 2;
	if (room == b->room)
		return 0;
	p = realloc(b->order, room * sizeof(*b->order));
	if (!p)
		return -ENOMEM;
	b->order = p;
	p = realloc(b->events, room * sizeof(*b->events));
	if (!p)
		return -ENOMEM;
	b->events = p;
	b->room = room;
	return 0;
}

void ft_event__of(const struct ft_wire_event *w, const struct ft_site *site, struct ft_event *e)
{
	*e = (struct ft_event){
		.t_ns = w->t_ns,
		.mapping = w->mapping,
		.value = w->value,
		.aux = w->aux,
		.site = site,
		.comm = "",
		.seq = w->seq,
		.pid = w->pid,
		.tgid = w->tgid,
		.entry_seq = w->entry_seq,
		.delta = w->delta,
		.refcount = w->refcount,
		.mapcount = w->mapcount,
		.entire_mapcount = w->entire_mapcount,
		.pincount = w->pincount,
		.flags = w->flags,
		.cpu = w->head.cpu,
		.op = w->head.op,
		.context = w->head.context,
		.order = w->order,
		.source = w->source,
	};
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

/* The records in order of their number, each number once. */
static int gather(struct ft_builder *b, const struct ft_account *a, size_t *nr)
{
	const struct ft_chunk *chunk;
	bool sorted = true;
	size_t i, n = 0;
	int code = reserve(b, a->nr);

	if (code)
		return code;
	for (chunk = a->first; chunk; chunk = chunk->next)
		for (i = 0; i < FT_CHUNK_EVENTS && n < a->nr; i++) {
			b->order[n++] = &chunk->event[i];
			sorted = sorted && (n < 2 || b->order[n - 2]->seq < b->order[n - 1]->seq);
		}
	if (!sorted)
		qsort(b->order, n, sizeof(*b->order), compare_seq);
	*nr = 0;
	for (i = 0; i < n; i++) {
		if (i && b->order[i]->seq == b->order[i - 1]->seq) {
			b->run->nr_malformed++;
			continue;
		}
		convert(b, b->order[i], &b->events[(*nr)++]);
	}
	return 0;
}

static void set_reading(const struct ft_analysis *c, const struct ft_event *e, struct ft_reading *r)
{
	r->valid = ft_event__is_reading(e);
	r->t_ns = e->t_ns;
	r->refcount = e->refcount;
	r->mapcount = e->mapcount;
	r->entire_mapcount = e->entire_mapcount;
	r->pincount = e->pincount;
	r->flags = e->flags;
	r->expected = ft_analysis__expected(c, e);
	r->surplus = ft_analysis__surplus(c, e);
}

/* Memory of one owner does not become a page table: somebody else has it now. */
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
		folio->free_while_held = ft_ledger__dies_held(e->value, e->refcount, e->flags);
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

/*
 * The surplus that was there before we looked, of folios whose birth was not
 * seen. A locked folio is being worked on: it says something only where the
 * references of that work are known. The settling readings come too late.
 */
static void note_baseline(struct ft_analysis *c, const struct ft_event *e)
{
	struct ft_folio *folio = c->folio;

	if (c->baseline_known || e->op == FT_OP_SNAPSHOT || !ft_event__is_reading(e))
		return;
	if ((e->flags & FT_PF_LOCKED) && e->op != FT_OP_CHECKPOINT &&
	    ft_analysis__transient_at(c, e) < 0)
		return;
	set_reading(c, e, &folio->first);
	c->baseline_known = true;
	if (!folio->born && ft_kind__is_judged(kind_at(c, e)))
		folio->baseline = ft_analysis__own_surplus(c, e);
}

static bool is_same(const struct ft_event *a, const struct ft_event *b)
{
	return a->refcount == b->refcount && a->mapcount == b->mapcount &&
	       a->entire_mapcount == b->entire_mapcount && a->pincount == b->pincount &&
	       a->order == b->order && a->mapping == b->mapping &&
	       !((a->flags ^ b->flags) & REST_FLAGS);
}

static void note_rest(struct ft_analysis *c, const struct ft_event *e)
{
	if (e->op == FT_OP_SNAPSHOT) {
		c->before = c->last;
		c->last = e;
		c->followed = false;
	} else {
		c->followed = true;
	}
}

static void finish_readings(struct ft_analysis *c)
{
	struct ft_reading *final = &c->folio->final;
	const struct ft_event *last = c->last, *before = c->before;
	uint32_t lost;
	size_t i;

	if (!last) {
		for (i = c->nr; i-- && !final->valid;)
			if (ft_event__is_reading(&c->events[i]))
				set_reading(c, &c->events[i], final);
		return;
	}
	set_reading(c, last, final);
	final->at_rest = final->valid && before && !c->followed && last->seq == before->seq + 1 &&
			 last->value != before->value && is_same(last, before);
	lost = FT_SNAPSHOT_LOST(last->aux);
	if (c->folio->lost_events < lost)
		c->folio->lost_events = lost;
}

static bool is_last_put(const struct ft_analysis *c, const struct ft_event *e)
{
	return e->source == c->run->exact_source && e->op != FT_OP_FREEZE &&
	       ft_event__is_operation(e) && e->delta < 0 && !e->refcount;
}

/*
 * The kernel may skip the programs that see memory go back to the allocator. Where
 * every operation is seen, the put of the last reference still tells, once the end
 * shows the folio gone.
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
		code = gather(b, a, &c->nr);
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
		c->folio->kind = kind_at(c, e);
	}
	infer_death(c);
	code = ft_analysis__add_checkpoints(c);
	if (code)
		return code;
	for (i = 0; i < c->nr && !c->baseline_known; i++)
		note_baseline(c, &c->events[i]);
	/* what the first reading shows beyond the expected may be a fault at work */
	if (b->run->exact && c->folio->baseline > 0) {
		int64_t lowest = ft_analysis__lowest_surplus(c);

		if (lowest < c->folio->baseline)
			c->folio->baseline = lowest;
	}
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
