// SPDX-License-Identifier: GPL-2.0
#include <stddef.h>

#include "core/folio/holder_table.h"
#include "wire.h"

const struct ft_holder_row ft_holder_table[] = {
	/* mm/mlock.c: into a per-CPU batch, which has a reference of its own ... */
	{ "mlock_folio", "mlock batch", FT_PLACE_BATCH_GET, FT_OWNER_LRU_BATCH },
	{ "mlock_new_folio", "mlock batch", FT_PLACE_BATCH_GET, FT_OWNER_LRU_BATCH },
	{ "mlock_new_page", "mlock batch", FT_PLACE_BATCH_GET, FT_OWNER_LRU_BATCH },
	{ "munlock_folio", "mlock batch", FT_PLACE_BATCH_GET, FT_OWNER_LRU_BATCH },
	{ "munlock_page", "mlock batch", FT_PLACE_BATCH_GET, FT_OWNER_LRU_BATCH },
	/* mm/swap.c */
	{ "__folio_batch_add_and_move", "LRU batch", FT_PLACE_BATCH_GET, FT_OWNER_LRU_BATCH },
	{ "folio_add_lru", "LRU batch", FT_PLACE_BATCH_GET, FT_OWNER_LRU_BATCH }, /* 6.1 */
	{ "folio_activate", NULL, FT_PLACE_BATCH_GET, FT_OWNER_LRU_BATCH },
	{ "folio_rotate_reclaimable", NULL, FT_PLACE_BATCH_GET, FT_OWNER_LRU_BATCH },
	{ "deactivate_file_folio", NULL, FT_PLACE_BATCH_GET, FT_OWNER_LRU_BATCH },
	{ "deactivate_page", NULL, FT_PLACE_BATCH_GET, FT_OWNER_LRU_BATCH },
	{ "folio_deactivate", NULL, FT_PLACE_BATCH_GET, FT_OWNER_LRU_BATCH },
	{ "mark_page_lazyfree", NULL, FT_PLACE_BATCH_GET, FT_OWNER_LRU_BATCH },
	{ "folio_mark_lazyfree", NULL, FT_PLACE_BATCH_GET, FT_OWNER_LRU_BATCH },
	/* ... and out of it */
	{ "folio_batch_move_lru", NULL, FT_PLACE_BATCH_PUT, FT_OWNER_LRU_BATCH },
	{ "mlock_folio_batch", NULL, FT_PLACE_BATCH_PUT, FT_OWNER_LRU_BATCH },
	{ "mlock_pagevec", NULL, FT_PLACE_BATCH_PUT, FT_OWNER_LRU_BATCH },
	/* mm/vmscan.c, mm/compaction.c */
	{ "folio_isolate_lru", "isolation", FT_PLACE_ISOLATES, FT_OWNER_ISOLATION },
	{ "isolate_lru_page", "isolation", FT_PLACE_ISOLATES, FT_OWNER_ISOLATION },
	{ "isolate_lru_folios", "isolation", FT_PLACE_ISOLATES, FT_OWNER_ISOLATION },
	{ "isolate_lru_pages", "isolation", FT_PLACE_ISOLATES, FT_OWNER_ISOLATION },
	{ "isolate_migratepages_block", "isolation", FT_PLACE_ISOLATES, FT_OWNER_ISOLATION },
	{ "folio_putback_lru", NULL, FT_PLACE_PUTS_BACK, FT_OWNER_OTHER },
	{ "putback_lru_page", NULL, FT_PLACE_PUTS_BACK, FT_OWNER_OTHER },   /* 6.1 */
	{ "reclaim_folio_list", NULL, FT_PLACE_PUTS_BACK, FT_OWNER_OTHER }, /* inlined there */
	{ "reclaim_page_list", NULL, FT_PLACE_PUTS_BACK, FT_OWNER_OTHER },  /* 6.1 */
	{ "move_folios_to_lru", NULL, FT_PLACE_PUTS_BACK, FT_OWNER_OTHER },
	{ "move_pages_to_lru", NULL, FT_PLACE_PUTS_BACK, FT_OWNER_OTHER }, /* 6.1 */
	{ "putback_movable_pages", NULL, FT_PLACE_PUTS_BACK, FT_OWNER_OTHER },
	/* mm/migrate_device.c */
	{ "migrate_vma_collect_pmd", "device migration", FT_PLACE_PLAIN, FT_OWNER_MIGRATION },
	{ "migrate_vma_collect_huge_pmd", "device migration", FT_PLACE_PLAIN, FT_OWNER_MIGRATION },
	{ "migrate_device_range", "device migration", FT_PLACE_PLAIN, FT_OWNER_MIGRATION },
	{ "migrate_device_pfns", "device migration", FT_PLACE_PLAIN, FT_OWNER_MIGRATION },
	/* a buffer that outlives the call: fs/splice.c, block/bio.c, net/core, io_uring; what is
	 * put there may have been anybody's */
	{ "vmsplice_to_pipe", "pipe", FT_PLACE_PLAIN, FT_OWNER_PIPE },
	{ "__do_sys_vmsplice", "pipe", FT_PLACE_PLAIN, FT_OWNER_PIPE },
	{ "iter_to_pipe", "pipe", FT_PLACE_PLAIN, FT_OWNER_PIPE },
	{ "generic_pipe_buf_get", "pipe", FT_PLACE_PLAIN, FT_OWNER_PIPE },
	{ "splice_folio_into_pipe", "pipe", FT_PLACE_PLAIN, FT_OWNER_PIPE },
	{ "filemap_splice_read", "pipe", FT_PLACE_PLAIN, FT_OWNER_PIPE },
	{ "shmem_file_splice_read", "pipe", FT_PLACE_PLAIN, FT_OWNER_PIPE },
	{ "generic_pipe_buf_release", "pipe", FT_PLACE_PLAIN, FT_OWNER_PIPE },
	{ "page_cache_pipe_buf_release", "pipe", FT_PLACE_PLAIN, FT_OWNER_PIPE },
	{ "__bio_release_pages", "bio", FT_PLACE_PLAIN, FT_OWNER_BIO },
	{ "skb_release_data", "socket buffer", FT_PLACE_PLAIN, FT_OWNER_SOCKET },
	{ "bio_iov_iter_get_pages", "bio", FT_PLACE_PLAIN, FT_OWNER_BIO },
	{ "bio_iov_add_page", "bio", FT_PLACE_PLAIN, FT_OWNER_BIO },
	{ "bio_add_folio", "bio", FT_PLACE_PLAIN, FT_OWNER_BIO },
	{ "io_pin_pages", "io_uring buffer", FT_PLACE_PLAIN, FT_OWNER_IO_URING },
	{ "io_sqe_buffer_register", "io_uring buffer", FT_PLACE_PLAIN, FT_OWNER_IO_URING },
	{ "skb_splice_from_iter", "socket buffer", FT_PLACE_PLAIN, FT_OWNER_SOCKET },
	{ "zerocopy_fill_skb_from_iter", "socket buffer", FT_PLACE_PLAIN, FT_OWNER_SOCKET },
	{ "__zerocopy_sg_from_iter", "socket buffer", FT_PLACE_PLAIN, FT_OWNER_SOCKET },
	{ "skb_append_pagefrags", "socket buffer", FT_PLACE_PLAIN, FT_OWNER_SOCKET },
	{ "do_tcp_sendpages", "socket buffer", FT_PLACE_PLAIN, FT_OWNER_SOCKET },     /* 6.1 */
	{ "unix_stream_sendpage", "socket buffer", FT_PLACE_PLAIN, FT_OWNER_SOCKET }, /* 6.1 */
	{ "pskb_expand_head", "socket buffer", FT_PLACE_PLAIN, FT_OWNER_SOCKET },
	{ "__pskb_copy_fclone", "socket buffer", FT_PLACE_PLAIN, FT_OWNER_SOCKET },
	{ "skb_segment", "socket buffer", FT_PLACE_PLAIN, FT_OWNER_SOCKET },
	{ "skb_split", "socket buffer", FT_PLACE_PLAIN, FT_OWNER_SOCKET },
	{ "skb_shift", "socket buffer", FT_PLACE_PLAIN, FT_OWNER_SOCKET },
	{ "skb_try_coalesce", "socket buffer", FT_PLACE_PLAIN, FT_OWNER_SOCKET },
	{ "tcp_mtu_probe", "socket buffer", FT_PLACE_PLAIN, FT_OWNER_SOCKET },
	/* for a file, which another process may have open: drivers/dma-buf, vfio, iommufd, ... */
	{ "memfd_pin_folios", "file", FT_PLACE_PLAIN, FT_OWNER_FILE },
	{ "vfio_pin_pages_remote", "file", FT_PLACE_PLAIN, FT_OWNER_FILE },
	{ "pfn_reader_user_pin", "file", FT_PLACE_PLAIN, FT_OWNER_FILE },
	{ "ib_umem_get", "file", FT_PLACE_PLAIN, FT_OWNER_FILE },
	{ "xdp_umem_reg", "file", FT_PLACE_PLAIN, FT_OWNER_FILE },
	{ "try_grab_folio", "GUP", FT_PLACE_PLAIN, FT_OWNER_GUP },
	{ "try_grab_folio_fast", "GUP", FT_PLACE_PLAIN, FT_OWNER_GUP },
	{ "try_grab_page", "GUP", FT_PLACE_PLAIN, FT_OWNER_GUP },
	{ "try_get_folio", "GUP", FT_PLACE_PLAIN, FT_OWNER_GUP },
	{ "follow_page_pte", "GUP", FT_PLACE_PLAIN, FT_OWNER_GUP },
	{ "gup_fast_fallback", "GUP", FT_PLACE_PLAIN, FT_OWNER_GUP },
	{ "internal_get_user_pages_fast", "GUP", FT_PLACE_PLAIN, FT_OWNER_GUP }, /* 6.1 */
	/* on its way into a page table */
	{ "do_swap_page", "fault", FT_PLACE_PLAIN, FT_OWNER_FAULT },
	{ "filemap_fault", "fault", FT_PLACE_PLAIN, FT_OWNER_FAULT },
	{ "shmem_fault", "fault", FT_PLACE_PLAIN, FT_OWNER_FAULT },
	{ "do_wp_page", "fault", FT_PLACE_PLAIN, FT_OWNER_FAULT },
	{ "next_uptodate_folio", "fault", FT_PLACE_PLAIN, FT_OWNER_FAULT },
	/* they take a reference first and then test whether it is the right folio */
	{ "filemap_get_entry", "lookup", FT_PLACE_PLAIN, FT_OWNER_LOOKUP },
	{ "mapping_get_entry", "lookup", FT_PLACE_PLAIN, FT_OWNER_LOOKUP },
	{ "__filemap_get_folio", "lookup", FT_PLACE_PLAIN, FT_OWNER_LOOKUP }, /* 6.1 */
	{ "filemap_get_folios", "lookup", FT_PLACE_PLAIN, FT_OWNER_LOOKUP },
	{ "filemap_get_read_batch", "lookup", FT_PLACE_PLAIN, FT_OWNER_LOOKUP },
	{ "find_get_entries", "lookup", FT_PLACE_PLAIN, FT_OWNER_LOOKUP },
	{ "find_lock_entries", "lookup", FT_PLACE_PLAIN, FT_OWNER_LOOKUP },
	{ "page_idle_get_folio", "lookup", FT_PLACE_PLAIN, FT_OWNER_LOOKUP },
	{ "damon_get_folio", "lookup", FT_PLACE_PLAIN, FT_OWNER_LOOKUP },
	{ "damon_get_page", "lookup", FT_PLACE_PLAIN, FT_OWNER_LOOKUP },
	{ NULL, NULL, FT_PLACE_PLAIN, FT_OWNER_OTHER },
};

