// SPDX-License-Identifier: GPL-2.0
/*
 * The holder table of exact events: places that take a reference for a list, or
 * put one from it. Beside holders.c the only place of the core with names of
 * kernel functions; a place that is not in it is attributed all the same.
 */
#include <string.h>

#include "core/folio/holders.h"

struct ref_holder {
	const char *function; /* of the site; NULL: of one of its two callers, too */
	const char *caller;
	enum ft_place_role role;
};

static const struct ref_holder table[] = {
	/* mm/swap.c: into a per-CPU batch, which has a reference of its own ... */
	{ "__folio_batch_add_and_move", NULL, FT_PLACE_BATCH_GET },
	{ "folio_add_lru", NULL, FT_PLACE_BATCH_GET }, /* 6.1 */
	{ "folio_activate", NULL, FT_PLACE_BATCH_GET },
	{ "folio_rotate_reclaimable", NULL, FT_PLACE_BATCH_GET },
	{ "deactivate_file_folio", NULL, FT_PLACE_BATCH_GET },
	{ "deactivate_page", NULL, FT_PLACE_BATCH_GET },
	{ "folio_deactivate", NULL, FT_PLACE_BATCH_GET },
	{ "mark_page_lazyfree", NULL, FT_PLACE_BATCH_GET },
	{ "folio_mark_lazyfree", NULL, FT_PLACE_BATCH_GET },
	/* mm/mlock.c */
	{ "mlock_folio", NULL, FT_PLACE_BATCH_GET },
	{ "mlock_new_folio", NULL, FT_PLACE_BATCH_GET },
	{ "mlock_new_page", NULL, FT_PLACE_BATCH_GET },
	{ "munlock_folio", NULL, FT_PLACE_BATCH_GET },
	{ "munlock_page", NULL, FT_PLACE_BATCH_GET },
	/* ... and out of it. */
	{ NULL, "folio_batch_move_lru", FT_PLACE_BATCH_PUT },
	{ NULL, "mlock_folio_batch", FT_PLACE_BATCH_PUT },
	{ NULL, "mlock_pagevec", FT_PLACE_BATCH_PUT },
	/* They get first and clear PG_lru afterwards. */
	{ "folio_isolate_lru", NULL, FT_PLACE_ISOLATES },
	{ "isolate_lru_page", NULL, FT_PLACE_ISOLATES },
	{ "isolate_lru_folios", NULL, FT_PLACE_ISOLATES },
	{ "isolate_lru_pages", NULL, FT_PLACE_ISOLATES },
	{ "isolate_migratepages_block", NULL, FT_PLACE_ISOLATES },
};

static bool is_in(const struct ft_site *site, const char *const *callers, const char *function)
{
	size_t i;

	if (!strcmp(site->function, function))
		return true;
	for (i = 0; i < FT_PLACE_CALLERS; i++)
		if (callers[i] && !strcmp(callers[i], function))
			return true;
	return false;
}

enum ft_place_role ft_holders__role_of(const struct ft_site *site, const char *const *callers)
{
	size_t i;

	if (!site->function)
		return FT_PLACE_PLAIN;
	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].function ? !strcmp(site->function, table[i].function) :
					is_in(site, callers, table[i].caller))
			return table[i].role;
	return FT_PLACE_PLAIN;
}

/*
 * Who a temporary reference is for, by a function in whose course it was taken:
 * what it is for comes before how it was taken, so the first row that fits counts.
 */
static const struct {
	const char *function, *word;
} words[] = {
	{ "mlock_folio", "mlock batch" },
	{ "mlock_new_folio", "mlock batch" },
	{ "mlock_new_page", "mlock batch" },
	{ "munlock_folio", "mlock batch" },
	{ "munlock_page", "mlock batch" },
	{ "__folio_batch_add_and_move", "LRU batch" },
	{ "folio_add_lru", "LRU batch" },
	{ "folio_isolate_lru", "isolation" },
	{ "isolate_lru_page", "isolation" },
	{ "isolate_lru_folios", "isolation" },
	{ "isolate_lru_pages", "isolation" },
	{ "isolate_migratepages_block", "isolation" },
	{ "migrate_vma_collect_pmd", "device migration" },
	{ "migrate_vma_collect_huge_pmd", "device migration" },
	{ "migrate_device_range", "device migration" },
	{ "migrate_device_pfns", "device migration" },
	/* a buffer that outlives the call: fs/splice.c, block/bio.c, net/core, io_uring */
	{ "vmsplice_to_pipe", "pipe" },
	{ "__do_sys_vmsplice", "pipe" },
	{ "iter_to_pipe", "pipe" },
	{ "generic_pipe_buf_get", "pipe" },
	{ "splice_folio_into_pipe", "pipe" },
	{ "filemap_splice_read", "pipe" },
	{ "shmem_file_splice_read", "pipe" },
	{ "bio_iov_iter_get_pages", "bio" },
	{ "bio_iov_add_page", "bio" },
	{ "bio_add_folio", "bio" },
	{ "io_pin_pages", "io_uring buffer" },
	{ "io_sqe_buffer_register", "io_uring buffer" },
	{ "skb_splice_from_iter", "socket buffer" },
	{ "zerocopy_fill_skb_from_iter", "socket buffer" },
	{ "try_grab_folio", "GUP" },
	{ "try_grab_folio_fast", "GUP" },
	{ "try_grab_page", "GUP" },
	{ "try_get_folio", "GUP" },
	{ "follow_page_pte", "GUP" },
	/* on its way into a page table */
	{ "do_swap_page", "fault" },
	{ "filemap_fault", "fault" },
	{ "shmem_fault", "fault" },
	{ "do_wp_page", "fault" },
	{ "next_uptodate_folio", "fault" },
	/* they look first and ask afterwards whether it is theirs */
	{ "filemap_get_entry", "lookup" },
	{ "mapping_get_entry", "lookup" },
	{ "filemap_get_folios", "lookup" },
	{ "filemap_get_read_batch", "lookup" },
	{ "find_get_entries", "lookup" },
	{ "find_lock_entries", "lookup" },
	{ "page_idle_get_folio", "lookup" },
	{ "damon_get_folio", "lookup" },
	{ "damon_get_page", "lookup" },
};

const char *ft_holders__word(const struct ft_site *site, const struct ft_stack *stack)
{
	size_t i;
	uint32_t j;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (site->function && !strcmp(site->function, words[i].function))
			return words[i].word;
		for (j = 0; stack && j < stack->depth; j++)
			if (!strcmp(stack->frames[j]->function, words[i].function))
				return words[i].word;
	}
	return NULL;
}
