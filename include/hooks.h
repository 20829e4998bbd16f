/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hook table: the kernel functions and tracepoints at which events are recorded.
 *
 * Names of kernel functions are here and in the holder tables of the core, and nowhere else. Both
 * sides expand the table: bpf/ into programs (which, says include/programs.h), src/capture into the
 * hooks to attach. A function is used if it is in the BTF of the running kernel, so names of several
 * releases stand side by side, and one that is missing costs nothing. Numbers are not stable:
 * captures carry the names, and a number means something in its own capture only.
 *
 * HOOK(function, role, folio, vma)
 *   role   what an event here means, enum ft_role
 *   folio  number of the argument that is the folio or one of its pages, from 0 (the head page is
 *          looked up either way); -1: none. FOUND, ALLOC: of the argument that points to where
 *          the folio is put; -1: it is returned
 *   vma    number of the argument that is the vma of the mapping; -1: none, it is the caller's.
 *          ALLOC: of the mm
 */
#ifndef FT_HOOKS_H
#define FT_HOOKS_H

enum ft_role {
	FT_ROLE_CALL = 1,     /* no folio: a call interval and its return value */
	FT_ROLE_LOOK = 2,     /* a tracked folio is read */
	FT_ROLE_MAP = 3,      /* adds a mapping */
	FT_ROLE_UNMAP = 4,    /* removes a mapping */
	FT_ROLE_SPLIT = 5,    /* may split the folio: the children's lifetimes begin at return */
	FT_ROLE_BIRTH = 6,    /* a lifetime begins */
	FT_ROLE_DEATH = 7,    /* a lifetime ends */
	FT_ROLE_MOVE = 8,     /* the contents move to another folio */
	FT_ROLE_FINALIZE = 9, /* __migrate_device_finalize(), by each of its names */
	FT_ROLE_MAP_NEW = 10, /* adds the first mapping of a new folio */
	FT_ROLE_REF = 11,     /* changes the reference count: exact events */
	FT_ROLE_FOUND = 12,   /* finds a folio and takes a reference; not with exact sources */
	FT_ROLE_ALLOC = 13,   /* allocates a folio, maybe for another process */
};

/* clang-format off */
#define FT_HOOKS(HOOK)								\
	/* mm/migrate_device.c; the names of 6.1, 6.12 and 7.3 */			\
	HOOK(migrate_vma_setup, CALL, -1, -1)					\
	HOOK(migrate_vma_pages, CALL, -1, -1)					\
	HOOK(migrate_vma_finalize, CALL, -1, -1)				\
	HOOK(migrate_device_range, CALL, -1, -1)				\
	HOOK(migrate_device_pfns, CALL, -1, -1)				\
	HOOK(migrate_device_unmap, CALL, -1, -1)				\
	HOOK(__migrate_device_pages, CALL, -1, -1)				\
	HOOK(set_pmd_migration_entry, LOOK, 1, -1)				\
	HOOK(remove_migration_pmd, LOOK, 1, -1)					\
	HOOK(zone_device_page_init, BIRTH, 0, -1)				\
	HOOK(free_zone_device_page, DEATH, 0, -1)				\
	HOOK(free_zone_device_folio, DEATH, 0, -1)				\
	/* mm/migrate.c: (mapping, newfolio, folio, extra or expected) */	\
	HOOK(folio_migrate_mapping, LOOK, 2, -1)				\
	HOOK(__folio_migrate_mapping, LOOK, 2, -1)				\
	HOOK(move_to_new_folio, LOOK, 1, -1) /* (dst, src, mode) */		\
	/* mm/huge_memory.c */							\
	HOOK(split_huge_pmd_address, CALL, -1, -1)				\
	HOOK(__split_huge_pmd, CALL, -1, -1)					\
	HOOK(split_huge_pmd_locked, CALL, -1, -1)				\
	HOOK(split_huge_page_to_list, SPLIT, 0, -1)				\
	HOOK(split_huge_page_to_list_to_order, SPLIT, 0, -1)			\
	HOOK(__split_huge_page_to_list_to_order, SPLIT, 0, -1)			\
	HOOK(__folio_split, SPLIT, 0, -1)					\
	HOOK(folio_split, SPLIT, 0, -1)						\
	HOOK(folio_split_unmapped, SPLIT, 0, -1)				\
	HOOK(__folio_freeze_and_split_unmapped, SPLIT, 0, -1)			\
	/* mm/rmap.c, 6.1 */							\
	HOOK(page_add_new_anon_rmap, MAP_NEW, 0, 1)				\
	HOOK(page_add_anon_rmap, MAP, 0, 1)					\
	HOOK(page_add_file_rmap, MAP, 0, 1)					\
	HOOK(page_remove_rmap, UNMAP, 0, 1)					\
	HOOK(hugepage_add_anon_rmap, MAP, 0, 1)					\
	HOOK(hugepage_add_new_anon_rmap, MAP_NEW, 0, 1)				\
	/* mm/rmap.c, later */							\
	HOOK(folio_add_new_anon_rmap, MAP_NEW, 0, 1)				\
	HOOK(folio_add_anon_rmap_ptes, MAP, 0, 3)				\
	HOOK(folio_add_anon_rmap_pmd, MAP, 0, 2)				\
	HOOK(folio_add_file_rmap_ptes, MAP, 0, 3)				\
	HOOK(folio_add_file_rmap_pmd, MAP, 0, 2)				\
	HOOK(folio_remove_rmap_ptes, UNMAP, 0, 3)				\
	HOOK(folio_remove_rmap_pmd, UNMAP, 0, 2)				\
	HOOK(hugetlb_add_anon_rmap, MAP, 0, 1)					\
	HOOK(hugetlb_add_new_anon_rmap, MAP_NEW, 0, 1)				\
	/* mm/filemap.c, mm/shmem.c, mm/hugetlb.c: into the page cache */	\
	HOOK(filemap_add_folio, BIRTH, 1, -1)					\
	HOOK(shmem_add_to_page_cache, BIRTH, 0, -1)				\
	HOOK(hugetlb_add_to_page_cache, BIRTH, 0, -1)				\
	/* look-ups in the page cache: 6.1, later */				\
	HOOK(__filemap_get_folio, FOUND, -1, -1)				\
	HOOK(filemap_get_entry, FOUND, -1, -1)					\
	/* mm/khugepaged.c: 6.1, later. Not vma_alloc_folio(), as faults call it */ \
	HOOK(alloc_charge_hpage, ALLOC, 0, 1)					\
	HOOK(alloc_charge_folio, ALLOC, 0, 1)					\
	/* mm/swap.c, mm/folio.c, mm/vmscan.c */				\
	HOOK(folio_add_lru, LOOK, 0, -1)					\
	HOOK(folio_isolate_lru, LOOK, 0, -1)					\
	HOOK(isolate_lru_page, LOOK, 0, -1)					\
	HOOK(folio_putback_lru, LOOK, 0, -1)					\
	/* mm/memory-failure.c */						\
	HOOK(soft_offline_page, CALL, -1, -1)					\
	/* mm/hugetlb.c: back to the pool */					\
	HOOK(free_huge_page, DEATH, 0, -1)					\
	HOOK(free_huge_folio, DEATH, 0, -1)
