/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state that packer and unpacker share, and the layout of a packed frame:
 *
 *   size           of the folio ids, a number
 *   folio ids      one for each PACK_FOLIO, in turn. They come first so that the reader
 *                  can prefetch the state of the folios.
 *   records        each as follows
 *
 *   tag            PACK_*, and in PACK_TIME how many bytes of time follow
 *   time           nanoseconds since the record before, zigzag, 1, 2, 3 or 8 bytes
 *   PACK_FOLIO     (among the ids) zigzag difference to the record before; 0: the next new one
 *   PACK_TASK      pid: zigzag difference; a byte of PACK_TASK_*; what it names
 *   PACK_CALL      entry sequence number: zigzag difference to the task's last one
 *   PACK_STEP      number of a step, 2 bytes; PACK_STEP_NEW: its contents
 *   PACK_MORE      a byte of PACK_MORE_*; what it names, zigzag
 *   PACK_RAW       alone: length, and as many bytes of records
 *
 * Numbers without a length are varints: 7 bits a byte, the lowest first. A step is a
 * record without folio, task and time. Most records of a capture have one of some hundred
 * steps, and which step follows which is learned.
 */
#ifndef FT_CORE_FORMAT_PACK_STATE_H
#define FT_CORE_FORMAT_PACK_STATE_H

#include <errno.h>
#include <stdlib.h>

#include "pack.h"
#include "wire.h"

#define PACK_FOLIO 0x01
#define PACK_TASK 0x02
#define PACK_CALL 0x04
#define PACK_STEP 0x08
#define PACK_MORE 0x10
#define PACK_TIME 0x60
#define PACK_TIME_SHIFT 5
#define PACK_RAW 0x80

#define PACK_TASK_TGID 0x01
#define PACK_TASK_CONTEXT 0x02
#define PACK_TASK_CPU 0x04

#define PACK_MORE_SEQ 0x01
#define PACK_MORE_FOLIO 0x02
#define PACK_MORE_MAPPING 0x04
#define PACK_MORE_VALUE 0x08
#define PACK_MORE_AUX 0x10

#define PACK_STEP_NEW 0x8000
#define PACK_STEPS 4096
#define PACK_FOLIOS (1U << 18) /* as many as are followed at a time by default */
#define PACK_TASKS 1024
#define PACK_ID_MAX 5 /* bytes of an id */

/* A record without folio, task and time. Counts and flags: changes since the folio's
 * last record. */
struct pack_step {
	uint64_t value;
	uint32_t site, stack, flags;
	int32_t delta, refcount, mapcount, entire_mapcount, pincount;
	uint8_t op, source, order, reserved[5];
};

/* In one cache line, as accesses are random. */
struct pack_folio {
	_Alignas(64) uint64_t folio;
	uint64_t mapping;
	uint32_t id, seq, flags;
	int32_t refcount, mapcount, entire_mapcount, pincount;
	uint32_t step;
};

struct pack_task {
	uint64_t mapping; /* the last one that was stored */
	uint32_t pid, tgid, entry_seq;
	uint8_t context;
};

struct ft_pack {
	unsigned char *folios; /* packing: the ids of this frame, packed */
	uint32_t *ids;	       /* unpacking: the ids of this frame */
	size_t room;	       /* of either */
	struct pack_folio folio[PACK_FOLIOS];
	struct pack_step step[PACK_STEPS];
	struct pack_task task[PACK_TASKS];
	uint16_t follows[PACK_STEPS];
	/* of the record before */
	uint64_t t_ns, address;
	uint32_t id, newest, pid, at;
	uint16_t cpu;
};

/* Room for the ids of a frame. */
static inline int pack__reserve(struct ft_pack *p, size_t folios)
{
	size_t room = folios + 1;
	void *bytes, *ids;

	if (room <= p->room)
		return 0;
	bytes = realloc(p->folios, room * PACK_ID_MAX);
	if (!bytes)
		return -ENOMEM;
	p->folios = bytes;
	ids = realloc(p->ids, room * sizeof(*p->ids));
	if (!ids)
		return -ENOMEM;
	p->ids = ids;
	p->room = room;
	return 0;
}

static inline struct pack_task *pack__task(struct ft_pack *p, uint32_t pid)
{
	struct pack_task *t = &p->task[pid % PACK_TASKS];

	if (t->pid != pid)
		*t = (struct pack_task){ .pid = pid, .tgid = pid, .context = FT_CTX_TASK };
	return t;
}

/* A folio whose entry another one has taken starts as a new one. */
static inline struct pack_folio *pack__folio(struct ft_pack *p, uint32_t id)
{
	struct pack_folio *l = &p->folio[id % PACK_FOLIOS];

	if (l->id != id)
		*l = (struct pack_folio){ .id = id, .folio = id ? p->address : 0 };
	return l;
}

/* The step that came last after this step of a folio and this record before. */
static inline uint16_t *pack__follows(struct ft_pack *p, const struct pack_folio *l)
{
	return &p->follows[(l->step * 31 + p->at) % PACK_STEPS];
}

static inline uint32_t pack__next_seq(const struct pack_folio *l)
{
	return l->id ? l->seq + 1 : 0;
}

/* Packer and unpacker update the state in the same way. */
static inline void pack__remember(struct ft_pack *p, const struct ft_wire_event *e,
				  struct pack_folio *l, struct pack_task *t, uint32_t step)
{
	*pack__follows(p, l) = (uint16_t)step;
	l->folio = e->folio;
	l->mapping = e->mapping;
	l->seq = e->seq;
	l->flags = e->flags;
	l->refcount = e->refcount;
	l->mapcount = e->mapcount;
	l->entire_mapcount = e->entire_mapcount;
	l->pincount = e->pincount;
	l->step = step;
	t->tgid = e->tgid;
	t->entry_seq = e->entry_seq;
	t->context = e->head.context;
	p->t_ns = e->t_ns;
	p->address = e->folio;
	p->id = e->id;
	p->newest = e->id > p->newest ? e->id : p->newest;
	p->pid = e->pid;
	p->cpu = e->head.cpu;
	p->at = step;
}

/* Differences wrap around; small ones of either sign become small numbers. */
static inline uint64_t pack__zigzag(uint64_t difference)
{
	return difference << 1 ^ (uint64_t)((int64_t)difference >> 63);
}

static inline uint64_t pack__unzigzag(uint64_t n)
{
	return n >> 1 ^ -(n & 1);
}

/* A difference of two 32-bit numbers, as wide. */
static inline uint64_t pack__narrow(uint32_t difference)
{
	return pack__zigzag((uint64_t)(int64_t)(int32_t)difference);
}

#endif /* FT_CORE_FORMAT_PACK_STATE_H */