const struct ft_caller_row ft_caller_table[] = {
	/* The task that unmaps or moves a folio has a reference to it: of
	 * migrate_vma_collect(), of an isolation, or of the split. */
	{ "set_pmd_migration_entry", FT_OP_ENTER, NULL, false, 1 },
	{ "set_pmd_migration_entry", FT_OP_RETURN, NULL, false, 1 },
	/* folio_ref_count() == expected + 1 is what both of them test. */
	{ "folio_migrate_mapping", FT_OP_ENTER, NULL, false, 1 },
	{ "__folio_migrate_mapping", FT_OP_ENTER, NULL, false, 1 },
	/* migrate_device_unmap() still holds collect's, and puts it afterwards. */
	{ "folio_isolate_lru", FT_OP_ENTER, "migrate_device_unmap", false, 1 },
	{ "isolate_lru_page", FT_OP_ENTER, "migrate_device_unmap", false, 1 },
	{ "folio_isolate_lru", FT_OP_RETURN, "migrate_device_unmap", true, 2 },
	{ "isolate_lru_page", FT_OP_RETURN, "migrate_device_unmap", true, 2 },
	{ NULL, 0, NULL, false, 0 },
};

const char ft_fault_function[] = "handle_mm_fault";

const char *const ft_migration_table[] = {
	"move_to_new_folio",
	"folio_migrate_mapping",
	"__folio_migrate_mapping",
	NULL,
};

