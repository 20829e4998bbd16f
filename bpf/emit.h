/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The way out: per-CPU ring buffers and the counters. The only header that
 * touches a ring.
 *
 * One ring per CPU, because a reserve from NMI context (an int3 probe) only
 * tries the ring's lock, and loses when another CPU holds it.
 */
#ifndef FT_BPF_EMIT_H
#define FT_BPF_EMIT_H

#include <bpf/bpf_helpers.h>

#include "page.h"
#include "wire.h"

struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* the loader makes them as large as asked */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct ring);
} rings SEC(".maps");

/* In .bss, which the loader has mmapped: read without a bpf(2) call. */
__u64 ft_counters[FT_CNT_MAX];

static __always_inline void count(enum ft_counter which)
{
	__sync_fetch_and_add(&ft_counters[which], 1);
}

static __always_inline void *ring_reserve(__u64 size)
{
	__u32 cpu = bpf_get_smp_processor_id();
	void *rb = bpf_map_lookup_elem(&rings, &cpu), *rec;

	rec = rb ? bpf_ringbuf_reserve(rb, size, 0) : NULL;
	/* 6.1's verifier forgets a test of rec at the next: callers' and this are one */
	if (!rec)
		count(FT_CNT_RING_FULL);
	return rec;
}

static __always_inline void fill_head(struct ft_wire_head *h, __u16 type, __u16 len, __u8 op)
{
	h->type = type;
	h->len = len;
	h->cpu = bpf_get_smp_processor_id();
	h->op = op;
	h->context = FT_CTX_UNKNOWN;
}

/*
 * The consumer looks at the rings on its own clock and when one is half full
 * (ft_wake_bytes): a wake-up per record would cost more than the record.
 */
const volatile __u64 ft_wake_bytes = 1 << 19;

static __always_inline void ring_submit(void *rec)
{
	__u32 cpu = bpf_get_smp_processor_id();
	void *rb = bpf_map_lookup_elem(&rings, &cpu);
	__u64 wake = BPF_RB_NO_WAKEUP;

	if (rb && bpf_ringbuf_query(rb, BPF_RB_AVAIL_DATA) >= ft_wake_bytes)
		wake = BPF_RB_FORCE_WAKEUP;
	bpf_ringbuf_submit(rec, wake);
	count(FT_CNT_EVENTS);
}

/* The names of tasks are sent once, when first met. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, __u8);
} names SEC(".maps");

static __always_inline void emit_task(__u8 op, __u32 pid, __u32 tgid, __u32 parent,
				      const char *comm)
{
	struct ft_wire_task *r = ring_reserve(sizeof(*r));
	__u8 one = 1;

	if (!r)
		return;
	fill_head(&r->head, FT_WIRE_TASK, sizeof(*r), op);
	r->t_ns = bpf_ktime_get_ns();
	r->pid = pid;
	r->tgid = tgid;
	r->parent_tgid = parent;
	r->reserved = 0;
	bpf_probe_read_kernel(r->comm, sizeof(r->comm), comm);
	ring_submit(r);
	bpf_map_update_elem(&names, &pid, &one, BPF_ANY);
}

static __always_inline void emit_name_once(__u64 pid_tgid)
{
	__u32 pid = pid_tgid;
	char comm[FT_COMM_LEN];

	if (bpf_map_lookup_elem(&names, &pid))
		return;
	bpf_get_current_comm(comm, sizeof(comm));
	emit_task(FT_TASK_SEEN, pid, pid_tgid >> 32, 0, comm);
}

/* What an event says beside the folio's state. */
struct emit {
	__u32 site;
	__u8 op;
	__u8 source;
	__s32 delta;
	__s64 value;
	__u64 aux;
};

static __always_inline void fill_view(struct ft_wire_event *e, const struct folio_view *v)
{
	e->folio = v->addr;
	e->mapping = v->mapping;
	e->refcount = v->refcount;
	e->mapcount = v->mapcount;
	e->entire_mapcount = v->entire_mapcount;
	e->pincount = v->pincount;
	e->flags = v->flags;
	e->order = v->order;
}

/* Returns false if the record was lost. v may be NULL: an event without folio. */
__noinline int emit_event(const struct emit *what, const struct folio_view *v, __u32 id, __u32 seq)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct ft_wire_event *e;

	if (!what)
		return false;
	emit_name_once(pid_tgid);
	e = ring_reserve(sizeof(*e));
	if (!e)
		return false;
	__builtin_memset(e, 0, sizeof(*e));
	fill_head(&e->head, FT_WIRE_EVENT, sizeof(*e), what->op);
	e->t_ns = bpf_ktime_get_ns();
	e->value = what->value;
	e->aux = what->aux;
	e->id = id;
	e->seq = seq;
	e->pid = pid_tgid;
	e->tgid = pid_tgid >> 32;
	e->site = what->site;
	e->source = what->source;
	e->delta = what->delta;
	if (v)
		fill_view(e, v);
	ring_submit(e);
	return true;
}

#endif /* FT_BPF_EMIT_H */
