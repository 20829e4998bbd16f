// SPDX-License-Identifier: GPL-2.0
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/attribution/assign.h"

/* The cheapest way to give rows from row on a column each, by trying them all. */
static double by_trial(struct ft_assignment *a, size_t row, unsigned int taken)
{
	double best = DBL_MAX, cost;
	size_t j;

	if (row == a->rows)
		return 0;
	for (j = 0; j < a->columns; j++) {
		if (taken & 1U << j)
			continue;
		cost = *ft_assignment__at(a, row, j) + by_trial(a, row + 1, taken | 1U << j);
		if (cost < best)
			best = cost;
	}
	return best;
}

static void test_assignment(void **state)
{
	struct ft_assignment a;
	unsigned int seed = 1;
	size_t i, j, rows;
	int round;

	(void)state;
	for (round = 0; round < 200; round++) {
		rows = 1 + (size_t)rand_r(&seed) % 4;
		assert_int_equal(ft_assignment__init(&a, rows, rows + 1 + rand_r(&seed) % 3), 0);
		for (i = 0; i < a.rows; i++)
			for (j = 0; j < a.columns; j++)
				*ft_assignment__at(&a, i, j) = rand_r(&seed) % 40 - 20;
		ft_assignment__solve(&a);
		assert_true(fabs(a.total - by_trial(&a, 0, 0)) < 1e-9);
		for (j = 0; j < a.columns; j++)
			assert_true(fabs(ft_assignment__without(&a, j) + a.total -
					 by_trial(&a, 0, 1U << j)) < 1e-9);
		ft_assignment__free(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_assignment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