const char *const ft_release_table[] = {
	/* mm/mmu_gather.c: the references of mappings, after they were removed */
	"free_pages_and_swap_cache",
	"__tlb_remove_table",
	/* fs/splice.c, fs/pipe.c */
	"generic_pipe_buf_release",
	"anon_pipe_buf_release",
	"page_cache_pipe_buf_release",
	"free_pipe_info",
	"pipe_read",
	/* net/core/skbuff.c */
	"skb_release_data",
	"skb_copy_ubufs",
	"__pskb_pull_tail",
	"___pskb_trim",
	/* block/bio.c */
	"__bio_release_pages",
	"bio_free_pages",
	"bio_check_pages_dirty",
	"bio_dirty_fn",
	/* io_uring/rsrc.c */
	"io_release_ubuf",
	"io_buffer_unmap",
	/* mm/vmscan.c, mm/migrate.c: isolations of other tasks */
	"move_folios_to_lru",
	"shrink_folio_list",
	"putback_movable_pages",
	/* fs/fuse/dev.c: the pages of the other side's request */
	"fuse_dev_do_read",
	"fuse_dev_do_write",
	NULL,
};

const char *const ft_unpin_table[] = {
	"gup_put_folio",
	"unpin_user_page",
	"unpin_user_pages",
	"unpin_user_folio",
	"unpin_folio",
	"unpin_folios",
	"unpin_user_pages_dirty_lock",
	"unpin_user_page_range_dirty_lock",
	NULL,
};

