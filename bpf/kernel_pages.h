/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages that a followed task allocates for the kernel or a driver. Most are never mapped and of no
 * interest, so they are not tracked but remembered: if one is mapped, its lifetime begins with its
 * allocation. Else it would be adopted, and whose it is would not be known.
 */
#ifndef FT_BPF_KERNEL_PAGES_H
#define FT_BPF_KERNEL_PAGES_H

#include "hooks.h"
#include "refs.h"

/*
 * include/linux/gfp_types.h: anonymous memory and page cache; slabs that can be shrunk; what is
 * charged to a cgroup, of which nearly all are page tables and kernel stacks
 */
#define GFP_MOVABLE 0x08
#define GFP_RECLAIMABLE 0x10
#define GFP_ACCOUNT 0x400000

struct kernel_page {
	__u64 t_ns, pid_tgid;
	__u32 stack;
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u64); /* address of struct page */
	__type(value, struct kernel_page);
} kernel_pages SEC(".maps");

/* How many of them share a slot, as ft_presence: most pages that are freed find 0 here. */
#define KERNEL_PAGE_SLOTS (1U << 15)
__u32 ft_kernel_page_slots[KERNEL_PAGE_SLOTS];

static __always_inline __u32 *kernel_page_slot(__u64 page)
{
	return &ft_kernel_page_slots[page >> 6 & (KERNEL_PAGE_SLOTS - 1)];
}

static __always_inline bool may_be_kernel_page(__u64 page)
{
	return *(volatile __u32 *)kernel_page_slot(page);
}

static __always_inline void kernel_page_forget(__u64 page)
{
	if (!bpf_map_delete_elem(&kernel_pages, &page))
		__sync_fetch_and_add(kernel_page_slot(page), -1);
}

static __always_inline void kernel_page_remember(void *ctx, __u64 page, __u64 gfp)
{
	struct kernel_page p = {
		.t_ns = bpf_ktime_get_ns(),
		.pid_tgid = bpf_get_current_pid_tgid(),
	};

	/* what an interrupt allocates is not this task's */
	if (context() != FT_CTX_TASK)
		return;
	if (!(gfp & GFP_ACCOUNT)) /* else unwinding is most of what this costs a fork */
		p.stack = take_stack(ctx);
	__sync_fetch_and_add(kernel_page_slot(page), 1); /* before it can be found */
	if (!bpf_map_update_elem(&kernel_pages, &page, &p, BPF_NOEXIST))
		return;
	__sync_fetch_and_add(kernel_page_slot(page), -1);
	count(FT_CNT_KERNEL_PAGES_FULL);
}

SEC("raw_tp/mm_page_alloc")
int on_mm_page_alloc(struct bpf_raw_tracepoint_args *ctx)
{
	__u64 page = ctx->args[0], gfp = ctx->args[2];

	if (gfp & (GFP_MOVABLE | GFP_RECLAIMABLE) || !page || ft_closed || !current_tracked())
		return 0;
	return PREEMPT_DISABLED(kernel_page_remember(ctx, page, gfp));
}

/* The lifetime of a page that is being mapped began with its allocation, if that was seen. */
static __always_inline void kernel_page_begins(struct beginning *b, __u64 page)
{
	struct kernel_page *p = NULL;

	if (may_be_kernel_page(page))
		p = bpf_map_lookup_elem(&kernel_pages, &page);
	if (!p)
		return;
	b->what.op = FT_OP_BORN;
	b->what.site = FT_HOOK_mm_page_alloc;
	b->what.stack = p->stack;
	b->what.past = true;
	b->what.value = p->t_ns;
	b->what.aux = p->pid_tgid;
	kernel_page_forget(page);
}

#endif /* FT_BPF_KERNEL_PAGES_H */
