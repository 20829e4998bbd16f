// SPDX-License-Identifier: GPL-2.0
/* Entries of page tables, in the units of folio_mapcount(). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "capture/run/entries.h"

#define PRESENT (1ULL << 63)
#define SWAP (1ULL << 62)
#define OF_FILE (1ULL << 61)
#define PAGE 4096ULL
#define HUGE (512 * PAGE)
#define AT 0x7f0000000000ULL

/* pages of a folio from the first one on, mapped from address on */
static void map(struct entries *e, uint64_t address, uint64_t pfn, uint64_t pages, uint64_t flags)
{
	for (uint64_t i = 0; i < pages; i++)
		entries__add(e, address + i * PAGE, flags | (pfn + i));
}

static struct mapped_folio folio(uint64_t pfn, uint8_t order, int32_t mapcount, int32_t entire)
{
	return (struct mapped_folio){ .pfn = pfn,
				      .order = order,
				      .mapcount = mapcount,
				      .entire = entire };
}

static uint64_t units(const struct entries *e, uint32_t process)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < e->nr_found; i++)
		if (e->found[i].process == process)
			sum += e->found[i].units;
	return sum;
}

/* A word maps a page of a folio, whichever; others do not. */
static void test_pages(void **state)
{
	struct mapped_folio f[] = { folio(5000, 0, 1, 0), folio(100, 2, 3, 0) };
	struct entries e;
	(void)state;

	assert_int_equal(entries__open(&e, f, 2), 0);
	assert_int_equal(e.left, 2);
	map(&e, AT, 99, 6, PRESENT | OF_FILE); /* 99 and 104 are not of it */
	assert_int_equal(entries__end(&e, 0), 4);
	assert_int_equal(e.left, 1);
	map(&e, AT, 5000, 1, PRESENT | OF_FILE);
	map(&e, AT + PAGE, 5000 + ENTRIES_FILTER_BITS, 1, PRESENT | OF_FILE);
	assert_int_equal(entries__end(&e, 1), 1);
	assert_int_equal(e.left, 0);
	assert_int_equal(units(&e, 0), 4);
	assert_int_equal(units(&e, 1), 1);
	entries__close(&e);
}

/* Memory that is mapped by number counts in no mapcount, and is of no file. */
static void test_kinds(void **state)
{
	struct mapped_folio f[] = { folio(10, 0, 1, 0), folio(11, 0, 1, 0) };
	struct entries e;
	(void)state;

	f[1].anon = true;
	assert_int_equal(entries__open(&e, f, 2), 0);
	map(&e, AT, 10, 1, PRESENT);
	map(&e, AT, 11, 1, PRESENT | OF_FILE);
	map(&e, AT, 10, 1, OF_FILE); /* neither present nor swapped */
	assert_int_equal(entries__end(&e, 0), 0);
	assert_int_equal(e.nr_found, 0);
	map(&e, AT, 10, 1, PRESENT | OF_FILE);
	map(&e, AT, 11, 1, PRESENT);
	assert_int_equal(entries__end(&e, 1), 2);
	entries__close(&e);
}

/* A device page is in an entry that is not present, above 5 bits of type. */
static void test_device(void **state)
{
	struct mapped_folio f[] = { folio(0x3fffff000, 0, 1, 0), folio(20, 0, 1, 0) };
	struct entries e;
	(void)state;

	f[0].anon = f[0].device = f[1].anon = true;
	assert_int_equal(entries__open(&e, f, 2), 0);
	entries__add(&e, AT, SWAP | 0x3fffff000 << 5 | 27);
	entries__add(&e, AT, SWAP | 20 << 5 | 3); /* a slot of the swap */
	assert_int_equal(entries__end(&e, 0), 1);
	entries__close(&e);
}

/* Two that map it whole, of which the folio knows one; and a part. */
static void test_whole(void **state)
{
	struct mapped_folio f[] = { folio(512, 9, 1 + 512 + 8, 1) };
	struct entries e;
	(void)state;

	assert_int_equal(entries__open(&e, f, 1), 0);
	map(&e, AT, 512, 512, PRESENT | OF_FILE);
	assert_int_equal(entries__end(&e, 0), 1);
	map(&e, AT, 512, 512, PRESENT | OF_FILE);
	assert_int_equal(entries__end(&e, 1), 512);
	map(&e, AT, 512, 8, PRESENT | OF_FILE);
	assert_int_equal(e.left, 1);
	assert_int_equal(entries__end(&e, 2), 8);
	assert_int_equal(e.left, 0);
	entries__close(&e);
}

/* In order, but not at an address that a PMD could have; in order, but with a gap. */
static void test_not_whole(void **state)
{
	struct mapped_folio f[] = { folio(512, 9, 1024, 2) };
	struct entries e;
	(void)state;

	assert_int_equal(entries__open(&e, f, 1), 0);
	map(&e, AT + PAGE, 512, 512, PRESENT | OF_FILE);
	assert_int_equal(entries__end(&e, 0), 512);
	map(&e, AT, 512, 100, PRESENT | OF_FILE);
	map(&e, AT + 101 * PAGE, 512 + 101, 411, PRESENT | OF_FILE);
	assert_int_equal(entries__end(&e, 1), 511);
	entries__close(&e);
}

/* Twice by one process, one after the other. */
static void test_twice(void **state)
{
	struct mapped_folio f[] = { folio(1024, 9, 2, 2) };
	struct entries e;
	(void)state;

	assert_int_equal(entries__open(&e, f, 1), 0);
	map(&e, AT, 1024, 512, PRESENT | OF_FILE);
	map(&e, AT + HUGE, 1024, 512, PRESENT | OF_FILE);
	assert_int_equal(entries__end(&e, 0), 2);
	assert_int_equal(e.left, 0);
	entries__close(&e);
}

/* A page table of hugetlb that two processes share counts once in the folio. */
static void test_shared_table(void **state)
{
	struct mapped_folio f[] = { folio(1024, 9, 1, 1) };
	struct entries e;
	(void)state;

	f[0].hugetlb = true;
	assert_int_equal(entries__open(&e, f, 1), 0);
	map(&e, AT, 1024, 512, PRESENT | OF_FILE);
	assert_int_equal(entries__end(&e, 0), 1);
	map(&e, AT, 1024, 512, PRESENT | OF_FILE);
	assert_int_equal(entries__end(&e, 1), 1);
	assert_int_equal(e.left, 0);
	entries__close(&e);
}

/* What is forgotten counts for nobody. */
static void test_forget(void **state)
{
	struct mapped_folio f[] = { folio(512, 9, 1, 1) };
	struct entries e;
	(void)state;

	assert_int_equal(entries__open(&e, f, 1), 0);
	map(&e, AT, 512, 300, PRESENT | OF_FILE);
	entries__forget(&e);
	map(&e, AT + 300 * PAGE, 512 + 300, 212, PRESENT | OF_FILE);
	assert_int_equal(entries__end(&e, 0), 212);
	entries__close(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages),	     cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_device),	     cmocka_unit_test(test_whole),
		cmocka_unit_test(test_not_whole),    cmocka_unit_test(test_twice),
		cmocka_unit_test(test_shared_table), cmocka_unit_test(test_forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