/* clang-format on */

/*
 * Functions whose programs are written by hand (bpf/finalize.bpf.h), as they use more than one folio
 * or keep state.
 */
/* clang-format off */
#define FT_HOOKS_SPECIAL(HOOK)						\
	HOOK(__migrate_device_finalize, FINALIZE, -1, -1)		\
	HOOK(migrate_device_finalize, FINALIZE, -1, -1)			\
	HOOK(remove_migration_ptes, MOVE, 0, -1)

/*
 * Not functions, and present on every kernel: tracepoints (bpf/lifetime.bpf.h, bpf/kernel_pages.h),
 * the readings of live folios while the system quiesces (bpf/quiesce.bpf.h), and system calls that
 * fail after they took a reference (bpf/refs.h). The hook of the readings is called settle because
 * captures carry the name.
 */
#define FT_HOOKS_BUILTIN(HOOK)						\
	HOOK(mm_page_alloc, BIRTH, 0, -1)				\
	HOOK(mm_page_free, DEATH, 0, -1)				\
	HOOK(settle, LOOK, 0, -1)					\
	HOOK(system_call, CALL, -1, -1)

/* The tracepoints of CONFIG_DEBUG_PAGE_REF (bpf/page_ref.bpf.h). */
#define FT_HOOKS_PAGE_REF(HOOK)						\
	HOOK(page_ref_set, REF, 0, -1)					\
	HOOK(page_ref_mod, REF, 0, -1)					\
	HOOK(page_ref_mod_and_test, REF, 0, -1)				\
	HOOK(page_ref_mod_and_return, REF, 0, -1)			\
	HOOK(page_ref_mod_unless, REF, 0, -1)				\
	HOOK(page_ref_freeze, REF, 0, -1)				\
	HOOK(page_ref_unfreeze, REF, 0, -1)

#define FT_HOOKS_ALL(HOOK)						\
	FT_HOOKS(HOOK)							\
	FT_HOOKS_SPECIAL(HOOK)						\
	FT_HOOKS_BUILTIN(HOOK)						\
	FT_HOOKS_PAGE_REF(HOOK)
/* clang-format on */

enum ft_hook {
	FT_HOOK_NONE = 0,
#define FT_HOOK_ENUM(fn, role, arg, vma) FT_HOOK_##fn,
	FT_HOOKS_ALL(FT_HOOK_ENUM)
#undef FT_HOOK_ENUM
		FT_HOOK_COUNT,
};

#endif /* FT_HOOKS_H */
