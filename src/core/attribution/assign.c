// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <float.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/attribution/assign.h"

int ft_assignment__init(struct ft_assignment *a, size_t rows, size_t columns)
{
	size_t doubles = rows * columns + 2 * rows + 3 * columns, ints = 3 * columns;
	double *d;
	int32_t *n;

	*a = (struct ft_assignment){ .rows = rows, .columns = columns };
	d = calloc(1, doubles * sizeof(*d) + ints * sizeof(*n) + columns + 1);
	if (!d)
		return -ENOMEM;
	a->memory = d;
	a->cost = d;
	a->row_price = a->cost + rows * columns;
	a->spare_price = a->row_price + rows;
	a->column_price = a->spare_price + rows + columns;
	a->scratch = a->column_price + columns;
	n = (int32_t *)(d + doubles);
	a->row_of = n;
	a->way = n + columns;
	a->spare_row = n + 2 * columns;
	a->used = (unsigned char *)(n + ints);
	return 0;
}

void ft_assignment__free(struct ft_assignment *a)
{
	free(a->memory);
	*a = (struct ft_assignment){ 0 };
}

#define NO_COLUMN SIZE_MAX

static void relax(struct ft_assignment *a, size_t row, size_t from, size_t barred)
{
	const double *cost = &a->cost[row * a->columns];
	size_t j;

	for (j = 0; j < a->columns; j++) {
		double d;

		if (a->used[j] || j == barred)
			continue;
		d = cost[j] - a->row_price[row] - a->column_price[j];
		if (d < a->scratch[j]) {
			a->scratch[j] = d;
			a->way[j] = from == NO_COLUMN ? -1 : (int32_t)from;
		}
	}
}

static size_t nearest(const struct ft_assignment *a, size_t barred)
{
	size_t j, best = NO_COLUMN;

	for (j = 0; j < a->columns; j++)
		if (!a->used[j] && j != barred &&
		    (best == NO_COLUMN || a->scratch[j] < a->scratch[best]))
			best = j;
	return best;
}

static void reprice(struct ft_assignment *a, size_t row, double delta, size_t barred)
{
	size_t j;

	a->row_price[row] += delta;
	for (j = 0; j < a->columns; j++) {
		if (a->used[j]) {
			a->row_price[a->row_of[j]] += delta;
			a->column_price[j] -= delta;
		} else if (j != barred) {
			a->scratch[j] -= delta;
		}
	}
}

/* Finds a column for one more row along the cheapest chain of rows that have to move. */
static void augment(struct ft_assignment *a, size_t row, size_t barred)
{
	size_t j, column = NO_COLUMN, at = row;

	memset(a->used, 0, a->columns);
	for (j = 0; j < a->columns; j++)
		a->scratch[j] = DBL_MAX;
	for (;;) {
		relax(a, at, column, barred);
		column = nearest(a, barred);
		if (column == NO_COLUMN)
			return;
		reprice(a, row, a->scratch[column], barred);
		if (a->row_of[column] < 0)
			break;
		a->used[column] = 1;
		at = (size_t)a->row_of[column];
	}
	while (a->way[column] >= 0) {
		size_t from = (size_t)a->way[column];

		a->row_of[column] = a->row_of[from];
		column = from;
	}
	a->row_of[column] = (int32_t)row;
}

static double total(const struct ft_assignment *a)
{
	double sum = 0;
	size_t j;

	for (j = 0; j < a->columns; j++)
		if (a->row_of[j] >= 0)
			sum += a->cost[(size_t)a->row_of[j] * a->columns + j];
	return sum;
}

void ft_assignment__solve(struct ft_assignment *a)
{
	size_t i;

	for (i = 0; i < a->columns; i++)
		a->row_of[i] = -1;
	for (i = 0; i < a->rows; i++)
		augment(a, i, NO_COLUMN);
	a->total = total(a);
}

double ft_assignment__without(struct ft_assignment *a, size_t column)
{
	size_t row;
	double cost;

	if (a->row_of[column] < 0)
		return 0;
	row = (size_t)a->row_of[column];
	memcpy(a->spare_price, a->row_price, a->rows * sizeof(*a->spare_price));
	memcpy(a->spare_price + a->rows, a->column_price, a->columns * sizeof(*a->spare_price));
	memcpy(a->spare_row, a->row_of, a->columns * sizeof(*a->spare_row));
	a->row_of[column] = -1;
	augment(a, row, column);
	cost = total(a) - a->total;
	memcpy(a->row_price, a->spare_price, a->rows * sizeof(*a->spare_price));
	memcpy(a->column_price, a->spare_price + a->rows, a->columns * sizeof(*a->spare_price));
	memcpy(a->row_of, a->spare_row, a->columns * sizeof(*a->spare_row));
	return cost > 0 ? cost : 0;
}
