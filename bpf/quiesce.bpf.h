/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs that user space runs (BPF_PROG_TYPE_SYSCALL): they look up addresses, add processes to
 * the tracked ones, and read the live folios while the system quiesces.
 */
#ifndef FT_BPF_QUIESCE_H
#define FT_BPF_QUIESCE_H

#include "boundary.bpf.h"
#include "ctl.h"

static __always_inline __u64 symbol(const char *name, int size)
{
	__u64 addr = 0;

	return bpf_kallsyms_lookup_name(name, size, 0, &addr) ? 0 : addr;
}

/*
 * Reads variables of the kernel that are not exported otherwise. They stay 0 where kptr_restrict
 * hides addresses; the loader reports that.
 */
SEC("syscall")
int resolve(void *ctx)
{
	static const char vmemmap[] = "vmemmap_base", huge_zero[] = "huge_zero_pfn";
	static const char zero[] = "zero_pfn", zero_page[] = "zero_page_pfn";
	__u64 at = symbol(vmemmap, sizeof(vmemmap));

	if (at)
		ft_vmemmap_base = read_u64(at);
	ft_huge_zero_pfn_at = symbol(huge_zero, sizeof(huge_zero));
	ft_tracer_tgid = bpf_get_current_pid_tgid() >> 32;
	at = symbol(zero, sizeof(zero));
	if (!at)
		at = symbol(zero_page, sizeof(zero_page));
	if (at)
		ft_zero_pfn = read_u64(at);
	return 0;
}

/* Run by the command's process between fork and exec. */
SEC("syscall")
int join(void *ctx)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	char comm[FT_COMM_LEN];

	task_follow(pid_tgid >> 32);
	bpf_get_current_comm(comm, sizeof(comm));
	emit_task(FT_TASK_NEW, pid_tgid, pid_tgid >> 32, 0, comm);
	return 0;
}

__s32 ft_follow_pid;  /* in the loader's PID namespace */
__u32 ft_follow_tgid; /* of the process that has it; 0: not found yet */

/* numbers[level] of a task's struct pid */
static __always_inline void read_upid(struct task_struct *task, __u32 level, struct upid *out)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	__u64 at = (__u64)pid + bpf_core_field_offset(struct pid, numbers) +
		   level * bpf_core_type_size(struct upid);

	out->ns = NULL;
	if (pid && BPF_CORE_READ(pid, level) >= level)
		bpf_probe_read_kernel(out, sizeof(*out), (void *)at);
}

struct iter_task {
	void *meta;
	struct task_struct *task;
};

static __always_inline bool is_wanted_pid(struct task_struct *task)
{
	struct task_struct *me = (void *)bpf_get_current_task();
	__u32 level = BPF_CORE_READ(me, thread_pid, level);
	struct upid mine = {}, theirs = {};

	read_upid(me, level, &mine);
	read_upid(task, level, &theirs);
	return mine.ns && theirs.ns == mine.ns && theirs.nr == ft_follow_pid;
}

/*
 * Adds a running process by its PID in the PID namespace of the loader. session__follow() runs
 * this iterator over all tasks: once to find the process, then to tell of each of its threads.
 */
SEC("?iter/task")
int follow(struct iter_task *ctx)
{
	struct task_struct *task = ctx->task;
	__u32 tgid;

	if (!task)
		return 0;
	tgid = BPF_CORE_READ(task, tgid);
	if (!ft_follow_tgid) {
		if (is_wanted_pid(task))
			ft_follow_tgid = tgid;
	} else if (tgid == ft_follow_tgid) {
		emit_task(FT_TASK_FOLLOWED, BPF_CORE_READ(task, pid), tgid, 0,
			  (const char *)task + bpf_core_field_offset(struct task_struct, comm));
	}
	return 0;
}

/* From now on the process that was found is followed. */
SEC("?syscall")
int follow_found(void *ctx)
{
	task_follow(ft_follow_tgid);
	return 0;
}

struct quiesce_walk {
	__u32 round, skip, limit, seen, read;
};

static long quiesce_one(void *map, const __u64 *folio, struct tracked *t, struct quiesce_walk *w)
{
	struct emit what = { .site = FT_HOOK_settle, .op = FT_OP_SNAPSHOT };
	struct folio_view v = {};

	if (w->seen++ < w->skip)
		return 0;
	if (w->read >= w->limit)
		return 1;
	w->read++;
	if (!view_folio(*folio, &v))
		return 0;
	what.value = w->round;
	what.delta = 0;
	what.aux = (__u64)t->lost << 32 | (__u32)t->sum;
	tracked_event(t, &what, &v);
	return 0;
}

/*
 * Reads up to limit live folios after the first skip ones, in the order of the map. In portions,
 * because the rings must be drained in between.
 */
SEC("syscall")
int quiesce(struct ft_quiesce *args)
{
	struct quiesce_walk w = {
		.round = args->round,
		.skip = args->skip,
		.limit = args->limit,
	};

	bpf_for_each_map_elem(&folios, quiesce_one, &w, 0);
	args->read = w.read;
	return 0;
}

#endif /* FT_BPF_QUIESCE_H */
