/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Wire records: what the BPF programs write to the ring buffers, and what the capture file keeps
 * byte for byte.
 *
 * This is an ABI: captures outlive the program. Types have a fixed width and are little endian.
 * Values are append-only: a number never changes its meaning. Every record begins with struct
 * ft_wire_head. A reader checks head.len before it reads any field, and skips types that it does
 * not know.
 */
#ifndef FT_WIRE_H
#define FT_WIRE_H

#ifndef __bpf__
#include <linux/types.h>
#endif

/* A count that could not be read (a mapcount torn by a split, a tail page). */
#define FT_UNKNOWN (-2147483647 - 1)

enum ft_wire_type {
	FT_WIRE_EVENT = 1,  /* struct ft_wire_event */
	FT_WIRE_TASK = 2,   /* struct ft_wire_task */
	FT_WIRE_STACK = 3,  /* struct ft_wire_stack */
	FT_WIRE_MODULE = 4, /* struct ft_wire_module */
	FT_WIRE_OWNER = 5,  /* struct ft_wire_owner */
};

struct ft_wire_head {
	__u16 type; /* enum ft_wire_type */
	__u16 len;  /* bytes of the whole record */
	__u16 cpu;
	__u8 op;      /* enum ft_op, or enum ft_task_op */
	__u8 context; /* enum ft_context */
};

/* What the CPU was executing when the record was made, from preempt_count(). */
enum ft_context {
	FT_CTX_UNKNOWN = 0,
	FT_CTX_TASK = 1,
	FT_CTX_SOFTIRQ = 2,
	FT_CTX_HARDIRQ = 3,
	FT_CTX_NMI = 4,
};

enum ft_op {
	/* Entry and exit of a function of the hook table (include/hooks.h). */
	FT_OP_ENTER = 1,      /* value: of a finalize: npages; else 0. aux: of a function that maps
			       * or unmaps: tgid of the owner of the mm, 0: the task's own */
	FT_OP_RETURN = 2,     /* value: what the function returned */
	FT_OP_CHECKPOINT = 3, /* value: index; aux: FT_CP_* */

	/* Folio lifetimes. */
	FT_OP_BORN = 10,    /* a lifetime begins; value: id of the parent, 0: allocated;
			     * aux: address of the mapping's a_ops, 0: it has none */
	FT_OP_ADOPTED = 11, /* the folio had been allocated before it was tracked; aux: the same.
			     * The counts are those before the operation that it was seen by */
	FT_OP_DIED = 12,    /* freed; value: FT_DIED_* */
	FT_OP_SPLIT = 13,   /* the lifetime ends; value: number of children, which follow */
	FT_OP_MIGRATE = 14, /* the contents go to the folio with the id value */

	/* A reading of a live folio while the system quiesces. value: round, from 1;
	 * aux: FT_SNAPSHOT_* of its tracked entry */
	FT_OP_SNAPSHOT = 20,

	/* Operations on _refcount, from the sources page_ref and inline. delta is the
	 * operation's own; refcount is the count after it. */
	FT_OP_GET = 30,
	FT_OP_PUT = 31,
	FT_OP_ADD = 32,
	FT_OP_SUB = 33,
	FT_OP_TRY_GET = 34,
	FT_OP_FREEZE = 35,
	FT_OP_UNFREEZE = 36,
	FT_OP_SET = 37,
};

enum ft_died {
	FT_DIED_FREED = 0,   /* back to the buddy allocator */
	FT_DIED_DEVICE = 1,  /* free_zone_device_folio: back to the driver */
	FT_DIED_HUGETLB = 2, /* free_huge_folio: back to the pool */
	FT_DIED_UNSEEN = 3,  /* the next lifetime began before the end of this one was seen */
	FT_DIED_SPLIT = 4,   /* not on the wire: ended by FT_OP_SPLIT */
};

enum ft_source {
	FT_SRC_BOUNDARY = 0, /* entry or exit of a function */
	FT_SRC_PAGE_REF = 1, /* tracepoint of CONFIG_DEBUG_PAGE_REF */
	FT_SRC_INLINE = 2,   /* probe on an inlined operation */
};

/* aux of FT_OP_SNAPSHOT: of the tracked entry (bpf/track.h) */
#define FT_SNAPSHOT_SUM(aux) ((__s32)(aux))	     /* sum of all deltas */
#define FT_SNAPSHOT_LOST(aux) ((__u32)((aux) >> 32)) /* records lost */

