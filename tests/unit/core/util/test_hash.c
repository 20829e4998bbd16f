// SPDX-License-Identifier: GPL-2.0
/* The one hash table: what was added is found by its key alone, and nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/util/grow.h"
#include "core/util/strings.h"
#include "hash.h"

#define NR 100000U

static bool is_same(const void *list, uint32_t number, const void *key)
{
	return ((const uint64_t *)list)[number] == *(const uint64_t *)key;
}

static uint32_t find(const struct ft_hash *h, const uint64_t *list, uint32_t hash, uint64_t key)
{
	return ft_hash__find(h, hash, is_same, list, &key);
}

static void test_empty(void **state)
{
	struct ft_hash h = { 0 };
	uint64_t none = 0;
	(void)state;

	assert_int_equal(find(&h, &none, 0, 0), FT_HASH_NONE);
	ft_hash__free(&h);
}

/* Key 0 and number 0 are as good as any, and growing loses nothing. */
static void test_finds_all(void **state)
{
	static uint64_t list[NR];
	struct ft_hash h = { 0 };
	uint32_t i;
	(void)state;

	for (i = 0; i < NR; i++) {
		list[i] = (uint64_t)i << 6; /* as addresses of struct page */
		assert_int_equal(find(&h, list, ft_hash__of(list[i]), list[i]), FT_HASH_NONE);
		assert_int_equal(ft_hash__add(&h, ft_hash__of(list[i]), i), 0);
	}
	assert_int_equal(h.nr, NR);
	assert_true(2 * h.nr <= h.size + 2);
	for (i = 0; i < NR; i++) {
		assert_int_equal(find(&h, list, ft_hash__of(list[i]), list[i]), i);
		assert_int_equal(find(&h, list, ft_hash__of(list[i] + 1), list[i] + 1),
				 FT_HASH_NONE);
	}
	ft_hash__free(&h);
	assert_int_equal(h.nr, 0);
	assert_int_equal(find(&h, list, ft_hash__of(0), 0), FT_HASH_NONE);
}

/* Entries of one hash, at the end of the table: they go on at its start. */
static void test_collisions(void **state)
{
	uint64_t list[FT_HASH_SIZE];
	struct ft_hash h = { 0 };
	uint32_t i;
	(void)state;

	for (i = 0; i < FT_HASH_SIZE; i++) {
		list[i] = 7 * i;
		assert_int_equal(ft_hash__add(&h, UINT32_MAX, i), 0);
	}
	for (i = 0; i < FT_HASH_SIZE; i++)
		assert_int_equal(find(&h, list, UINT32_MAX, 7 * i), i);
	assert_int_equal(find(&h, list, UINT32_MAX, 1), FT_HASH_NONE);
	assert_int_equal(find(&h, list, 0, 0), FT_HASH_NONE); /* of another hash */
	ft_hash__free(&h);
}

/* What differs in one bit anywhere, or in its order, differs in its hash. */
static void test_hashes_differ(void **state)
{
	unsigned int bit;
	(void)state;

	for (bit = 0; bit < 64; bit++) {
		assert_int_not_equal(ft_hash__of(1ULL << bit), ft_hash__of(0));
		assert_int_not_equal(ft_hash__of(ft_hash__mix(1ULL << bit, 5)),
				     ft_hash__of(ft_hash__mix(0, 5)));
	}
	assert_true(ft_hash__mix(ft_hash__mix(0, 1), 2) != ft_hash__mix(ft_hash__mix(0, 2), 1));
	assert_int_not_equal(ft_hash__string("folio_get"), ft_hash__string("folio_put"));
	assert_int_not_equal(ft_hash__string("ab"), ft_hash__string("ba"));
}

static void test_strings(void **state)
{
	struct ft_arena *arena = ft_arena__new();
	const char *first[1000];
	struct ft_strings s;
	char name[32];
	unsigned int i;
	(void)state;

	assert_non_null(arena);
	ft_strings__init(&s, arena);
	for (i = 0; i < 2000; i++) {
		const char *p;

		snprintf(name, sizeof(name), "function_%u", i % 1000);
		p = ft_strings__intern(&s, name);
		assert_string_equal(p, name);
		assert_ptr_not_equal(p, name);
		if (i < 1000)
			first[i] = p;
		else
			assert_ptr_equal(p, first[i - 1000]);
	}
	ft_strings__free(&s);
	ft_arena__free(arena);
}

static void test_grow(void **state)
{
	uint64_t *list = NULL;
	size_t room = 0, before, i;
	(void)state;

	for (i = 0; i < 1000; i++) {
		assert_int_equal(FT_GROW(list, room, i + 1), 0);
		assert_true(room > i);
		list[i] = i;
	}
	for (i = 0; i < 1000; i++)
		assert_int_equal(list[i], i);
	before = room;
	assert_int_equal(FT_GROW(list, room, SIZE_MAX / 4), -ENOMEM);
	assert_int_equal(room, before); /* and list is as it was */
	assert_int_equal(list[999], 999);
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),	   cmocka_unit_test(test_finds_all),
		cmocka_unit_test(test_collisions), cmocka_unit_test(test_hashes_differ),
		cmocka_unit_test(test_strings),	   cmocka_unit_test(test_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
