// SPDX-License-Identifier: GPL-2.0
/* One folio after the other at rest: the verdict on its counts, and the reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/scenarios.h"
#include "support/verdict_text.h"

#define FILE_LRU (FT_PF_MAPPING | FT_PF_UPTODATE | FT_PF_LRU)
#define DEVICE(type) (FT_PF_ZONE_DEVICE | (uint32_t)(type) << FT_PF_DEVICE_SHIFT)

/* One folio that lives to the end: what it is, and what it is read as there. */
struct ending {
	const char *what;
	uint8_t order;
	uint32_t flags;
	int32_t refcount, mapcount, pincount;
	enum ft_verdict verdict;
	struct ft_reason because;
};

static const struct ending endings[] = {
	{ "mapped", 0, ANON | FT_PF_LRU, 1, 1, 0, FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
	{ "unmapped, one left", 0, ANON | FT_PF_LRU, 1, 0, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 1, 0, 1) },
	{ "mapped, one too many", 0, ANON | FT_PF_LRU, 2, 1, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 2, 1, 1) },
	{ "two left", 0, ANON | FT_PF_LRU, 2, 0, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 2, 0, 2) },
	{ "in a batch or isolated", 0, ANON, 2, 1, 0, FT_VERDICT_INCONCLUSIVE,
	  BECAUSE(FT_REASON_NOT_ON_LRU) },
	{ "isolated cannot explain two", 0, ANON, 3, 1, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 3, 1, 2) },
	{ "mlocked, off the list", 0, ANON | FT_PF_MLOCKED, 2, 1, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 2, 1, 1) },
	{ "unevictable, off the list", 0, ANON | FT_PF_UNEVICTABLE, 2, 1, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 2, 1, 1) },
	{ "locked", 0, ANON | FT_PF_LRU | FT_PF_LOCKED, 2, 1, 0, FT_VERDICT_INCONCLUSIVE,
	  BECAUSE(FT_REASON_LOCKED) },
	{ "writeback", 0, FILE_LRU | FT_PF_WRITEBACK, 3, 1, 0, FT_VERDICT_INCONCLUSIVE,
	  BECAUSE(FT_REASON_WRITEBACK) },
	{ "writeback, nothing too many", 0, FILE_LRU | FT_PF_WRITEBACK, 2, 1, 0,
	  FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
	{ "poisoned", 0, ANON | FT_PF_HWPOISON, 1, 0, 0, FT_VERDICT_BALANCED,
	  BECAUSE(FT_REASON_NONE) },
	{ "poisoned, and one more", 0, ANON | FT_PF_HWPOISON | FT_PF_LRU, 2, 0, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 2, 0, 2) },
	{ "pinned", 0, ANON | FT_PF_LRU, 1025, 1, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_PINS_LOST, 1) },
	{ "pinned thrice and got", 0, ANON | FT_PF_LRU, 3074, 1, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_PINS_LOST, 3, 1) },
	{ "swap cache", 0, ANON | FT_PF_LRU | FT_PF_SWAPCACHE, 2, 1, 0, FT_VERDICT_BALANCED,
	  BECAUSE(FT_REASON_NONE) },
	{ "THP", 9, ANON | FT_PF_LRU | FT_PF_LARGE, 1, 1, 0, FT_VERDICT_BALANCED,
	  BECAUSE(FT_REASON_NONE) },
	{ "THP, pinned twice", 9, ANON | FT_PF_LRU | FT_PF_LARGE, 3, 1, 2, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_PINS_LOST, 2) },
	{ "THP, a pin put as a reference", 9, ANON | FT_PF_LRU | FT_PF_LARGE, 2, 1, 2,
	  FT_VERDICT_LEAK, BECAUSE(FT_REASON_PIN_PUT_AS_REFERENCE, 1) },
	{ "THP, unpinned too often", 9, ANON | FT_PF_LRU | FT_PF_LARGE, 1, 1, -1,
	  FT_VERDICT_OVERPUT, BECAUSE(FT_REASON_NEGATIVE_COUNT, 1, 1, -1) },
	{ "unmapped twice", 9, ANON | FT_PF_LRU | FT_PF_LARGE, -1, -1, 0, FT_VERDICT_OVERPUT,
	  BECAUSE(FT_REASON_NEGATIVE_COUNT, -1, -1, 0) },
	{ "THP, the seed's end", 9, ANON | FT_PF_LRU | FT_PF_LARGE, 1, 0, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 1, 0, 1) },
	{ "THP never rests in a batch", 9, ANON | FT_PF_LARGE, 2, 1, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 2, 1, 1) },
	{ "THP isolated", 9, ANON | FT_PF_LARGE | FT_PF_LOCKED, 2, 1, 0, FT_VERDICT_INCONCLUSIVE,
	  BECAUSE(FT_REASON_LOCKED) },
	{ "THP by PTEs", 9, ANON | FT_PF_LRU | FT_PF_LARGE, 512, 512, 0, FT_VERDICT_BALANCED,
	  BECAUSE(FT_REASON_NONE) },
	{ "file", 0, FILE_LRU, 1, 0, 0, FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
	{ "file with buffers", 0, FILE_LRU | FT_PF_PRIVATE, 3, 1, 0, FT_VERDICT_BALANCED,
	  BECAUSE(FT_REASON_NONE) },
	{ "file, lookup not put", 0, FILE_LRU, 2, 0, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 2, 1, 1) },
	{ "btrfs: private_2 without a reference", 0, FILE_LRU | FT_PF_PRIVATE_2, 1, 0, 0,
	  FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
	{ "netfs: private_2 with one", 0, FILE_LRU | FT_PF_PRIVATE_2, 2, 0, 0, FT_VERDICT_BALANCED,
	  BECAUSE(FT_REASON_NONE) },
	{ "shmem", 0, FILE_LRU | FT_PF_SWAPBACKED, 2, 1, 0, FT_VERDICT_BALANCED,
	  BECAUSE(FT_REASON_NONE) },
	{ "shmem in the swap cache", 0, FT_PF_SWAPBACKED | FT_PF_SWAPCACHE | FT_PF_LRU, 1, 0, 0,
	  FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
	{ "hugetlb, shared", 9, FT_PF_HUGETLB | FT_PF_LARGE | FT_PF_MAPPING, 513, 1, 0,
	  FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
	{ "hugetlb, memfd pin not put", 9, FT_PF_HUGETLB | FT_PF_LARGE | FT_PF_MAPPING, 513, 0, 0,
	  FT_VERDICT_LEAK, BECAUSE(FT_REASON_SURPLUS, 513, 512, 1) },
	{ "device page, mapped", 0, DEVICE(1) | FT_PF_ANON | FT_PF_MAPPING, 1, 1, 0,
	  FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
	{ "device page, idle", 0, DEVICE(1), 0, 0, 0, FT_VERDICT_BALANCED,
	  BECAUSE(FT_REASON_NONE) },
	{ "device page between init and finalize", 0, DEVICE(1) | FT_PF_LOCKED, 1, 0, 0,
	  FT_VERDICT_INCONCLUSIVE, BECAUSE(FT_REASON_LOCKED) },
	{ "device page kept", 0, DEVICE(1), 1, 0, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 1, 0, 1) },
	{ "device page, fewer than mapped", 0, DEVICE(1) | FT_PF_ANON | FT_PF_MAPPING, 0, 1, 0,
	  FT_VERDICT_OVERPUT, BECAUSE(FT_REASON_BELOW_MAPCOUNT, 0, 1) },
	{ "FS_DAX", 0, DEVICE(3) | FT_PF_MAPPING, 1, 1, 0, FT_VERDICT_BALANCED,
	  BECAUSE(FT_REASON_NONE) },
	{ "FS_DAX, GUP not put", 0, DEVICE(3) | FT_PF_MAPPING, 2, 1, 0, FT_VERDICT_LEAK,
	  BECAUSE(FT_REASON_SURPLUS, 2, 1, 1) },
	{ "device coherent, mapped", 0, DEVICE(2) | FT_PF_ANON | FT_PF_MAPPING, 1, 1, 0,
	  FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
	{ "device coherent, kept", 0, DEVICE(2) | FT_PF_ANON | FT_PF_MAPPING, 2, 1, 0,
	  FT_VERDICT_LEAK, BECAUSE(FT_REASON_SURPLUS, 2, 1, 1) },
	{ "KSM, in many page tables", 0, ANON | FT_PF_KSM | FT_PF_LRU, 40, 40, 0,
	  FT_VERDICT_BALANCED, BECAUSE(FT_REASON_NONE) },
	{ "KSM, in the swap cache, one too many", 0, ANON | FT_PF_KSM | FT_PF_LRU | FT_PF_SWAPCACHE,
	  5, 3, 0, FT_VERDICT_LEAK, BECAUSE(FT_REASON_SURPLUS, 5, 4, 1) },
	{ "KSM, put too often", 0, ANON | FT_PF_KSM | FT_PF_LRU, 2, 3, 0, FT_VERDICT_OVERPUT,
	  BECAUSE(FT_REASON_BELOW_MAPCOUNT, 2, 3) },
	{ "over-put", 0, ANON | FT_PF_LRU, 1, 2, 0, FT_VERDICT_OVERPUT,
	  BECAUSE(FT_REASON_BELOW_MAPCOUNT, 1, 2) },
	{ "over-put THP by PTEs", 9, ANON | FT_PF_LRU | FT_PF_LARGE, 511, 512, 0,
	  FT_VERDICT_OVERPUT, BECAUSE(FT_REASON_BELOW_MAPCOUNT, 511, 512) },
	{ "cache reference gone", 0, FILE_LRU | FT_PF_PRIVATE, 1, 0, 0, FT_VERDICT_OVERPUT,
	  BECAUSE(FT_REASON_DEFICIT, 1, 2) },
	{ "frozen by reclaim", 0, FILE_LRU | FT_PF_LOCKED, 0, 0, 0, FT_VERDICT_INCONCLUSIVE,
	  BECAUSE(FT_REASON_MAYBE_FROZEN) },
	{ "frozen, nobody there", 0, FILE_LRU, 0, 0, 0, FT_VERDICT_INCONCLUSIVE,
	  BECAUSE(FT_REASON_REFCOUNT_ZERO) },
	{ "slab", 0, FT_PF_TYPED, 5, 0, 0, FT_VERDICT_NONE, BECAUSE(FT_REASON_NONE) },
	{ "driver's page", 0, FT_PF_MOVABLE | FT_PF_MAPPING, 5, 0, 0, FT_VERDICT_NONE,
	  BECAUSE(FT_REASON_NONE) },
	{ "kernel page", 0, 0, 5, 2, 0, FT_VERDICT_NONE, BECAUSE(FT_REASON_NONE) },
	{ "huge zero", 9, FT_PF_ZERO | FT_PF_LARGE, 7, 0, 0, FT_VERDICT_NONE,
	  BECAUSE(FT_REASON_NONE) },
	{ "zero page", 0, FT_PF_ZERO | FT_PF_RESERVED, 1, 900, 0, FT_VERDICT_NONE,
	  BECAUSE(FT_REASON_NONE) },
	{ "tail page: counts are not its own", 0, ANON | FT_PF_TAIL, 5, 1, 0, FT_VERDICT_NONE,
	  BECAUSE(FT_REASON_NONE) },
};

static void end_as(struct capture_builder *m, struct fixture *a, const struct ending *e)
{
	capture__at(m, a, FT_OP_BORN, FT_HOOK_folio_add_new_anon_rmap, 1, 0);
	capture__rest(m, a, 2, e->refcount, e->mapcount);
}

static void check(const struct ft_run *run, const struct ending *e, uint32_t id)
{
	const struct ft_folio *folio = folio_of(run, id);
	const struct ft_reason *got, *want = &e->because;

	assert_non_null(folio);
	got = &folio->reason;
	if (folio->verdict != e->verdict || got->code != want->code)
		fail_msg("%s: %s because %s, not %s because %s", e->what,
			 ft_verdict__name(folio->verdict), reason_word(got),
			 ft_verdict__name(e->verdict), reason_word(want));
	if (memcmp(got->n, want->n, sizeof(got->n)))
		fail_msg("%s: %s of %lld, %lld, %lld", e->what, reason_word(got),
			 (long long)got->n[0], (long long)got->n[1], (long long)got->n[2]);
}

static void test_endings(void **state)
{
	struct capture_builder *m = capture__new();
	uint64_t not_judged = 0;
	struct ft_run *run;
	uint32_t i;
	(void)state;

	capture__meta(m);
	for (i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		const struct ending *e = &endings[i];
		struct fixture a = capture__small(i + 1, 1000 * (i + 1));

		a.order = e->order;
		a.flags = e->flags;
		a.pincount = e->pincount;
		end_as(m, &a, e);
	}
	capture__end(m);
	run = capture__load(m, false);
	for (i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		check(run, &endings[i], i + 1);
	for (i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		not_judged += endings[i].verdict == FT_VERDICT_NONE;
	assert_int_equal(run->count[FT_VERDICT_NONE], not_judged);
	assert_int_equal(run->verdict, FT_RUN_FAIL);
	ft_run__free(run);
	capture__free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_endings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
