/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Output: ring buffers and counters. No other header touches a ring.
 *
 * There is one ring per CPU because __bpf_ringbuf_reserve() only tries the ring's lock in NMI
 * context (an int3 probe), and fails if another CPU holds it.
 */
#ifndef FT_BPF_EMIT_H
#define FT_BPF_EMIT_H

#include <bpf/bpf_helpers.h>

#include "ctl.h"
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

/* One row per CPU. The loader mmaps it, so that reading needs no bpf(2) call. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* the loader sets it */
	__type(key, __u32);
	__type(value, struct ft_counters);
} counters SEC(".maps");

static __always_inline void count_n(enum ft_counter which, __u64 n)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct ft_counters *c = bpf_map_lookup_elem(&counters, &cpu);

	/* atomic: an interrupt on this CPU may count, too */
	if (c)
		__sync_fetch_and_add(&c->n[which & 63], n);
}

static __always_inline void count(enum ft_counter which)
{
	count_n(which, 1);
}

static __always_inline void *ring_reserve(__u64 size)
{
	__u32 cpu = bpf_get_smp_processor_id();
	void *rb = bpf_map_lookup_elem(&rings, &cpu), *rec;

	rec = rb ? bpf_ringbuf_reserve(rb, size, 0) : NULL;
	/* the verifier of 6.1 loses the result of a NULL test at the next one: callers test again */
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
 * The reader polls the rings periodically and is woken when one is half full (ft_wake_bytes). A
 * wake-up per record would cost more than the record itself.
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

/*
 * Per-task state. A task with an entry has had its name sent. entry_seq is its entry sequence
 * number: how often it has entered the kernel since, by system call or page fault. It separates
 * two calls of the same function, which stack addresses cannot.
 */
struct task_state {
	__u32 entry_seq;
	bool took; /* a reference, since then */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32); /* pid */
	__type(value, struct task_state);
} task_states SEC(".maps");

static __always_inline void emit_task(__u8 op, __u32 pid, __u32 tgid, __u32 parent,
				      const char *comm)
{
	struct ft_wire_task *r = ring_reserve(sizeof(*r));
	struct task_state state = { .entry_seq = 1, .took = true };

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
	bpf_map_update_elem(&task_states, &pid, &state, BPF_NOEXIST);
}

/*
 * The entry sequence number of a task, which takes a reference or not; sends the name of one that
 * has no state yet.
 */
static __always_inline __u32 task_entry_seq(__u64 pid_tgid, bool takes)
{
	__u32 pid = pid_tgid;
	struct task_state *n = bpf_map_lookup_elem(&task_states, &pid);
	char comm[FT_COMM_LEN];

	if (n) {
		if (takes)
			n->took = true;
		return n->entry_seq;
	}
	bpf_get_current_comm(comm, sizeof(comm));
	emit_task(FT_TASK_SEEN, pid, pid_tgid >> 32, 0, comm);
	return 1;
}

/* preempt_count(): 6.2 to 6.14 had it in pcpu_hot, before and after it is a variable. */
extern const int __preempt_count __ksym __weak;
extern const struct pcpu_hot pcpu_hot __ksym __weak;

static __always_inline __u8 context(void)
{
	__u32 count = 0;

	if (bpf_core_field_exists(struct pcpu_hot, preempt_count)) {
		const struct pcpu_hot *hot = &pcpu_hot;

		if (hot)
			count = ((const struct pcpu_hot *)bpf_this_cpu_ptr(hot))->preempt_count;
	} else if (&__preempt_count) {
		count = *(const int *)bpf_this_cpu_ptr(&__preempt_count);
	}
	/* include/linux/preempt.h; the int3 of our own probe counts as NMI and hardirq */
	if (count & 0xf00000)
		count -= count & 0xf0000 ? 0x110000 : 0x100000;
	return count & 0xf0000 ? FT_CTX_HARDIRQ : count & 0x100 ? FT_CTX_SOFTIRQ : FT_CTX_TASK;
}

/* What an event has beside the folio's state. Small, as it is on the stack of most programs. */
struct emit {
	__u32 site;
	__u8 op;
	__u8 source;
	bool past; /* sent later: value is t_ns, aux pid and tgid; both are 0 in the record */
	__s32 delta;
	__u32 stack;
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

/* False: the record was lost. v may be NULL: an event without folio. */
__noinline int emit_event(const struct emit *what, const struct folio_view *v, __u32 id, __u32 seq)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct ft_wire_event *e;
	__u32 entry_seq;

	if (!what)
		return false;
	entry_seq = task_entry_seq(pid_tgid, what->delta > 0);
	e = ring_reserve(sizeof(*e));
	if (!e)
		return false;
	__builtin_memset(e, 0, sizeof(*e));
	fill_head(&e->head, FT_WIRE_EVENT, sizeof(*e), what->op);
	e->head.context = context();
	e->id = id;
	e->seq = seq;
	e->site = what->site;
	e->source = what->source;
	e->delta = what->delta;
	e->stack = what->stack;
	if (what->past) {
		e->t_ns = what->value;
		pid_tgid = what->aux;
	} else {
		e->t_ns = bpf_ktime_get_ns();
		e->value = what->value;
		e->aux = what->aux;
		e->entry_seq = entry_seq;
	}
	e->pid = pid_tgid;
	e->tgid = pid_tgid >> 32;
	if (v)
		fill_view(e, v);
	ring_submit(e);
	return true;
}

#endif /* FT_BPF_EMIT_H */
