// SPDX-License-Identifier: GPL-2.0
/* Expected counts, against what was measured on 6.1, 6.12 and 7.3 (tests/vm/counts.sh). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model.h"

#define FILE_MAPPED FT_PF_MAPPING
#define SHMEM (FT_PF_MAPPING | FT_PF_SWAPBACKED)
#define ANON (FT_PF_MAPPING | FT_PF_SWAPBACKED | FT_PF_ANON)
#define DEVICE(type) (FT_PF_ZONE_DEVICE | (uint32_t)(type) << FT_PF_DEVICE_SHIFT)

struct row {
	const char *what;
	uint32_t flags;
	uint32_t order;
	int32_t mapcount, pincount;
	unsigned int rules;
	enum ft_kind kind;
	int64_t expected;
};

#define ONE FT_RULE_HUGETLB_CACHE_ONE
#define IDLE FT_RULE_ZONE_IDLE_ONE

static const struct row rows[] = {
	{ "anon 4K, batch drained", ANON, 0, 1, 0, 0, FT_KIND_ANON, 1 },
	{ "anon 4K, forked", ANON, 0, 2, 0, 0, FT_KIND_ANON, 2 },
	{ "anon 4K, unmapped", ANON, 0, 0, 0, 0, FT_KIND_ANON, 0 },
	{ "anon 4K in the swap cache", ANON | FT_PF_SWAPCACHE, 0, 1, 0, 0, FT_KIND_ANON, 2 },
	{ "anon 4K, its private is no reference", ANON | FT_PF_PRIVATE, 0, 1, 0, 0, FT_KIND_ANON,
	  1 },
	{ "anon 4K, pincount is not its own", ANON, 0, 1, 7, 0, FT_KIND_ANON, 1 },
	{ "THP after the fault", ANON | FT_PF_LARGE, 9, 1, 0, 0, FT_KIND_ANON, 1 },
	{ "THP by PTEs", ANON | FT_PF_LARGE, 9, 512, 0, 0, FT_KIND_ANON, 512 },
	{ "THP, one PTE zapped", ANON | FT_PF_LARGE, 9, 511, 0, 0, FT_KIND_ANON, 511 },
	{ "THP in the swap cache", ANON | FT_PF_LARGE | FT_PF_SWAPCACHE, 9, 1, 0, 0, FT_KIND_ANON,
	  513 },
	{ "THP, three pins", ANON | FT_PF_LARGE, 9, 1, 3, 0, FT_KIND_ANON, 4 },
	{ "KSM", ANON | FT_PF_KSM, 0, 5, 0, 0, FT_KIND_KSM, 5 },
	{ "KSM in the swap cache", ANON | FT_PF_KSM | FT_PF_SWAPCACHE, 0, 2, 0, 0, FT_KIND_KSM, 3 },
	{ "file 4K", FILE_MAPPED, 0, 1, 0, 0, FT_KIND_FILE, 2 },
	{ "file 4K with buffers", FILE_MAPPED | FT_PF_PRIVATE, 0, 0, 0, 0, FT_KIND_FILE, 2 },
	{ "file 4K, netfs", FILE_MAPPED | FT_PF_PRIVATE | FT_PF_PRIVATE_2, 0, 0, 0, 0, FT_KIND_FILE,
	  3 },
	{ "file 64K", FILE_MAPPED | FT_PF_LARGE, 4, 3, 2, 0, FT_KIND_FILE, 21 },
	{ "shmem 4K", SHMEM, 0, 1, 0, 0, FT_KIND_SHMEM, 2 },
	{ "shmem 4K, unmapped", SHMEM, 0, 0, 0, 0, FT_KIND_SHMEM, 1 },
	{ "shmem in the swap cache", FT_PF_SWAPBACKED | FT_PF_SWAPCACHE, 0, 0, 0, 0, FT_KIND_SHMEM,
	  1 },
	{ "large shmem in the swap cache, mapped", FT_PF_SWAPBACKED | FT_PF_SWAPCACHE | FT_PF_LARGE,
	  9, 1, 0, 0, FT_KIND_SHMEM, 513 },
	{ "hugetlb private", FT_PF_HUGETLB | FT_PF_LARGE | FT_PF_MAPPING | FT_PF_ANON, 9, 1, 0, 0,
	  FT_KIND_HUGETLB, 1 },
	{ "hugetlb shared, 6.12 and 7.3", FT_PF_HUGETLB | FT_PF_LARGE | FT_PF_MAPPING, 9, 1, 0, 0,
	  FT_KIND_HUGETLB, 513 },
	{ "hugetlb shared, 6.1", FT_PF_HUGETLB | FT_PF_LARGE | FT_PF_MAPPING, 9, 1, 0, ONE,
	  FT_KIND_HUGETLB, 2 },
	{ "hugetlb in the pool", FT_PF_HUGETLB | FT_PF_LARGE, 9, 0, 0, 0, FT_KIND_HUGETLB, 0 },
	{ "device private, mapped", DEVICE(1) | FT_PF_ANON | FT_PF_MAPPING, 0, 1, 0, 0,
	  FT_KIND_DEVICE_PRIVATE, 1 },
	{ "device private, idle", DEVICE(1), 0, 0, 0, 0, FT_KIND_DEVICE_PRIVATE, 0 },
	{ "device private THP", DEVICE(1) | FT_PF_ANON | FT_PF_MAPPING | FT_PF_LARGE, 9, 1, 0, 0,
	  FT_KIND_DEVICE_PRIVATE, 1 },
	{ "device coherent", DEVICE(2) | FT_PF_ANON | FT_PF_MAPPING, 0, 2, 0, 0,
	  FT_KIND_DEVICE_COHERENT, 2 },
	{ "FS_DAX, 6.1: a mapping takes none", DEVICE(3) | FT_PF_MAPPING, 0, 2, 0, IDLE,
	  FT_KIND_FS_DAX, 1 },
	{ "FS_DAX, 7.3: the cache takes none", DEVICE(3) | FT_PF_MAPPING, 0, 2, 0, 0,
	  FT_KIND_FS_DAX, 2 },
	{ "device-dax", DEVICE(4), 0, 0, 0, 0, FT_KIND_DEVICE_GENERIC, 1 },
	{ "P2PDMA, 6.1", DEVICE(5), 0, 0, 0, IDLE, FT_KIND_P2PDMA, 1 },
	{ "P2PDMA, 7.3", DEVICE(5), 0, 0, 0, 0, FT_KIND_P2PDMA, 0 },
	{ "device of a type to come", DEVICE(7), 0, 0, 0, 0, FT_KIND_UNKNOWN, 0 },
	{ "huge zero folio", FT_PF_ZERO | FT_PF_LARGE, 9, 0, 0, 0, FT_KIND_ZERO, 1 },
	{ "driver's movable page", FT_PF_MOVABLE | FT_PF_MAPPING, 0, 0, 0, 0, FT_KIND_MOVABLE, 0 },
	{ "slab", FT_PF_TYPED, 0, 0, 0, 0, FT_KIND_TYPED, 0 },
	{ "kernel page", 0, 0, 0, 0, 0, FT_KIND_UNKNOWN, 0 },
	{ "reserved page with a mapping", FT_PF_RESERVED | FT_PF_MAPPING, 0, 1, 0, 0,
	  FT_KIND_UNKNOWN, 1 },
	{ "mapcount torn by a split", ANON | FT_PF_LARGE, 9, FT_UNKNOWN, FT_UNKNOWN, 0,
	  FT_KIND_ANON, 0 },
};

static void test_rows(void **state)
{
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *r = &rows[i];
		enum ft_kind kind = ft_kind__of(r->flags);
		struct ft_expected x = ft_expected__of(kind, r->flags, r->order, r->mapcount,
						       r->pincount, r->rules);
		int64_t sum = 0;
		int t;

		if (kind != r->kind || x.total != r->expected)
			fail_msg("%s: %s, expected count %ld", r->what, ft_kind__name(kind),
				 (long)x.total);
		for (t = 0; t < FT_TERM_COUNT; t++)
			sum += x.term[t];
		assert_int_equal(sum, x.total);
	}
}

static void test_judged(void **state)
{
	(void)state;
	assert_true(ft_kind__is_judged(FT_KIND_ANON));
	assert_true(ft_kind__is_judged(FT_KIND_P2PDMA));
	assert_false(ft_kind__is_judged(FT_KIND_UNKNOWN));
	assert_false(ft_kind__is_judged(FT_KIND_ZERO));
	assert_false(ft_kind__is_judged(FT_KIND_MOVABLE));
	assert_false(ft_kind__is_judged(FT_KIND_TYPED));
}

/* An over-put is worse than free while mapped, that than memory nobody can reach. */
static void test_severity(void **state)
{
	struct ft_folio overput = { .verdict = FT_VERDICT_OVERPUT };
	struct ft_folio freed = { .verdict = FT_VERDICT_OVERPUT, .free_while_mapped = true };
	struct ft_folio lost = { .verdict = FT_VERDICT_LEAK };
	struct ft_folio used = { .verdict = FT_VERDICT_LEAK, .final.expected.total = 1 };
	struct ft_folio fine = { .verdict = FT_VERDICT_BALANCED };
	(void)state;

	assert_true(ft_folio__severity(&overput) > ft_folio__severity(&freed));
	assert_true(ft_folio__severity(&freed) > ft_folio__severity(&lost));
	assert_true(ft_folio__severity(&lost) > ft_folio__severity(&used));
	assert_true(ft_folio__severity(&used) > ft_folio__severity(&fine));
	assert_string_equal(ft_severity__name(ft_folio__severity(&lost)), "unreachable");
	assert_string_equal(ft_severity__name(ft_folio__severity(&fine)), "none");
}

