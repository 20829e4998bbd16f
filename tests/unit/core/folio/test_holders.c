// SPDX-License-Identifier: GPL-2.0
/* The words of the holder table, and what it says of batches and isolation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/folio/holders.h"

#define FRAMES 4

/* Where a reference was taken, innermost first, and who has it then. */
static const struct row {
	const char *at[FRAMES];
	const char *word;
} rows[] = {
	{ { "mlock_folio", "mlock_pte_range" }, "mlock batch" },
	{ { "mlock_new_folio", "folio_add_lru_vma" }, "mlock batch" },
	{ { "munlock_folio", "__do_munmap" }, "mlock batch" },
	{ { "mlock_new_page", "lru_cache_add_inactive_or_unevictable" }, "mlock batch" },
	{ { "__folio_batch_add_and_move", "folio_add_lru" }, "LRU batch" },
	{ { "folio_add_lru", "do_anonymous_page" }, "LRU batch" },
	{ { "folio_isolate_lru", "migrate_device_unmap" }, "isolation" },
	{ { "isolate_migratepages_block", "compact_zone" }, "isolation" },
	{ { "migrate_vma_collect_pmd", "walk_page_range" }, "device migration" },
	{ { "some_get", "migrate_device_range" }, "device migration" },
	{ { "try_grab_folio_fast", "gup_fast_fallback" }, "GUP" },
	{ { "follow_page_pte", "__get_user_pages" }, "GUP" },
	{ { "filemap_get_entry", "__filemap_get_folio" }, "lookup" },
	{ { "find_lock_entries", "truncate_inode_pages_range" }, "lookup" },
	{ { "damon_get_folio", "damon_ptep_mkold" }, "lookup" },
	{ { "next_uptodate_folio", "filemap_map_pages", "do_fault" }, "fault" },
	{ { "some_get", "do_swap_page" }, "fault" },
	{ { "do_wp_page", "handle_mm_fault" }, "fault" },
	/* what it is for comes before how it was taken */
	{ { "filemap_get_entry", "filemap_fault", "do_fault" }, "fault" },
	{ { "try_grab_folio_fast", "iov_iter_get_pages2", "bio_iov_iter_get_pages" }, "bio" },
	{ { "bio_add_folio", "iomap_readpage_iter" }, "bio" },
	{ { "try_grab_folio_fast", "iov_iter_get_pages2", "vmsplice_to_pipe" }, "pipe" },
	{ { "filemap_get_read_batch", "filemap_get_pages", "filemap_splice_read" }, "pipe" },
	{ { "try_grab_folio", "io_pin_pages", "io_sqe_buffer_register" }, "io_uring buffer" },
	{ { "try_grab_folio_fast", "zerocopy_fill_skb_from_iter" }, "socket buffer" },
	{ { "drv_get", "drv_ioctl" }, NULL },
};

static void stack_of(const char *const at[], struct ft_frame_name *names,
		     const struct ft_frame_name **frames, struct ft_stack *stack)
{
	*stack = (struct ft_stack){ .frames = frames };
	for (size_t i = 0; i < FRAMES && at[i]; i++) {
		names[i] = (struct ft_frame_name){ .function = at[i] };
		frames[i] = &names[i];
		stack->depth++;
	}
}

static void test_words(void **state)
{
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ft_site site = { .function = rows[i].at[0], .offset = 16 };
		const struct ft_frame_name *frames[FRAMES];
		struct ft_frame_name names[FRAMES];
		struct ft_stack stack;
		const char *word;

		stack_of(rows[i].at, names, frames, &stack);
		word = ft_holders__word(&site, &stack);
		if (!word != !rows[i].word || (word && strcmp(word, rows[i].word)))
			fail_msg("%s < %s: %s", rows[i].at[0], rows[i].at[1], word ? word : "-");
	}
	assert_null(ft_holders__word(&(struct ft_site){ .function = "drv_get" }, NULL));
}

/* Of a site with its two callers. */
static void test_roles(void **state)
{
	static const struct {
		const char *at[1 + FT_PLACE_CALLERS];
		enum ft_place_role role;
	} roles[] = {
		{ { "__folio_batch_add_and_move", "folio_add_lru" }, FT_PLACE_BATCH_GET },
		{ { "mlock_folio", "mlock_pte_range" }, FT_PLACE_BATCH_GET },
		{ { "munlock_page", "mlock_pte_range" }, FT_PLACE_BATCH_GET },
		{ { "folios_put_refs", "folio_batch_move_lru" }, FT_PLACE_BATCH_PUT },
		{ { "folios_put_refs", "release_pages", "mlock_folio_batch" }, FT_PLACE_BATCH_PUT },
		{ { "isolate_lru_folios", "shrink_inactive_list" }, FT_PLACE_ISOLATES },
		{ { "folios_put_refs", "free_pages_and_swap_cache" }, FT_PLACE_PLAIN },
		{ { "drv_get", "folio_add_lru" }, FT_PLACE_PLAIN },
	};
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
		const struct ft_site site = { .function = roles[i].at[0] };

		if (ft_holders__role_of(&site, &roles[i].at[1]) != roles[i].role)
			fail_msg("%s < %s", roles[i].at[0], roles[i].at[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_roles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
