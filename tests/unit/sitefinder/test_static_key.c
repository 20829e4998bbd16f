// SPDX-License-Identifier: GPL-2.0
/* Where to probe instead of at a static key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/finder_bytes.h"

#define BYTES(...) (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })

static const struct {
	const char *what;
	const uint8_t *text;
	size_t size;
	uint64_t behind; /* from BASE on; 0: none */
} rows[] = {
	{ "off, 2 bytes", BYTES(0x66, 0x90, 0x83), 2 },
	{ "off, 5 bytes", BYTES(0x0f, 0x1f, 0x44, 0x00, 0x00, 0x83), 5 },
	{ "another NOP", BYTES(0x0f, 0x1f, 0x40, 0x00, 0x83), 0 },
	{ "on, 2 bytes", BYTES(0xeb, 0x02, 0x90, 0x90, 0xc3), 4 },
	{ "on, 5 bytes", BYTES(0xe9, 0x01, 0x00, 0x00, 0x00, 0x90, 0xc3), 6 },
	{ "a short jump leads there as well", BYTES(0xeb, 0x02, 0x74, 0x00, 0xc3), 0 },
	{ "a jump", BYTES(0xeb, 0x05, 0xe9, 0x00, 0x00, 0x00, 0x00, 0xc3), 0 },
	{ "a conditional one", BYTES(0xeb, 0x06, 0x0f, 0x85, 0x00, 0x00, 0x00, 0x00, 0xc3), 0 },
	{ "no jump", BYTES(0x83, 0xf8, 0x01), 0 },
	{ "cut off", BYTES(0xe9, 0x01, 0x00, 0x00), 0 },
	{ "cut off, too", BYTES(0x0f), 0 },
};

static uint64_t behind(const uint8_t *text, size_t size, const struct ft_function *functions,
		       size_t nr)
{
	struct ft_finder f = finder_73;
	uint8_t *copy = malloc(size);
	uint64_t found;

	assert_non_null(copy);
	memcpy(copy, text, size); /* just this size, so that ASan sees what reads past it */
	f.functions = functions;
	f.nr_functions = nr;
	found = ft_finder__behind_key(&f, copy, size, BASE, BASE);
	free(copy);
	return found ? found - BASE : 0;
}

static void test_forms(void **state)
{
	const struct ft_function function = { BASE, BASE + 64, "f", FT_NO_FUNCTION };
	size_t i, wrong = 0;
	(void)state;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint64_t got = behind(rows[i].text, rows[i].size, &function, 1);

		wrong += got != rows[i].behind;
		if (got != rows[i].behind)
			print_error("%s: %#lx\n", rows[i].what, (unsigned long)got);
	}
	assert_int_equal(wrong, 0);
}

/* Only jumps of the function itself, and of its cold part, count. */
static void test_other_functions(void **state)
{
	static const uint8_t text[] = { 0xeb, 0x02, 0x90, 0x90, 0xc3, 0xeb, 0xfd };
	struct ft_function functions[] = {
		{ BASE, BASE + 5, "f", FT_NO_FUNCTION },
		{ BASE + 5, BASE + 7, "g", FT_NO_FUNCTION },
	};
	(void)state;

	assert_int_equal(behind(text, sizeof(text), functions, 2), 4);
	functions[1].parent = 0;
	assert_int_equal(behind(text, sizeof(text), functions, 2), 0);
	assert_int_equal(behind(text, sizeof(text), functions + 1, 1), 0);
}

static void test_outside(void **state)
{
	static const uint8_t text[] = { 0x66, 0x90 };
	(void)state;

	assert_int_equal(ft_finder__behind_key(&finder_73, text, 2, BASE, BASE - 1), 0);
	assert_int_equal(ft_finder__behind_key(&finder_73, text, 2, BASE, BASE + 1), 0);
	assert_int_equal(ft_finder__behind_key(&finder_73, text, 2, BASE, BASE + 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_other_functions),
		cmocka_unit_test(test_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
