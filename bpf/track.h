/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracked processes and the tracked folios. Every event on a folio takes the next number of its
 * tracked entry, even if the ring is full: a lost record leaves a gap in the numbers of its folio.
 */
#ifndef FT_BPF_TRACK_H
#define FT_BPF_TRACK_H

#include <bpf/bpf_helpers.h>

#include "emit.h"
#include "hooks.h"

/*
 * Track the folios of all processes but ours (record -a). Set when everything is armed: a folio that
 * is tracked earlier could be freed unseen.
 */
bool ft_all_tasks;
/* The tracked folios are read until they are at rest; no others are added. */
bool ft_closed;
/* Record nothing any more: the programs are about to be detached, one after the other. */
bool ft_over;
__u32 ft_tracer_tgid;
/*
 * Only folios of these orders (a bit each) with a page in this range, when first seen. Their
 * children are tracked in any case.
 */
const volatile __u64 ft_orders = ~0ULL, ft_pfn_first, ft_pfn_last = ~0ULL;
/* Also track older folios of a tracked process, from the first hook that it passes with them. */
const volatile bool ft_adopt_any;

/*
 * The kernel skips a program on a CPU where it is already running (include/programs.h): if an
 * interrupt hits the same hook, or, as fentry programs can be preempted, another task does. A
 * skipped reading is a line less in a timeline. A birth, a death or a reference operation must not
 * be missed, so the programs for them have a fallback program on the same hook. The first one sets
 * its busy flag while it runs. The fallback program does the work only if it finds the flag set:
 * then the first one was skipped for this event.
 */
struct busy {
	__u8 flag[2 * FT_HOOK_COUNT]; /* entries, then returns; each has one writer */
};

#define RETURN_OF(hook) ((hook) + FT_HOOK_COUNT)

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct busy);
} busy SEC(".maps");

static __always_inline __u8 *busy_flag(__u32 hook)
{
	__u32 zero = 0;
	struct busy *b = bpf_map_lookup_elem(&busy, &zero);

	return b && hook < 2 * FT_HOOK_COUNT ? &b->flag[hook] : NULL;
}

extern void bpf_preempt_disable(void) __ksym __weak;
extern void bpf_preempt_enable(void) __ksym __weak;
extern void bpf_local_irq_save(unsigned long *flags) __ksym __weak;
extern void bpf_local_irq_restore(unsigned long *flags) __ksym __weak;

/*
 * Since 7.3 programs on raw tracepoints and fentry run with preemption enabled. Earlier kernels need
 * no bpf_preempt_disable(), and the verifier of 6.12 allows no calls of global functions inside it.
 */
const volatile bool ft_preemptible;

/*
 * If an interrupt has set TIF_NEED_RESCHED meanwhile, preempt_enable() would switch tasks, before
 * this program is over. It does not switch with interrupts off. bpf_local_irq_save() exists since
 * 6.14.
 */
static __always_inline void preempt_enable_no_switch(void)
{
	unsigned long flags;

	if (bpf_local_irq_save)
		bpf_local_irq_save(&flags);
	if (bpf_preempt_enable)
		bpf_preempt_enable();
	if (bpf_local_irq_restore)
		bpf_local_irq_restore(&flags);
}

/*
 * Runs @call with preemption disabled. If we were preempted here, the recursion check would skip
 * this program for every other task on this CPU until we run again.
 */
#define PREEMPT_DISABLED(call)                                                                     \
	({                                                                                         \
		if (ft_preemptible && bpf_preempt_disable)                                         \
			bpf_preempt_disable();                                                     \
		call;                                                                              \
		if (ft_preemptible)                                                                \
			preempt_enable_no_switch();                                                \
		0;                                                                                 \
	})

/* In a program that has a fallback program: runs @call with the busy flag set. */
#define PRIMARY(hook, call)                                                                        \
	({                                                                                         \
		__u8 *__busy = busy_flag(hook);                                                    \
		if (__busy)                                                                        \
			*(volatile __u8 *)__busy = 1;                                              \
		call;                                                                              \
		if (__busy)                                                                        \
			*(volatile __u8 *)__busy = 0;                                              \
		0;                                                                                 \
	})

