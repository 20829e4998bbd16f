// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "core/format/pack_state.h"

/* Reading past the end gives zeros and sets bad, which is tested once. */
struct input {
	const unsigned char *p, *end;
	bool bad;
};

static inline unsigned int byte(struct input *in)
{
	if (in->p == in->end) {
		in->bad = true;
		return 0;
	}
	return *in->p++;
}

static inline uint64_t number(struct input *in)
{
	uint64_t n = 0;
	unsigned int b, shift = 0;

	do {
		b = byte(in);
		n |= (uint64_t)(b & 0x7f) << shift;
		shift += 7;
	} while (b & 0x80 && shift < 64);
	in->bad |= b >> 7;
	return n;
}

static inline uint64_t difference(struct input *in)
{
	return pack__unzigzag(number(in));
}

static inline uint64_t read_time(struct input *in, unsigned int tag)
{
	unsigned int i, size = 1 + ((tag & PACK_TIME) >> PACK_TIME_SHIFT);
	uint64_t n = 0;

	size = size == 4 ? 8 : size;
	for (i = 0; i < size; i++)
		n |= (uint64_t)byte(in) << 8 * i;
	return pack__unzigzag(n);
}

static void read_step(struct input *in, struct pack_step *s)
{
	s->op = (uint8_t)byte(in);
	s->source = (uint8_t)byte(in);
	s->order = (uint8_t)byte(in);
	s->value = difference(in);
	s->site = (uint32_t)number(in);
	s->stack = (uint32_t)number(in);
	s->flags = (uint32_t)number(in);
	s->delta = (int32_t)difference(in);
	s->refcount = (int32_t)difference(in);
	s->mapcount = (int32_t)difference(in);
	s->entire_mapcount = (int32_t)difference(in);
	s->pincount = (int32_t)difference(in);
}

static uint32_t which_step(struct ft_pack *p, struct input *in, unsigned int tag,
			   const struct pack_folio *l)
{
	uint32_t at;

	if (!(tag & PACK_STEP))
		return *pack__follows(p, l);
	at = byte(in);
	at |= byte(in) << 8;
	if ((at & ~PACK_STEP_NEW) >= PACK_STEPS) {
		in->bad = true;
		return 0;
	}
	if (at & PACK_STEP_NEW)
		read_step(in, &p->step[at & ~PACK_STEP_NEW]);
	return at & ~PACK_STEP_NEW;
}

static void read_task(struct ft_pack *p, struct input *in, struct ft_wire_event *e)
{
	unsigned int what;
	struct pack_task *t;

	e->pid = p->pid + (uint32_t)difference(in);
	what = byte(in);
	t = pack__task(p, e->pid);
	e->tgid = what & PACK_TASK_TGID ? e->pid + (uint32_t)difference(in) : t->tgid;
	e->head.context = what & PACK_TASK_CONTEXT ? (uint8_t)byte(in) : t->context;
	e->head.cpu = what & PACK_TASK_CPU ? (uint16_t)number(in) : p->cpu;
}

static void read_more(struct input *in, const struct pack_folio *l, struct pack_task *t,
		      struct ft_wire_event *e)
{
	unsigned int what = byte(in);

	if (what & PACK_MORE_SEQ)
		e->seq += (uint32_t)difference(in);
	if (what & PACK_MORE_FOLIO)
		e->folio = l->folio + difference(in);
	if (what & PACK_MORE_MAPPING) {
		e->mapping = t->mapping + difference(in);
		t->mapping = e->mapping ? e->mapping : t->mapping;
	}
	if (what & PACK_MORE_VALUE)
		e->value = (int64_t)(e->id + difference(in));
	if (what & PACK_MORE_AUX)
		e->aux = difference(in);
}

static inline int32_t changed(int32_t from, int32_t by)
{
	return (int32_t)((uint32_t)from + (uint32_t)by);
}

static void apply_step(const struct pack_step *s, const struct pack_folio *l,
		       struct ft_wire_event *e)
{
	e->head.op = s->op;
	e->value = (int64_t)s->value;
	e->site = s->site;
	e->stack = s->stack;
	e->delta = s->delta;
	e->flags = l->flags ^ s->flags;
	e->refcount = changed(l->refcount, s->refcount);
	e->mapcount = changed(l->mapcount, s->mapcount);
	e->entire_mapcount = changed(l->entire_mapcount, s->entire_mapcount);
	e->pincount = changed(l->pincount, s->pincount);
	e->order = s->order;
	e->source = s->source;
}