/* Checkpoints of __migrate_device_finalize(), in time order. RMP: remove_migration_ptes(). */
enum ft_checkpoint_at {
	FT_AT_FINALIZE_ENTRY = 0,
	FT_AT_RMP_ENTRY = 1,
	FT_AT_RMP_RETURN = 2,
	FT_AT_FINALIZE_RETURN = 3,
};

/* aux of FT_OP_CHECKPOINT */
#define FT_CP_AT_MASK 0xfULL	     /* enum ft_checkpoint_at */
#define FT_CP_DST (1ULL << 4)	     /* the folio is dst; else src */
#define FT_CP_MIGRATE (1ULL << 5)    /* MIGRATE_PFN_MIGRATE set in src[index] */
#define FT_CP_SRC_IS_DST (1ULL << 6) /* remove_migration_ptes puts src back */
#define FT_CP_COMPOUND (1ULL << 7)   /* MIGRATE_PFN_COMPOUND set in src[index] */
#define FT_CP_FAULT (1ULL << 8)	     /* has fault_page: do_swap_page() holds one more reference */

/*
 * State of the folio, read beside the operation and therefore racy. The bits of page flags differ
 * between kernels, so the BPF side translates them (enum pageflags from BTF). A flag that the kernel
 * does not have is 0.
 */
#define FT_PF_LOCKED (1U << 0)
#define FT_PF_LRU (1U << 1)
#define FT_PF_SWAPBACKED (1U << 2)
#define FT_PF_SWAPCACHE (1U << 3) /* PG_swapcache and PG_swapbacked */
#define FT_PF_ANON (1U << 4)	  /* mapping & 3 == 1, or 3 */
#define FT_PF_KSM (1U << 5)	  /* mapping & 3 == 3 */
#define FT_PF_MOVABLE (1U << 6)	  /* mapping & 3 == 2: a driver's page */
#define FT_PF_MAPPING (1U << 7)	  /* mapping is not NULL */
#define FT_PF_PRIVATE (1U << 8)
#define FT_PF_PRIVATE_2 (1U << 9)
#define FT_PF_WRITEBACK (1U << 10)
#define FT_PF_DIRTY (1U << 11)
#define FT_PF_UPTODATE (1U << 12)
#define FT_PF_ACTIVE (1U << 13)
#define FT_PF_UNEVICTABLE (1U << 14)
#define FT_PF_MLOCKED (1U << 15)
#define FT_PF_HWPOISON (1U << 16)
#define FT_PF_RESERVED (1U << 17)
#define FT_PF_LARGE (1U << 18) /* PG_head */
#define FT_PF_HUGETLB (1U << 19)
#define FT_PF_TYPED (1U << 20) /* slab, page table, buddy, ...: no mapcount */
#define FT_PF_ZONE_DEVICE (1U << 21)
#define FT_PF_ZERO (1U << 22) /* the shared zero page or huge zero folio */
#define FT_PF_TAIL (1U << 23) /* the head page was not found: counts may be wrong */
/* dev_pagemap.type, enum memory_type, in 3 bits; only with ZONE_DEVICE */
#define FT_PF_DEVICE_SHIFT 28
#define FT_PF_DEVICE_MASK (7U << FT_PF_DEVICE_SHIFT)

struct ft_wire_event {
	struct ft_wire_head head;
	__u64 t_ns;    /* CLOCK_MONOTONIC */
	__u64 folio;   /* address of the head page; 0: the event has no folio */
	__u64 mapping; /* folio->mapping with its low bits */
	__s64 value;   /* by op */
	__u64 aux;     /* by op */
	__u32 id;      /* of the folio lifetime, from 1; 0: the event has no folio */
	__u32 seq;     /* per lifetime from 1; a gap is a lost record */
	__u32 pid;     /* of the task, in the initial PID namespace */
	__u32 tgid;
	__u32 site;	 /* number of the hook; source inline: of the site, from FT_SITE_FIRST */
	__u32 stack;	 /* id of a struct ft_wire_stack; 0: none */
	__u32 entry_seq; /* entry sequence number: which entry of the task into the kernel */
	__s32 delta;	 /* of the operation itself; 0 for readings */
	__s32 refcount;
	__s32 mapcount; /* folio_mapcount(), FT_UNKNOWN if torn */
	__s32 entire_mapcount;
	__s32 pincount;
	__u32 flags; /* FT_PF_* */
	__u8 order;
	__u8 source; /* enum ft_source */
	__u16 reserved;
};