/* In a fallback program: runs @call if the first program was skipped, and counts that. */
#define FALLBACK(hook, call) FALLBACK_AS(hook, FT_CNT_FALLBACK_LIFETIME, call)
#define FALLBACK_AS(hook, counter, call)                                                           \
	({                                                                                         \
		__u8 *__busy = busy_flag(hook);                                                    \
		if (__busy && *(volatile __u8 *)__busy) {                                          \
			count(counter);                                                            \
			call;                                                                      \
		}                                                                                  \
		0;                                                                                 \
	})

/* The entry of a tracked folio. */
struct tracked {
	__u32 id;
	__u32 seq;   /* of the last event, written or lost */
	__u32 lost;  /* records that found no room */
	__s32 sum;   /* of the deltas */
	__s32 first; /* the count as read when tracking began */
	__u8 order;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* the loader sets it */
	__type(key, __u64);	/* address of the head page */
	__type(value, struct tracked);
} folios SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, __u32); /* tgid */
	__type(value, __u8);
} tasks SEC(".maps");

__u32 ft_last_id;    /* the last folio lifetime's */
__u32 ft_tasks_left; /* tracked processes that still run */

/* How many tracked processes share a slot. Most tasks find 0 here. */
#define TASK_SLOTS (1U << 12)
__u32 ft_task_slots[TASK_SLOTS];

static __always_inline __u32 *task_slot(__u32 tgid)
{
	return &ft_task_slots[tgid & (TASK_SLOTS - 1)];
}

static __always_inline bool tgid_tracked(__u32 tgid)
{
	return *(volatile __u32 *)task_slot(tgid) && bpf_map_lookup_elem(&tasks, &tgid);
}

static __always_inline bool current_tracked(void)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;

	return ft_all_tasks ? tgid != ft_tracer_tgid : tgid_tracked(tgid);
}

static __always_inline __u64 mm_of(__u64 vma)
{
	return vma ? read_u64(vma + bpf_core_field_offset(struct vm_area_struct, vm_mm)) : 0;
}

/* tgid of the process whose mm it is (CONFIG_MEMCG); 0: not known, or its last user exits. */
static __always_inline __u32 mm_owner(__u64 mm)
{
	__u32 tgid = 0;
	__u64 task;

	if (!mm || !bpf_core_field_exists(struct mm_struct, owner))
		return 0;
	task = read_u64(mm + bpf_core_field_offset(struct mm_struct, owner));
	if (task)
		bpf_probe_read_kernel(
			&tgid, sizeof(tgid),
			(void *)(task + bpf_core_field_offset(struct task_struct, tgid)));
	return tgid;
}

/* khugepaged and remote faults work on the mm of another process. */
static __always_inline bool vma_tracked(__u64 vma)
{
	__u32 tgid = mm_owner(mm_of(vma));

	return tgid && tgid_tracked(tgid);
}

/*
 * Presence filter: how many tracked folios share a slot, by the address of their struct page. Most
 * folios of the machine find 0 here, and the map need not be searched.
 */
#define PRESENCE_SLOTS (1U << 16)
__u32 ft_presence[PRESENCE_SLOTS];

static __always_inline __u32 *presence_slot(__u64 folio)
{
	return &ft_presence[folio >> 6 & (PRESENCE_SLOTS - 1)];
}

/* False for most folios: then neither the look-up nor disabling preemption is needed. */
static __always_inline bool may_be_tracked(__u64 folio)
{
	return !ft_over && *(volatile __u32 *)presence_slot(folio);
}

static __always_inline struct tracked *tracked_find(__u64 folio)
{
	if (!may_be_tracked(folio))
		return NULL;
	return bpf_map_lookup_elem(&folios, &folio);
}

/* One event on a tracked folio: takes the next number in any case. False: the event is lost. */
__noinline int tracked_event(struct tracked *t, const struct emit *what, const struct folio_view *v)
{
	__u32 seq;

	if (!t || !what)
		return false;
	seq = __sync_fetch_and_add(&t->seq, 1) + 1;
	if (what->delta)
		__sync_fetch_and_add(&t->sum, what->delta);
	if (emit_event(what, v, t->id, seq))
		return true;
	__sync_fetch_and_add(&t->lost, 1);
	return false;
}

