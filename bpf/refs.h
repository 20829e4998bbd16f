/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reference events of the exact sources: an operation on _refcount, with the delta of the operation
 * itself and the call stack.
 */
#ifndef FT_BPF_REFS_H
#define FT_BPF_REFS_H

#include "track.h"

const volatile __u32 ft_stack_depth = 32; /* 0: none, as without an exact source */

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 1); /* the loader sets size and depth */
	__uint(key_size, 4);
	__uint(value_size, 8);
} stacks SEC(".maps");

#define STACK_SLOTS 32768
#define STACK_IDS (1U << 20) /* the reader takes no higher one */

/* Stacks whose frames were sent. The map is gone with us, so the capture needs them. */
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
	/* no check of the depth here: 6.1 would forget that r was tested; the value is known, <= 32 */
	n = bpf_get_stack(ctx, r->frames, ft_stack_depth * 8, 0);
	r->depth = n > 0 ? (__u32)n / 8 : 0;
	ring_submit(r);
}

__u32 ft_stacks_apart; /* stacks sent with ids of their own, after those of the buckets */

/*
 * The id of this stack, from 1; 0: it could not be taken. bpf_get_stackid() returns -EEXIST if
 * another stack has the bucket. A bucket is never reused, or one id would mean two stacks: the
 * second stack is sent each time, with an id of its own.
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
		if (id != -EEXIST || key >= STACK_IDS) {
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
 * A task has entered the kernel: what it does from here on belongs to another call. Only tasks that
 * have a state are counted.
 */
static __always_inline int count_entry(void)
{
	__u32 pid = bpf_get_current_pid_tgid();
	struct task_state *s = bpf_map_lookup_elem(&task_states, &pid);

	if (s) {
		s->entry_seq++;
		s->took = false;
	}
	return 0;
}

SEC("raw_tp/sys_enter")
int on_sys_enter(void *ctx)
{
	return count_entry();
}

/* A system call that took a reference fails: its error path may have forgotten it. */
SEC("raw_tp/sys_exit")
int on_sys_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct emit what = { .op = FT_OP_RETURN,
			     .site = FT_HOOK_system_call,
			     .value = (__s64)ctx->args[1] };
	__u32 pid = bpf_get_current_pid_tgid();
	struct task_state *s;

	if (what.value >= 0 || what.value < -4095)
		return 0;
	s = bpf_map_lookup_elem(&task_states, &pid);
	if (s && s->took)
		emit_event(&what, NULL, 0, 0);
	return 0;
}

SEC("raw_tp/page_fault_user")
int on_page_fault_user(void *ctx)
{
	return count_entry();
}

/* after: the count after the operation. False: the event is lost. */
static __always_inline int ref_event(void *ctx, struct tracked *t, struct emit *what,
				     struct folio_view *v, __s32 after)
{
	what->stack = take_stack(ctx);
	v->refcount = after;
	return tracked_event(t, what, v);
}

#endif /* FT_BPF_REFS_H */
