// SPDX-License-Identifier: GPL-2.0
/* What other calls do that one did not, in words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "render/reason.h"

static void test_calls(void **state)
{
	struct ft_lost lost = { 0 };

	(void)state;
	assert_string_equal(reason__calls(&lost).s, "");
	lost.calls = (struct ft_lost_calls){ "f_read", 1004213, 1004012, 1, 1, 0 };
	assert_string_equal(reason__calls(&lost).s,
			    "1,004,012 of 1,004,213 calls of f_read took 1 and put 1; this one "
			    "took 1 and put 0");
	lost.calls = (struct ft_lost_calls){ "f_read", 10, 9, 0, 6, 5 };
	assert_string_equal(reason__calls(&lost).s,
			    "9 of 10 calls of f_read put as many as they took; this one took 6 "
			    "and put 5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
