/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose folios: the tracked processes, the tracked folios, and the account that
 * each folio keeps. The account outlives a full ring: a record that could not
 * be written still has its number, so the gap names its folio.
 */
#ifndef FT_BPF_TRACK_H
#define FT_BPF_TRACK_H

#include <bpf/bpf_helpers.h>

#include "emit.h"
#include "hooks.h"

/* Everybody's folios (record -a), not only those of tracked processes; but ours. Set when all is
 * armed: a folio followed from before could die unseen. */
bool ft_all_tasks;
/* The end has begun: the folios that are followed are read until they are at rest, and no other
 * is added that would not be. */
bool ft_closed;
/* Nothing is recorded any more: sources are about to go, one after the other. */
bool ft_over;
__u32 ft_tracer_tgid;
/* Only folios of these orders (a bit each) with a page in this range, when first seen; what they
 * are split into is followed all the same. */
const volatile __u64 ft_orders = ~0ULL, ft_pfn_first, ft_pfn_last = ~0ULL;
/* A tracked process's folios of before are followed as soon as it touches them. */
const volatile bool ft_adopt_any;

/*
 * A program is skipped on a CPU where it already runs: nested in an interrupt,
 * or, as fentry programs can be preempted, in another task. For a reading that
 * is a line less in a timeline. A birth or a death must not be missed, so the
 * programs that see them are attached twice: the first sets its bit while it
 * works, and the second works only if it finds that bit set, which means that
 * the first was skipped for this very event.
 */
struct busy {
	__u8 bit[2 * FT_HOOK_COUNT]; /* entries, then returns: each has one writer */
};

#define RETURN_OF(hook) ((hook) + FT_HOOK_COUNT)

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct busy);
} busy SEC(".maps");

static __always_inline __u8 *busy_bit(__u32 hook)
{
	__u32 zero = 0;
	struct busy *b = bpf_map_lookup_elem(&busy, &zero);

	return b && hook < 2 * FT_HOOK_COUNT ? &b->bit[hook] : NULL;
}

extern void bpf_preempt_disable(void) __ksym __weak;
extern void bpf_preempt_enable(void) __ksym __weak;
extern void bpf_local_irq_save(unsigned long *flags) __ksym __weak;
extern void bpf_local_irq_restore(unsigned long *flags) __ksym __weak;

/* Raw tracepoints and fentry leave preemption on (7.3). Where they don't, it need not be
 * turned off, and 6.12 would refuse functions of ours while it is. */
const volatile bool ft_preemptible;

/*
 * An interrupt that came meanwhile may want another task to run, which enabling preemption
 * would let in, but not while interrupts are off; and a moment later the program is over.
 * Kernels before 6.14 cannot turn them off.
 */
static __always_inline void preempt_quietly(void)
{
	unsigned long flags;

	if (bpf_local_irq_save)
		bpf_local_irq_save(&flags);
	if (bpf_preempt_enable)
		bpf_preempt_enable();
	if (bpf_local_irq_restore)
		bpf_local_irq_restore(&flags);
}

/* Without preemption: a task that came in between would go unseen for its whole slice. */
#define UNDISTURBED(call)                                                                          \
	({                                                                                         \
		if (ft_preemptible && bpf_preempt_disable)                                         \
			bpf_preempt_disable();                                                     \
		call;                                                                              \
		if (ft_preemptible)                                                                \
			preempt_quietly();                                                         \
		0;                                                                                 \
	})

/* Declares what the twins are: first(args) is wrapped, second() repeats it. */
#define PRIMARY(hook, call)                                                                        \
	({                                                                                         \
		__u8 *__bit = busy_bit(hook);                                                      \
		if (__bit)                                                                         \
			*(volatile __u8 *)__bit = 1;                                               \
		call;                                                                              \
		if (__bit)                                                                         \
			*(volatile __u8 *)__bit = 0;                                               \
		0;                                                                                 \
	})

#define FALLBACK(hook, call) FALLBACK_AS(hook, FT_CNT_FALLBACK_LIFETIME, call)
#define FALLBACK_AS(hook, counter, call)                                                           \
	({                                                                                         \
		__u8 *__bit = busy_bit(hook);                                                      \
		if (__bit && *(volatile __u8 *)__bit) {                                            \
			count(counter);                                                            \
			call;                                                                      \
		}                                                                                  \
		0;                                                                                 \
	})

struct account {
	__u32 id;
	__u32 seq;   /* of the last event, written or lost */
	__u32 lost;  /* records that found no room */
	__s32 sum;   /* of the deltas */
	__s32 first; /* the count as read when the account was opened */
	__u8 order;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* the loader sets it */
	__type(key, __u64);	/* address of the head page */
	__type(value, struct account);
} folios SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__type(key, __u32); /* tgid */
	__type(value, __u8);
} tasks SEC(".maps");

__u32 ft_last_id;    /* of the lives given so far */
__u32 ft_tasks_left; /* tracked processes that still run */

