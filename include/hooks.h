/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hook table: every kernel function that the boundary source watches.
 *
 * The only place, together with the holder tables of the core, that knows
 * names of kernel functions. Both sides expand it: bpf/ into one fentry and one
 * fexit program a row, src/capture into the list to attach, by existence in the
 * running kernel's BTF. The capture carries the names, so the numbers mean
 * something in that capture only.
 *
 * HOOK(function, role, folio, vma)
 *   role   what an event here means, enum ft_role
 *   folio  number of the argument that is the folio or a page of it (the head is
 *          looked up either way); -1: none
 *   vma    number of the argument that says whose mapping; -1: the caller's
 *
 * A function that is not in the kernel costs nothing: three kernels' worth of
 * names stand side by side.
 */
#ifndef FT_HOOKS_H
#define FT_HOOKS_H

enum ft_role {
	FT_ROLE_CALL = 1,     /* no folio: who is inside what, and what it returned */
	FT_ROLE_LOOK = 2,     /* reads a tracked folio */
	FT_ROLE_MAP = 3,      /* adds a mapping */
	FT_ROLE_UNMAP = 4,    /* removes a mapping */
	FT_ROLE_SPLIT = 5,    /* may split the folio: children are born at return */
	FT_ROLE_BIRTH = 6,    /* the folio comes to life here */
	FT_ROLE_DEATH = 7,    /* ... and ends here */
	FT_ROLE_MOVE = 8,     /* contents move to another folio */
	FT_ROLE_FINALIZE = 9, /* __migrate_device_finalize and its forms */
	FT_ROLE_MAP_NEW = 10, /* adds the first mapping: the folio is new */
	FT_ROLE_REF = 11,     /* changes the refcount: exact events */
};

/* clang-format off */
#define FT_HOOKS(HOOK)								\
	/* mm/migrate_device.c; names of 6.1, 6.12 and 7.3 */			\
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
	/* mm/swap.c, mm/folio.c, mm/vmscan.c */				\
	HOOK(folio_add_lru, LOOK, 0, -1)					\
	HOOK(folio_isolate_lru, LOOK, 0, -1)					\
	HOOK(isolate_lru_page, LOOK, 0, -1)					\
	HOOK(folio_putback_lru, LOOK, 0, -1)					\
	/* mm/hugetlb.c: back to the pool */					\
	HOOK(free_huge_page, DEATH, 0, -1)					\
	HOOK(free_huge_folio, DEATH, 0, -1)
/* clang-format on */

/*
 * Watched by programs written by hand (bpf/finalize.bpf.h, bpf/lifetime.bpf.h), in
 * the same numbering: they need more than one folio or keep state.
 */
/* clang-format off */
#define FT_HOOKS_SPECIAL(HOOK)						\
	HOOK(__migrate_device_finalize, FINALIZE, -1, -1)		\
	HOOK(migrate_device_finalize, FINALIZE, -1, -1)			\
	HOOK(remove_migration_ptes, MOVE, 0, -1)

/* No functions, and there on every kernel: a tracepoint, and our own reading. */
#define FT_HOOKS_BUILTIN(HOOK)						\
	HOOK(mm_page_free, DEATH, 0, -1)				\
	HOOK(settle, LOOK, 0, -1)

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
