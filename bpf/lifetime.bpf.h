/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Start and end of lifetimes: tracked processes, folios that are freed, children of a split.
 */
#ifndef FT_BPF_LIFETIME_H
#define FT_BPF_LIFETIME_H

#include <bpf/bpf_tracing.h>

#include "hooks.h"
#include "kernel_pages.h"
#include "track.h"

static __always_inline void task_follow(__u32 tgid)
{
	__u8 one = 1;

	__sync_fetch_and_add(task_slot(tgid), 1); /* before it can be found */
	if (bpf_map_update_elem(&tasks, &tgid, &one, BPF_NOEXIST)) {
		__sync_fetch_and_add(task_slot(tgid), -1);
		if (!tgid_tracked(tgid))
			count(FT_CNT_TASKS_FULL);
		return;
	}
	__sync_fetch_and_add(&ft_tasks_left, 1);
}

SEC("tp_btf/task_newtask")
int BPF_PROG(on_task_newtask, struct task_struct *task)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32, new_pid, new_tgid;

	if (!tgid_tracked(tgid))
		return 0;
	new_pid = BPF_CORE_READ(task, pid);
	new_tgid = BPF_CORE_READ(task, tgid);
	if (new_tgid != tgid)
		task_follow(new_tgid);
	emit_task(FT_TASK_NEW, new_pid, new_tgid, tgid,
		  (const char *)task + bpf_core_field_offset(struct task_struct, comm));
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_sched_process_exec, struct task_struct *task)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();

	if (current_tracked())
		emit_task(FT_TASK_EXEC, pid_tgid, pid_tgid >> 32, 0,
			  (const char *)task + bpf_core_field_offset(struct task_struct, comm));
	return 0;
}

static __always_inline void task_ended(struct task_struct *task, __u32 pid, __u32 tgid)
{
	emit_task(FT_TASK_EXIT, pid, tgid, 0,
		  (const char *)task + bpf_core_field_offset(struct task_struct, comm));
	if (!bpf_map_delete_elem(&tasks, &tgid)) {
		__sync_fetch_and_add(task_slot(tgid), -1);
		__sync_fetch_and_add(&ft_tasks_left, -1);
	}
}

/*
 * do_exit() calls exit_thread() after exit_mm() and exit_files(); signal->live is 0 for the last
 * thread. (Since 6.16 the tracepoint sched_process_exit is before exit_mm().) copy_process() calls
 * it, too, for a task that could not be created.
 */
SEC("fentry/exit_thread")
int BPF_PROG(on_exit_thread, struct task_struct *task)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	__u32 tgid = pid_tgid >> 32;

	if (!tgid_tracked(tgid) || (__u32)BPF_CORE_READ(task, pid) != (__u32)pid_tgid ||
	    BPF_CORE_READ(task, signal, live.counter) > 0)
		return 0;
	task_ended(task, pid_tgid, tgid);
	return 0;
}

/*
 * BPF skips a program that is running on the CPU already, preempted: then on_exit_thread() did not
 * see the end. A process that has been waited for is gone for good.
 */
SEC("tp_btf/sched_process_free")
int BPF_PROG(on_sched_process_free, struct task_struct *task)
{
	__u32 pid = BPF_CORE_READ(task, pid), tgid = BPF_CORE_READ(task, tgid);

	if (pid == tgid && tgid_tracked(tgid) && BPF_CORE_READ(task, signal, live.counter) <= 0)
		task_ended(task, pid, tgid);
	return 0;
}

static __always_inline void folio_died(__u64 folio, __u32 site, enum ft_died how)
{
	struct tracked *t = tracked_find(folio);
	struct emit what = { .site = site, .op = FT_OP_DIED, .value = how };
	struct folio_view v = {};

	if (!t)
		return;
	if (!view_folio(folio, &v))
		__builtin_memset(&v, 0, sizeof(v));
	v.addr = folio;
	untrack_folio(t, &what, &v);
}

static __always_inline void page_freed(__u64 page)
{
	folio_died(page, FT_HOOK_mm_page_free, FT_DIED_FREED);
	if (may_be_kernel_page(page))
		kernel_page_forget(page);
}

/*
 * All memory of the buddy allocator passes this tracepoint when it is freed, before struct page is
 * cleared. Raw, so that the argument is a number and not a typed pointer. The fallback program
 * needs no busy flag (track.h): it finds a tracked entry only if the first program was skipped.
 */
SEC("raw_tp/mm_page_free")
int on_mm_page_free(struct bpf_raw_tracepoint_args *ctx)
{
	if (!may_be_tracked(ctx->args[0]) && !may_be_kernel_page(ctx->args[0]))
		return 0;
	return PREEMPT_DISABLED(page_freed(ctx->args[0]));
}

SEC("raw_tp/mm_page_free")
int on_fallback_mm_page_free(struct bpf_raw_tracepoint_args *ctx)
{
	return PREEMPT_DISABLED(page_freed(ctx->args[0]));
}

struct children {
	__u64 next, end;
	__u32 parent, born, site;
};

static long child_born(__u32 i, struct children *c)
{
	struct folio_view v = {};
	__u64 page = c->next;

	if (page >= c->end)
		return 1;
	/* A child may have been freed already, and its pages been reused. */
	if (page_head(page) != page || !view_folio(page, &v)) {
		c->next += sizeof_page();
		return 0;
	}
	c->next += sizeof_page() << (v.order & 31);
	if (v.refcount <= 0)
		return 0;
	c->born++;
	if (!track_folio(&v, FT_OP_BORN, c->site, c->parent))
		count(FT_CNT_CHILD_LEFT);
	return 0;
}

/*
 * A split frees and allocates nothing. The parent's lifetime ends here and one begins for every
 * child, including the one that keeps the head page.
 */
static __always_inline bool folio_was_split(struct tracked *t, __u64 folio, __u32 site,
					    struct children *c)
{
	struct emit what = { .site = site, .op = FT_OP_SPLIT };
	struct folio_view v = {};

	if (!view_folio(folio, &v))
		return false;
	c->next = folio;
	c->end = folio + (sizeof_page() << (t->order & 31));
	c->parent = t->id;
	c->site = site;
	what.value = 1ULL << ((t->order - v.order) & 31);
	v.order = t->order;
	untrack_folio(t, &what, &v);
	return true;
}

#endif /* FT_BPF_LIFETIME_H */