/* Sets every field of e. */
static void unpack_event(struct ft_pack *p, struct input *in, unsigned int tag, uint32_t id,
			 struct ft_wire_event *e)
{
	struct pack_folio *l;
	struct pack_task *t;
	uint32_t step;

	e->head.type = FT_WIRE_EVENT;
	e->head.len = sizeof(*e);
	e->aux = 0;
	e->reserved = 0;
	e->t_ns = p->t_ns + read_time(in, tag);
	e->id = id;
	l = pack__folio(p, e->id);
	if (tag & PACK_TASK) {
		read_task(p, in, e);
		t = pack__task(p, e->pid);
	} else {
		t = pack__task(p, p->pid);
		e->pid = p->pid;
		e->tgid = t->tgid;
		e->head.context = t->context;
		e->head.cpu = p->cpu;
	}
	e->entry_seq = t->entry_seq + (tag & PACK_CALL ? (uint32_t)difference(in) : 0);
	step = which_step(p, in, tag, l);
	apply_step(&p->step[step], l, e);
	e->seq = pack__next_seq(l);
	e->folio = l->folio;
	e->mapping = l->mapping;
	if (tag & PACK_MORE)
		read_more(in, l, t, e);
	pack__remember(p, e, l, t, step);
}

/* The ids of a frame into p->ids. */
static int read_folios(struct ft_pack *p, struct input *in, size_t size, size_t *nr)
{
	struct input folios = { in->p, in->p + size, false };
	uint32_t id = p->id, newest = p->newest;
	uint64_t n;

	if (pack__reserve(p, size))
		return -ENOMEM;
	for (*nr = 0; folios.p < folios.end; p->ids[(*nr)++] = id) {
		n = number(&folios);
		id = n ? id + (uint32_t)pack__unzigzag(n) : newest + 1;
		newest = id > newest ? id : newest;
	}
	in->p += size;
	return folios.bad ? -EINVAL : 0;
}

#define AHEAD 16 /* ids whose state is prefetched */

static int unpack_records(struct ft_pack *p, struct input *in, size_t nr, unsigned char *o,
			  const unsigned char *end)
{
	struct ft_wire_event spare, *e;
	size_t at = 0;

	while (in->p < in->end && !in->bad) {
		unsigned int tag = byte(in);

		if (tag == PACK_RAW) {
			uint64_t len = number(in);

			if (in->bad || len > (size_t)(in->end - in->p) || len > (size_t)(end - o))
				return -EINVAL;
			memcpy(o, in->p, len);
			in->p += len;
			o += len;
			continue;
		}
		if (tag & PACK_RAW || (size_t)(end - o) < sizeof(*e))
			return -EINVAL;
		if (tag & PACK_FOLIO) {
			if (at == nr)
				return -EINVAL;
			if (at + AHEAD < nr)
				__builtin_prefetch(&p->folio[p->ids[at + AHEAD] % PACK_FOLIOS], 1);
			at++;
		}
		/* raw records before may have had any length */
		e = (uintptr_t)o % _Alignof(struct ft_wire_event) ? &spare : (void *)o;
		unpack_event(p, in, tag, tag & PACK_FOLIO ? p->ids[at - 1] : p->id, e);
		if (e == &spare)
			memcpy(o, e, sizeof(*e));
		o += sizeof(*e);
	}
	return in->bad || o != end || at != nr ? -EINVAL : 0;
}

int ft_pack__unpack(struct ft_pack *p, const void *packed, size_t stored, void *out, size_t size)
{
	struct input in = { packed, (const unsigned char *)packed + stored, false };
	uint64_t of_folios = number(&in);
	size_t nr;
	int code;

	if (in.bad || of_folios > (size_t)(in.end - in.p))
		return -EINVAL;
	code = read_folios(p, &in, of_folios, &nr);
	if (code)
		return code;
	return unpack_records(p, &in, nr, out, (unsigned char *)out + size);
}
