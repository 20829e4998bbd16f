/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's types, as far as they are read here.
 *
 * Written by hand and not dumped from one kernel, so that building needs no BTF of the build
 * machine, and all fields that are read can be seen on one page. Members of anonymous unions are
 * plain members here: libbpf matches them by name. A type whose shape differs between kernels has
 * flavours (libbpf ignores ___ and what follows it).
 */
#ifndef FT_BPF_KERNEL_H
#define FT_BPF_KERNEL_H

#include <linux/types.h>
#include <linux/bpf.h>
#include <linux/errno.h>
#include <stdbool.h>

enum memory_type {
	MEMORY_DEVICE_PRIVATE = 1, /* not relied on: the type is passed on */
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;

struct page {
	unsigned long compound_head; /* until "mm: compound_info" (7.1) */
	unsigned long compound_info; /* since */
	void *mapping;
	atomic_t _mapcount;
	atomic_t _refcount;
	struct dev_pagemap *pgmap; /* until it moved to struct folio (6.12+) */
};

struct address_space {
	void *a_ops;
};

struct page___flags_word {
	unsigned long flags;
};

/* memdesc_flags_t since "mm: introduce memdesc_flags_t" (6.18) */
struct memdesc_flags___struct {
	unsigned long f;
};

struct page___flags_struct {
	struct memdesc_flags___struct flags;
};

struct folio {
	unsigned char _folio_order; /* 6.1: order */
	unsigned long _flags_1;	    /* later: order in the low byte */
	atomic_t _total_mapcount;   /* 6.1: the PMD-level mapcount - 1 */
	atomic_t _entire_mapcount;  /* later */
	atomic_t _large_mapcount;   /* since 6.10: the total - 1 */
	atomic_t _pincount;
	unsigned char _folio_dtor; /* 6.1 */
	struct dev_pagemap *pgmap;
};

struct dev_pagemap {
	enum memory_type type;
};

typedef struct {
	unsigned long bits[1];
} nodemask_t;

struct mm_struct {
	struct task_struct *owner; /* CONFIG_MEMCG */
};

struct vm_area_struct {
	struct mm_struct *vm_mm;
};

struct pcpu_hot {
	int preempt_count;
};

struct signal_struct {
	atomic_t live;
};

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

struct task_struct {
	int pid;
	int tgid;
	struct pid *thread_pid;
	struct mm_struct *mm;
	unsigned int flags;
	struct signal_struct *signal;
	char comm[16];
};

struct module {
	char name[56];
};

#pragma clang attribute pop

/* Only the names count; the values come from the running kernel. */
enum pageflags {
	PG_locked = 1000,
	PG_writeback,
	PG_uptodate,
	PG_dirty,
	PG_lru,
	PG_head,
	PG_active,
	PG_private,
	PG_private_2,
	PG_reserved,
	PG_swapbacked,
	PG_swapcache,
	PG_unevictable,
	PG_mlocked,
	PG_hwpoison,
	PG_workingset,
	PG_double_map, /* 6.1: an alias of PG_workingset, on the second page */
	PG_slab,       /* until it became a page type (6.10) */
};

enum pagetype {
	PGTY_hugetlb = 1000, /* since 6.12; the enum exists since 6.10 */
	PGTY_buddy,
};

/* The pagetype of 6.10 and 6.11: a cleared bit names the type. */
enum pagetype___bits {
	PG_hugetlb = 1000,
};

/* 6.6 to 6.9: a page flag of the second page. */
enum pageflags___hugetlb {
	PG_hugetlb___flag = 1000,
};

enum compound_dtor_id {
	HUGETLB_PAGE_DTOR = 1000,
};

enum zone_type {
	ZONE_DEVICE = 1000,
	__MAX_NR_ZONES,
};

/* Only with CONFIG_NUMA; the enum of ZONELIST_NOFALLBACK has no name to be found by. */
struct zone {
	int node;
} __attribute__((preserve_access_index));

#endif /* FT_BPF_KERNEL_H */
