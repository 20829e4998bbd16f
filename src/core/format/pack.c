// SPDX-License-Identifier: GPL-2.0
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/format/pack_state.h"

struct ft_pack *ft_pack__new(void)
{
	void *p = mmap(NULL, sizeof(struct ft_pack), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	madvise(p, sizeof(struct ft_pack), MADV_HUGEPAGE); /* accesses are random */
	return p;
}

void ft_pack__free(struct ft_pack *p)
{
	if (!p)
		return;
	free(p->folios);
	free(p->ids);
	munmap(p, sizeof(*p));
}

static unsigned char *put(unsigned char *out, uint64_t n)
{
	for (; n >= 0x80; n >>= 7)
		*out++ = (unsigned char)(n | 0x80);
	*out++ = (unsigned char)n;
	return out;
}

static unsigned char *put_time(unsigned char *out, uint64_t n, unsigned char *tag)
{
	unsigned int size = n < 1U << 8 ? 1 : n < 1U << 16 ? 2 : n < 1U << 24 ? 3 : 8;

	*tag |= (unsigned char)((size == 8 ? 3 : size - 1) << PACK_TIME_SHIFT);
	while (size--) {
		*out++ = (unsigned char)n;
		n >>= 8;
	}
	return out;
}

/* A value that is the id of a folio is stored beside the step, to keep steps few. */
static bool value_is_folio(const struct ft_wire_event *e)
{
	return e->head.op == FT_OP_MIGRATE || e->head.op == FT_OP_CHECKPOINT;
}

static struct pack_step step_of(const struct pack_folio *l, const struct ft_wire_event *e)
{
	return (struct pack_step){
		.value = value_is_folio(e) ? 0 : (uint64_t)e->value,
		.site = e->site,
		.stack = e->stack,
		.flags = e->flags ^ l->flags,
		.delta = e->delta,
		.refcount = (int32_t)((uint32_t)e->refcount - (uint32_t)l->refcount),
		.mapcount = (int32_t)((uint32_t)e->mapcount - (uint32_t)l->mapcount),
		.entire_mapcount =
			(int32_t)((uint32_t)e->entire_mapcount - (uint32_t)l->entire_mapcount),
		.pincount = (int32_t)((uint32_t)e->pincount - (uint32_t)l->pincount),
		.op = e->head.op,
		.source = e->source,
		.order = e->order,
	};
}

static uint32_t place_of(const struct pack_step *s)
{
	uint64_t h = s->value + ((uint64_t)s->site << 40 ^ (uint64_t)s->stack << 20 ^ s->flags);

	h = (h ^ (uint32_t)s->delta) * 0x9e3779b97f4a7c15ULL;
	h = (h ^ h >> 29 ^ (uint32_t)s->refcount) * 0x9e3779b97f4a7c15ULL;
	h = (h ^ h >> 29 ^ (uint32_t)s->mapcount ^ (uint64_t)(uint32_t)s->entire_mapcount << 32) *
	    0x9e3779b97f4a7c15ULL;
	h ^= (uint32_t)s->pincount;
	h = (h ^ h >> 29 ^ s->op ^ (uint64_t)s->order << 8 ^ (uint64_t)s->source << 16) *
	    0x9e3779b97f4a7c15ULL;
	return (uint32_t)(h >> 40) % PACK_STEPS;
}

static unsigned char *put_step(unsigned char *out, const struct pack_step *s)
{
	*out++ = s->op;
	*out++ = s->source;
	*out++ = s->order;
	out = put(out, pack__zigzag(s->value));
	out = put(out, s->site);
	out = put(out, s->stack);
	out = put(out, s->flags);
	out = put(out, pack__narrow((uint32_t)s->delta));
	out = put(out, pack__narrow((uint32_t)s->refcount));
	out = put(out, pack__narrow((uint32_t)s->mapcount));
	out = put(out, pack__narrow((uint32_t)s->entire_mapcount));
	return put(out, pack__narrow((uint32_t)s->pincount));
}

static unsigned char *pack_step(struct ft_pack *p, const struct pack_folio *l,
				const struct ft_wire_event *e, unsigned char *out,
				unsigned char *tag, uint32_t *number)
{
	struct pack_step s = step_of(l, e);
	uint32_t at = *pack__follows(p, l);

	*number = at;
	if (!memcmp(&p->step[at], &s, sizeof(s)))
		return out;
	*tag |= PACK_STEP;
	at = *number = place_of(&s);
	if (!memcmp(&p->step[at], &s, sizeof(s))) {
		*out++ = (unsigned char)at;
		*out++ = (unsigned char)(at >> 8);
		return out;
	}
	p->step[at] = s;
	at |= PACK_STEP_NEW;
	*out++ = (unsigned char)at;
	*out++ = (unsigned char)(at >> 8);
	return put_step(out, &s);
}

static unsigned char *pack_task(const struct ft_pack *p, const struct pack_task *t,
				const struct ft_wire_event *e, unsigned char *out,
				unsigned char *tag)
{
	unsigned char what = 0;

	what |= e->tgid != t->tgid ? PACK_TASK_TGID : 0;
	what |= e->head.context != t->context ? PACK_TASK_CONTEXT : 0;
	what |= e->head.cpu != p->cpu ? PACK_TASK_CPU : 0;
	if (!what && e->pid == p->pid)
		return out;
	*tag |= PACK_TASK;
	out = put(out, pack__narrow(e->pid - p->pid));
	*out++ = what;
	if (what & PACK_TASK_TGID)
		out = put(out, pack__narrow(e->tgid - e->pid));
	if (what & PACK_TASK_CONTEXT)
		*out++ = e->head.context;
	if (what & PACK_TASK_CPU)
		out = put(out, e->head.cpu);
	return out;
}

static unsigned char *pack_more(const struct pack_folio *l, struct pack_task *t,
				const struct ft_wire_event *e, unsigned char *out,
				unsigned char *tag)
{
	unsigned char *what = out;

	*out++ = 0;
	if (e->seq != pack__next_seq(l)) {
		*what |= PACK_MORE_SEQ;
		out = put(out, pack__narrow(e->seq - pack__next_seq(l)));
	}
	if (e->folio != l->folio) {
		*what |= PACK_MORE_FOLIO;
		out = put(out, pack__zigzag(e->folio - l->folio));
	}
	if (e->mapping != l->mapping) {
		*what |= PACK_MORE_MAPPING;
		out = put(out, pack__zigzag(e->mapping - t->mapping));
		t->mapping = e->mapping ? e->mapping : t->mapping;
	}
	if (value_is_folio(e)) {
		*what |= PACK_MORE_VALUE;
		out = put(out, pack__zigzag((uint64_t)e->value - e->id));
	}
	if (e->aux) {
		*what |= PACK_MORE_AUX;
		out = put(out, pack__zigzag(e->aux));
	}
	if (!*what)
		return what;
	*tag |= PACK_MORE;
	return out;
}

static unsigned char *pack_event(struct ft_pack *p, const struct ft_wire_event *e,
				 unsigned char *out, unsigned char **folios)
{
	struct pack_folio *l = pack__folio(p, e->id);
	struct pack_task *t = pack__task(p, e->pid);
	unsigned char *tag = out++;
	uint32_t step;

	*tag = 0;
	out = put_time(out, pack__zigzag(e->t_ns - p->t_ns), tag);
	if (e->id != p->id) {
		*tag |= PACK_FOLIO;
		*folios = put(*folios, e->id == p->newest + 1 ? 0 : pack__narrow(e->id - p->id));
	}
	out = pack_task(p, t, e, out, tag);
	if (e->entry_seq != t->entry_seq) {
		*tag |= PACK_CALL;
		out = put(out, pack__narrow(e->entry_seq - t->entry_seq));
	}
	out = pack_step(p, l, e, out, tag, &step);
	out = pack_more(l, t, e, out, tag);
	pack__remember(p, e, l, t, step);
	return out;
}

static unsigned char *pack_raw(const unsigned char *p, size_t size, unsigned char *out)
{
	*out++ = PACK_RAW;
	out = put(out, size);
	memcpy(out, p, size);
	return out + size;
}

/* Bytes of the record at p, of which left are there. */
static size_t length(const unsigned char *p, size_t left)
{
	struct ft_wire_head head;

	if (left < sizeof(head))
		return left;
	memcpy(&head, p, sizeof(head));
	return head.len >= sizeof(head) && head.len <= left ? head.len : left;
}

static bool is_event(const unsigned char *p, size_t len, struct ft_wire_event *e)
{
	if (len != sizeof(*e))
		return false;
	memcpy(e, p, sizeof(*e));
	return e->head.type == FT_WIRE_EVENT && e->head.len == len && !e->reserved;
}

size_t ft_pack__records(struct ft_pack *pack, const void *records, size_t size, void *packed)
{
	const unsigned char *p = records, *end = p + size;
	unsigned char *start, *out, *folios, head[10];
	struct ft_wire_event e;
	size_t len, of_folios, of_head;

	if (pack__reserve(pack, size / sizeof(e)))
		return 0;
	folios = pack->folios;
	/* the records first, to be moved behind the ids once their size is known */
	start = out = packed;
	for (; p < end; p += len) {
		len = length(p, (size_t)(end - p));
		out = is_event(p, len, &e) ? pack_event(pack, &e, out, &folios) :
					     pack_raw(p, len, out);
	}
	of_folios = (size_t)(folios - pack->folios);
	of_head = (size_t)(put(head, of_folios) - head);
	memmove(start + of_head + of_folios, start, (size_t)(out - start));
	memcpy(start, head, of_head);
	memcpy(start + of_head, pack->folios, of_folios);
	return (size_t)(out - start) + of_head + of_folios;
}