const char *const ft_either_table[] = {
	"gup_fast_fallback",
	"internal_get_user_pages_fast", /* 6.1 */
	"__get_user_pages",
	NULL,
};

const char *const ft_helper_table[] = {
	/* mm/gup.c */
	"try_grab_folio",
	"try_grab_folio_fast",
	"try_grab_page",
	"try_get_folio",
	"follow_page_pte",
	"follow_page_mask",
	"follow_trans_huge_pmd",
	"follow_huge_pmd",
	"gup_fast_pte_range",
	"gup_fast_pmd_leaf",
	"gup_fast",
	"gup_fast_fallback",
	"gup_pgd_range",
	"lockless_pages_from_mm",
	"internal_get_user_pages_fast",
	"get_user_pages_fast",
	"get_user_pages_fast_only",
	"pin_user_pages_fast",
	"__get_user_pages",
	"__get_user_pages_locked",
	"__gup_longterm_locked",
	"get_user_pages",
	"get_user_pages_remote",
	"get_user_pages_unlocked",
	"pin_user_pages",
	"pin_user_pages_remote",
	"pin_user_pages_unlocked",
	/* lib/iov_iter.c */
	"__iov_iter_get_pages_alloc",
	"iov_iter_get_pages2",
	"iov_iter_get_pages_alloc2",
	"iov_iter_extract_user_pages",
	"iov_iter_extract_pages",
	/* mm/filemap.c */
	"filemap_get_entry",
	"mapping_get_entry",
	"__filemap_get_folio",
	"__filemap_get_folio_mpol",
	"pagecache_get_page",
	/* mm/swap.c */
	"__folio_batch_add_and_move",
	"folio_add_lru",
	"__folio_put",
	"__put_page",
	"folios_put_refs",
	"release_pages",
	"put_pages_list",
	/* mm/vmscan.c */
	"folio_isolate_lru",
	"isolate_lru_page",
	NULL,
};

const char *const ft_clearing_table[] = {
	"split_huge_pmd_address",
	"__split_huge_pmd",
	"split_huge_pmd_locked",
	NULL,
};

const char *const ft_batched_table[] = {
	"folio_add_lru",
	"folio_putback_lru",
	NULL,
};