static __always_inline bool tgid_tracked(__u32 tgid)
{
	return bpf_map_lookup_elem(&tasks, &tgid) != NULL;
}

static __always_inline bool current_tracked(void)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;

	return ft_all_tasks ? tgid != ft_tracer_tgid : tgid_tracked(tgid);
}

/*
 * Whose mapping: khugepaged and a remote fault work for somebody else, whom
 * mm->owner tells (CONFIG_MEMCG).
 */
static __always_inline bool vma_tracked(__u64 vma)
{
	struct vm_area_struct *v = (void *)vma;
	__u32 tgid;

	if (!vma || !bpf_core_field_exists(struct mm_struct, owner))
		return false;
	tgid = BPF_CORE_READ(v, vm_mm, owner, tgid);
	return tgid && tgid_tracked(tgid);
}

/*
 * How many folios of the map share a slot, by their place in the vmemmap: where
 * there is none, as for nearly all folios of the machine, the map need not be
 * searched.
 */
#define NEAR_SLOTS (1U << 16)
__u32 ft_near[NEAR_SLOTS];

static __always_inline __u32 *near_slot(__u64 folio)
{
	return &ft_near[folio >> 6 & (NEAR_SLOTS - 1)];
}

/* False for most: not worth a search, nor turning preemption off. */
static __always_inline bool may_be_followed(__u64 folio)
{
	return !ft_over && *(volatile __u32 *)near_slot(folio);
}

static __always_inline struct account *account_of(__u64 folio)
{
	if (!may_be_followed(folio))
		return NULL;
	return bpf_map_lookup_elem(&folios, &folio);
}

/* One event on a tracked folio: takes the next number, whatever becomes of it. False:
 * the event is lost. */
__noinline int account_event(struct account *a, const struct emit *what, const struct folio_view *v)
{
	__u32 seq;

	if (!a || !what)
		return false;
	seq = __sync_fetch_and_add(&a->seq, 1) + 1;
	if (what->delta)
		__sync_fetch_and_add(&a->sum, what->delta);
	if (emit_event(what, v, a->id, seq))
		return true;
	__sync_fetch_and_add(&a->lost, 1);
	return false;
}

/* An event that can't be told: its number is taken, so the gap names the folio. */
static __always_inline void lose_event(struct account *a)
{
	__sync_fetch_and_add(&a->seq, 1);
	__sync_fetch_and_add(&a->lost, 1);
}

/*
 * 1: made, 0: it was there, by another CPU that was first; else -errno. A function
 * of its own so that its stack is gone when the event is written.
 */
__noinline int account_make(const struct folio_view *v)
{
	struct account a = {};
	__u64 key;
	int err; /* all that a map's own function returns before 6.4: the JIT calls it directly */

	if (!v)
		return -22; /* EINVAL */
	key = v->addr;
	a.order = v->order;
	a.id = __sync_fetch_and_add(&ft_last_id, 1) + 1;
	__sync_fetch_and_add(near_slot(key), 1); /* before it can be found */
	err = bpf_map_update_elem(&folios, &key, &a, BPF_NOEXIST);
	if (err)
		__sync_fetch_and_add(near_slot(key), -1);
	if (err == -17) /* EEXIST */
		return 0;
	if (err)
		count(err == -7 /* E2BIG */ ? FT_CNT_TRACKED_FULL : FT_CNT_TRACKED_BUSY);
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

/* True if the folio has an account now, by whomever it was opened. */
__noinline int account_insert(const struct folio_view *v, __u8 op, __u32 site, __u32 parent)
{
	struct emit what = { .site = site, .op = op, .value = parent };
	struct folio_view now = {};
	struct account *found;
	int made;

	if (!v || (!parent && (ft_closed || !is_wanted(v))) || is_zero_folio(v->addr))
		return false;
	made = account_make(v);
	if (made <= 0)
		return !made;
	found = account_of(v->addr);
	/* read again, now that no change can be missed */
	if (!found || !view_folio(v->addr, &now))
		return true;
	found->first = now.refcount;
	account_event(found, &what, &now);
	return true;
}

/* Opens a life: op is FT_OP_BORN or FT_OP_ADOPTED. */
static __always_inline struct account *account_open(const struct folio_view *v, __u8 op, __u32 site,
						    __u32 parent)
{
	return account_insert(v, op, site, parent) ? account_of(v->addr) : NULL;
}

static __always_inline void account_close(struct account *a, const struct emit *what,
					  const struct folio_view *v)
{
	__u64 key = v->addr;

	account_event(a, what, v);
	if (!bpf_map_delete_elem(&folios, &key))
		__sync_fetch_and_add(near_slot(key), -1);
	count(FT_CNT_DIED);
}

/* Reads the folio and writes one event on it. */
static __always_inline void look(struct account *a, __u64 folio, const struct emit *what)
{
	struct folio_view v = {};

	if (view_folio(folio, &v))
		account_event(a, what, &v);
}

#endif /* FT_BPF_TRACK_H */
