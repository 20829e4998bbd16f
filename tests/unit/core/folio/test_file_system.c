// SPDX-License-Identifier: GPL-2.0
/* What a file system keeps of its folios, told by their a_ops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/capture_builder.h"
#include "support/scenarios.h"

#define BTREE 0x1000
#define EXT4 0x2000
#define OTHER 0x3000  /* of no file system in the table */
#define UNTOLD 0x4000 /* of no row of the capture */

#define OPERATIONS                                                                                 \
	"{\"operations\": [{\"address\": 12288, \"name\": \"other_meta_aops\"}, "                  \
	"{\"address\": 4096, \"name\": \"btree_aops\", \"module\": \"btrfs\"}, "                   \
	"{\"address\": 8192, \"name\": \"ext4_da_aops\"}]}"

#define FLAGS (FT_PF_MAPPING | FT_PF_LRU | FT_PF_UPTODATE)

struct row {
	const char *release;
	const char *operations; /* NULL: a capture of an older version */
	uint64_t a_ops;
	int surplus;
	enum ft_verdict verdict;
	enum ft_reason_code code;
};

/* A page with private data, and so many references more. */
static void judge(const struct row *row)
{
	struct capture_builder *m = capture__new();
	struct fixture a = capture__small(1, 1);
	const struct ft_folio *folio;
	struct ft_run *run;

	m->source = "inline";
	m->release = row->release;
	a.flags = FLAGS;
	capture__meta(m);
	capture__value(m, &a, FT_OP_BORN, FT_HOOK_filemap_add_folio, 1, 0, 0, row->a_ops);
	a.flags |= FT_PF_PRIVATE;
	capture__op(m, &a, FT_OP_GET, 1, 1);
	if (row->surplus)
		capture__op(m, &a, FT_OP_GET, 1, row->surplus);
	capture__rest(m, &a, 2, a.refcount, 0);
	capture__flush(m);
	if (row->operations)
		capture__symbols(m, row->operations);
	capture__end(m);
	run = capture__load(m, false);
	folio = folio_of(run, 1);
	assert_non_null(folio);
	assert_int_equal(folio->verdict, row->verdict);
	assert_int_equal(folio->reason.code, row->code);
	ft_run__free(run);
	capture__free(m);
}

static void test_keeps(void **state)
{
	static const struct row rows[] = {
		{ "6.1.0-50-amd64", OPERATIONS, BTREE, 1, FT_VERDICT_BALANCED, 0 },
		{ "6.12.117", OPERATIONS, BTREE, 1, FT_VERDICT_BALANCED, 0 },
		{ "7.3.4", OPERATIONS, BTREE, 1, FT_VERDICT_LEAK, FT_REASON_SURPLUS },
		{ "7.3.4", OPERATIONS, BTREE, 0, FT_VERDICT_BALANCED, 0 },
		{ "6.1.0-50-amd64", OPERATIONS, BTREE, 2, FT_VERDICT_LEAK, FT_REASON_SURPLUS },
		{ "6.1.0-50-amd64", OPERATIONS, EXT4, 1, FT_VERDICT_LEAK, FT_REASON_SURPLUS },
		{ "6.1.0-50-amd64", OPERATIONS, OTHER, 1, FT_VERDICT_INCONCLUSIVE,
		  FT_REASON_FILE_SYSTEM_UNKNOWN },
		{ "6.1.0-50-amd64", OPERATIONS, UNTOLD, 1, FT_VERDICT_INCONCLUSIVE,
		  FT_REASON_FILE_SYSTEM_UNKNOWN },
		{ "6.1.0-50-amd64", OPERATIONS, OTHER, 0, FT_VERDICT_BALANCED, 0 },
		{ "6.1.0-50-amd64", NULL, OTHER, 1, FT_VERDICT_LEAK, FT_REASON_SURPLUS },
		{ "6.1.0-50-amd64", OPERATIONS, 0, 1, FT_VERDICT_LEAK, FT_REASON_SURPLUS },
	};
	size_t i;
	(void)state;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		judge(&rows[i]);
}

/* Of a page that somebody has, the command puts once more than it takes. */
static void rob(int32_t unit, uint64_t a_ops, enum ft_verdict verdict, enum ft_reason_code code)
{
	struct capture_builder *m = capture__new();
	struct fixture a = capture__small(1, 1);
	struct ft_wire_event first;
	struct ft_run *run;

	m->source = "inline";
	m->release = "6.12.117";
	capture__meta(m);
	capture__task(m, FT_TASK_NEW, m->pid, "command");
	a.flags = FLAGS;
	a.refcount = 1 + unit;
	first = capture__record(m, &a, FT_OP_ADOPTED, 1);
	first.source = FT_SRC_INLINE;
	first.aux = a_ops;
	capture__put(m, &first);
	capture__op(m, &a, FT_OP_GET, 1, unit);
	capture__op(m, &a, FT_OP_PUT, 2, -unit);
	capture__op(m, &a, FT_OP_PUT, 2, -unit);
	capture__rest(m, &a, 2, a.refcount, 0);
	capture__flush(m);
	capture__symbols(m, OPERATIONS);
	capture__end(m);
	run = capture__load(m, true);
	assert_int_equal(folio_of(run, 1)->verdict, verdict);
	assert_int_equal(folio_of(run, 1)->reason.code, code);
	ft_run__free(run);
	capture__free(m);
}

static void test_puts(void **state)
{
	(void)state;
	rob(1, EXT4, FT_VERDICT_OVERPUT, FT_REASON_ROBBED);
	rob(1, OTHER, FT_VERDICT_INCONCLUSIVE, FT_REASON_FILE_SYSTEM_MAY_PUT);
	/* no file system pins */
	rob(FT_PIN_BIAS, EXT4, FT_VERDICT_OVERPUT, FT_REASON_ROBBED);
	rob(FT_PIN_BIAS, OTHER, FT_VERDICT_OVERPUT, FT_REASON_ROBBED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keeps),
		cmocka_unit_test(test_puts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