/* An event that cannot be recorded: takes a number, so that the gap shows the loss. */
static __always_inline void tracked_lose(struct tracked *t)
{
	__sync_fetch_and_add(&t->seq, 1);
	__sync_fetch_and_add(&t->lost, 1);
}

/*
 * 1: created, 0: another CPU was first, else -errno. A function of its own so that its stack frame
 * is free when the event is written.
 */
__noinline int tracked_create(const struct folio_view *v)
{
	struct tracked t = {};
	__u64 key;
	int err; /* int, as the map's function returned before 6.4: the JIT calls it directly */

	if (!v)
		return -EINVAL;
	key = v->addr;
	t.order = v->order;
	t.id = __sync_fetch_and_add(&ft_last_id, 1) + 1;
	__sync_fetch_and_add(presence_slot(key), 1); /* before it can be found */
	err = bpf_map_update_elem(&folios, &key, &t, BPF_NOEXIST);
	if (err)
		__sync_fetch_and_add(presence_slot(key), -1);
	if (err == -EEXIST)
		return 0;
	if (err)
		count(err == -E2BIG ? FT_CNT_TRACKED_FULL : FT_CNT_TRACKED_BUSY);
	else
		count(FT_CNT_FOLIOS);
	return err ? err : 1;
}

static __always_inline bool is_wanted(const struct folio_view *v)
{
	__u64 pfn = page_to_pfn(v->addr);

	return ft_orders >> (v->order & 63) & 1 && pfn <= ft_pfn_last &&
	       pfn + (1ULL << (v->order & 31)) > ft_pfn_first;
}

/* How a folio lifetime begins. */
struct beginning {
	struct emit what; /* FT_OP_BORN or FT_OP_ADOPTED; value: id of the folio that was split */
	__u64 mapping;	  /* that it is about to be added to; 0: not known */
	__s32 applied;	  /* of the operation that it is seen by: in the count already */
	bool zero;	  /* the shared huge zero folio, too */
};

static __always_inline bool is_child(const struct emit *what)
{
	return what->value && !what->past;
}

/* True if the folio is tracked now, by us or by another CPU. */
__noinline int tracked_start(const struct folio_view *v, struct beginning *b)
{
	struct folio_view now = {};
	struct tracked *found;
	int made;

	if (!v || !b || (!is_child(&b->what) && (ft_closed || !is_wanted(v))) ||
	    (v->flags & FT_PF_ZERO && !b->zero))
		return false;
	made = tracked_create(v);
	if (made <= 0)
		return !made;
	found = tracked_find(v->addr);
	/* read it now that no change can be missed any more */
	if (!found || !view_folio(v->addr, &now))
		return true;
	now.refcount -= b->applied;
	found->first = now.refcount;
	if (!b->what.past)
		b->what.aux = a_ops_of(is_page_cache(&now) ? now.mapping : b->mapping);
	tracked_event(found, &b->what, &now);
	return true;
}

/* Begins a folio lifetime. */
static __always_inline struct tracked *begin_tracking(const struct folio_view *v,
						      struct beginning *b)
{
	return tracked_start(v, b) ? tracked_find(v->addr) : NULL;
}

static __always_inline struct tracked *track_folio(const struct folio_view *v, __u8 op, __u32 site,
						   __u32 parent)
{
	struct beginning b = { .what = { .op = op, .site = site, .value = parent } };

	return begin_tracking(v, &b);
}

static __always_inline void untrack_folio(struct tracked *t, const struct emit *what,
					  const struct folio_view *v)
{
	__u64 key = v->addr;

	tracked_event(t, what, v);
	if (!bpf_map_delete_elem(&folios, &key))
		__sync_fetch_and_add(presence_slot(key), -1);
	count(FT_CNT_DIED);
}

/* Reads the folio and writes one event on it. */
static __always_inline void read_tracked(struct tracked *t, __u64 folio, const struct emit *what)
{
	struct folio_view v = {};

	if (view_folio(folio, &v))
		tracked_event(t, what, &v);
}

#endif /* FT_BPF_TRACK_H */