enum ft_task_op {
	FT_TASK_SEEN = 1,     /* before the first event of this task */
	FT_TASK_NEW = 2,      /* created by a tracked process, and tracked from now on */
	FT_TASK_EXEC = 3,     /* comm has changed */
	FT_TASK_EXIT = 4,     /* the last thread of a tracked process has exited */
	FT_TASK_FOLLOWED = 5, /* was running when its process began to be tracked */
};

#define FT_COMM_LEN 16

struct ft_wire_task {
	struct ft_wire_head head;
	__u64 t_ns;
	__u32 pid;
	__u32 tgid;
	__u32 parent_tgid;
	__u32 reserved;
	char comm[FT_COMM_LEN];
};

#define FT_STACK_MAX 64

/* A call stack, sent once, before the first event with its id or at about the same time. */
struct ft_wire_stack {
	struct ft_wire_head head;
	__u32 id;
	__u32 depth;
	__u64 frames[]; /* depth addresses, innermost first */
};

#define FT_MODULE_LEN 56 /* MODULE_NAME_LEN */

/* A module has been loaded; its init function has not run yet. */
struct ft_wire_module {
	struct ft_wire_head head;
	__u64 t_ns;
	char name[FT_MODULE_LEN];
};

/*
 * A living owner of a folio that was found at the end: in the page tables of a process, in a pipe
 * that it has open, ... One record a process and folio. op of the head: enum ft_owner_class.
 */
struct ft_wire_owner {
	struct ft_wire_head head;
	__u64 t_ns;
	__u32 id;    /* of the folio lifetime */
	__u32 units; /* entries of page tables, buffers of pipes */
	__u32 pid;   /* as in an event */
	__u32 tgid;
	char comm[FT_COMM_LEN];
};

/*
 * Counters of the BPF side, read through an mmapped array: no bpf(2) call is made while tracing.
 * Every cause of a loss has its own.
 */
enum ft_counter {
	FT_CNT_EVENTS = 0,	 /* records submitted */
	FT_CNT_RING_FULL = 1,	 /* records lost: bpf_ringbuf_reserve() failed */
	FT_CNT_TRACKED_FULL = 2, /* folios not tracked: the map is full */
	FT_CNT_TRACKED_BUSY = 3, /* folios not tracked: another error of the map */
	FT_CNT_TASKS_FULL = 4,	 /* processes not tracked */
	FT_CNT_INDEX_LEFT = 5,	 /* indices of a finalize beyond FT_INDEX_MAX */
	FT_CNT_CHILD_LEFT = 6,	 /* children of a split that could not be tracked */
	FT_CNT_SITE_EVENTS = 7,	 /* inline: hits that became events */
	FT_CNT_FOLIOS = 9,	 /* lifetimes begun */
	FT_CNT_FILTERED = 10,	 /* inline: hits on folios that are not tracked, and no-ops */
	FT_CNT_DIED = 11,	 /* lifetimes ended */
	FT_CNT_ENTERED = 12,	 /* inline: runs of the program */
	FT_CNT_FALSE_SITE = 13,	 /* inline: hits whose address is not that of a struct page */
	FT_CNT_STACK_MISS = 14,	 /* stacks that could not be taken */
	/* births and deaths, and operations of page_ref, that a fallback program recorded */
	FT_CNT_FALLBACK_LIFETIME = 15,
	FT_CNT_SITE_LOST = 16, /* inline: hits on a tracked folio that left a gap */
	FT_CNT_FALLBACK_REF = 17,
	/* kernel pages whose allocation is not remembered: no loss, they are adopted if mapped */
	FT_CNT_KERNEL_PAGES_FULL = 18,
	FT_CNT_MAX = 32,
};

/* Indices of one finalize that are recorded; the rest is counted. */
#define FT_INDEX_MAX 65536

#ifndef __bpf__
_Static_assert(sizeof(struct ft_wire_head) == 8, "wire ABI");
_Static_assert(sizeof(struct ft_wire_event) == 104, "wire ABI");
_Static_assert(sizeof(struct ft_wire_task) == 48, "wire ABI");
_Static_assert(sizeof(struct ft_wire_stack) == 16, "wire ABI");
_Static_assert(sizeof(struct ft_wire_module) == 72, "wire ABI");
_Static_assert(sizeof(struct ft_wire_owner) == 48, "wire ABI");
#endif

#endif /* FT_WIRE_H */
