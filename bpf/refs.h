/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Exact reference events, whatever source saw them: an operation on a folio's
 * _refcount, its delta by the operation itself, and the stack it came from.
 */
#ifndef FT_BPF_REFS_H
#define FT_BPF_REFS_H

#include "track.h"

const volatile __u32 ft_stack_depth = 32;

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 1); /* the loader sets size and depth */
	__uint(key_size, 4);
	__uint(value_size, 8);
} stacks SEC(".maps");

#define STACK_SLOTS 32768
#define STACK_IDS (1U << 20) /* what the reader takes */

/* Stacks whose frames were sent: they must survive us, so through the ring. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, STACK_SLOTS);
	__type(key, __u32);
	__type(value, __u32);
} stacks_sent SEC(".maps");

static __always_inline void send_stack(void *ctx, __u32 id)
{
	struct ft_wire_stack *r = ring_reserve(sizeof(*r) + 32 * 8);
	long n;

	if (!r)
		return;
	fill_head(&r->head, FT_WIRE_STACK, sizeof(*r) + 32 * 8, 0);
	r->id = id + 1;
	__builtin_memset(r->frames, 0, 32 * 8);
	/* at most 32: the verifier knows its value, and on 6.1 no test may stand before that of r */
	n = bpf_get_stack(ctx, r->frames, ft_stack_depth * 8, 0);
	r->depth = n > 0 ? (__u32)n / 8 : 0;
	ring_submit(r);
}

__u32 ft_stacks_apart; /* sent under numbers of their own, behind those of the buckets */

/*
 * The id of this stack, from 1; 0 if there is none to be had. A taken bucket is never
 * reused, as two stacks under one id would be a lie: the second is sent each time.
 */
static __always_inline __u32 take_stack(void *ctx)
{
	long id;
	__u32 key, *sent;

	if (!ft_stack_depth)
		return 0;
	id = bpf_get_stackid(ctx, &stacks, 0);
	if (id < 0) {
		key = STACK_SLOTS + __sync_fetch_and_add(&ft_stacks_apart, 1);
		if (id != -17 /* EEXIST */ || key >= STACK_IDS) {
			count(FT_CNT_STACK_MISS);
			return 0;
		}
		send_stack(ctx, key);
		return key + 1;
	}
	key = id;
	sent = bpf_map_lookup_elem(&stacks_sent, &key);
	if (sent && !*sent && !__sync_val_compare_and_swap(sent, 0, 1))
		send_stack(ctx, key);
	return key + 1;
}

/*
 * A task enters the kernel, by a system call or by a fault: what it does from here on
 * is another call. Only of those that were met; the number is its own.
 */
static __always_inline int count_call(void)
{
	__u32 pid = bpf_get_current_pid_tgid();
	struct task_note *n = bpf_map_lookup_elem(&notes, &pid);

	if (n)
		n->entry_seq++;
	return 0;
}

SEC("raw_tp/sys_enter")
int on_sys_enter(void *ctx)
{
	return count_call();
}

SEC("raw_tp/page_fault_user")
int on_page_fault_user(void *ctx)
{
	return count_call();
}

/* delta and the count after it, as far as the operation itself tells. False: it is lost. */
static __always_inline int ref_event(void *ctx, struct account *a, struct emit *what,
				     struct folio_view *v, __s32 after)
{
	what->stack = take_stack(ctx);
	v->refcount = after;
	return account_event(a, what, v);
}

#endif /* FT_BPF_REFS_H */