/* Words that gates depend on, and every value has one. */
static void test_names(void **state)
{
	struct ft_site map = { .function = "m", .role = FT_ROLE_MAP };
	struct ft_event e = { .site = &map, .op = FT_OP_RETURN };
	int i;
	(void)state;

	assert_string_equal(ft_verdict__name(FT_VERDICT_OVERPUT), "overput");
	assert_string_equal(ft_run_verdict__name(FT_RUN_INCONCLUSIVE), "inconclusive");
	assert_string_equal(ft_kind__name(FT_KIND_DEVICE_PRIVATE), "device_private");
	assert_string_equal(ft_confidence__name(FT_AMBIGUOUS), "ambiguous");
	assert_string_equal(ft_checkpoint__name(FT_AT_RMP_ENTRY), "remove_migration_ptes:entry");
	assert_string_equal(ft_op__name(&e), "map");
	e.op = FT_OP_ENTER;
	assert_string_equal(ft_op__name(&e), "enter");
	e.op = FT_OP_TRY_GET;
	assert_string_equal(ft_op__name(&e), "try_get");
	e.op = 200;
	assert_string_equal(ft_op__name(&e), "unknown");
	assert_string_equal(ft_kind__name((enum ft_kind)77), "unknown");
	for (i = 0; i <= FT_KIND_TYPED; i++)
		assert_true(i == FT_KIND_UNKNOWN ||
			    strcmp(ft_kind__name((enum ft_kind)i), "unknown"));
	for (i = 0; i < FT_TERM_COUNT; i++)
		assert_string_not_equal(ft_term__name((enum ft_term)i), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_judged),
		cmocka_unit_test(test_severity),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
