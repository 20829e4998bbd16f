// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <float.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/attribution/assign.h"

#define NO_COLUMN SIZE_MAX

int ft_assignment__init(struct ft_assignment *a, size_t rows, size_t columns)
{
	size_t doubles = rows * columns + rows + 2 * columns;
	size_t ints = rows * columns + rows + 5 * columns;
	double *d;
	int32_t *n;

	*a = (struct ft_assignment){ .rows = rows, .columns = columns };
	d = calloc(1, doubles * sizeof(*d) + ints * sizeof(*n) + columns + 1);
	if (!d)
		return -ENOMEM;
	a->memory = d;
	a->cost = d;
	a->row_price = a->cost + rows * columns;
	a->column_price = a->row_price + rows;
	a->scratch = a->column_price + columns;
	n = (int32_t *)(d + doubles);
	a->row_of = n;
	a->way = n + columns;
	a->spare_row = n + 2 * columns;
	a->open = n + 3 * columns;
	a->closed = n + 4 * columns;
	a->nr_may = n + 5 * columns;
	a->may = a->nr_may + rows;
	a->used = (unsigned char *)(n + ints);
	return 0;
}

void ft_assignment__free(struct ft_assignment *a)
{
	free(a->memory);
	*a = (struct ft_assignment){ 0 };
}

/* Half of all pairs cannot be, as a put comes after its get: they are not even looked at. */
static void list_pairs(struct ft_assignment *a)
{
	size_t i, j;

	for (i = 0; i < a->rows; i++) {
		int32_t *may = &a->may[i * a->columns];

		a->nr_may[i] = 0;
		for (j = 0; j < a->columns; j++)
			if (*ft_assignment__at(a, i, j) < FT_COST_NEVER)
				may[a->nr_may[i]++] = (int32_t)j;
	}
}

/* The search for a column: the cheapest way to each that was reached. */
struct search {
	size_t row;    /* that gets a column */
	size_t barred; /* the column that no row may have */
	bool any;      /* also what the row cannot have */
	size_t nr_open, nr_closed;
	double at; /* how far the last column is */
};

static void reach(struct ft_assignment *a, struct search *s, size_t row, size_t from, size_t j)
{
	double d;

	if (a->used[j] || j == s->barred)
		return;
	d = s->at + a->cost[row * a->columns + j] - a->row_price[row] - a->column_price[j];
	if (a->scratch[j] == DBL_MAX)
		a->open[s->nr_open++] = (int32_t)j;
	if (d < a->scratch[j]) {
		a->scratch[j] = d;
		a->way[j] = from == NO_COLUMN ? -1 : (int32_t)from;
	}
}

static void relax(struct ft_assignment *a, struct search *s, size_t row, size_t from)
{
	const int32_t *may = &a->may[row * a->columns];
	size_t j;

	if (s->any)
		for (j = 0; j < a->columns; j++)
			reach(a, s, row, from, j);
	else
		for (j = 0; j < (size_t)a->nr_may[row]; j++)
			reach(a, s, row, from, (size_t)may[j]);
}

/* Of columns that are equally near the first one. */
static size_t take_nearest(struct ft_assignment *a, struct search *s)
{
	size_t i, best = 0, column;

	if (!s->nr_open)
		return NO_COLUMN;
	for (i = 1; i < s->nr_open; i++) {
		double d = a->scratch[a->open[i]] - a->scratch[a->open[best]];

		if (d < 0 || (d <= 0 && a->open[i] < a->open[best]))
			best = i;
	}
	column = (size_t)a->open[best];
	a->open[best] = a->open[--s->nr_open];
	return column;
}

/* The column at the end of the cheapest chain of rows that have to move. */
static size_t find(struct ft_assignment *a, struct search *s)
{
	size_t j, column = NO_COLUMN, row = s->row;

	memset(a->used, 0, a->columns);
	for (j = 0; j < a->columns; j++)
		a->scratch[j] = DBL_MAX;
	s->at = 0;
	s->nr_open = s->nr_closed = 0;
	for (;;) {
		relax(a, s, row, column);
		column = take_nearest(a, s);
		if (column == NO_COLUMN)
			return NO_COLUMN;
		s->at = a->scratch[column];
		if (a->row_of[column] < 0)
			return column;
		a->used[column] = 1;
		a->closed[s->nr_closed++] = (int32_t)column;
		row = (size_t)a->row_of[column];
	}
}

/* So that no pair is cheaper than its prices: before the rows move. */
static void reprice(struct ft_assignment *a, const struct search *s)
{
	size_t i;

	a->row_price[s->row] += s->at;
	for (i = 0; i < s->nr_closed; i++) {
		size_t j = (size_t)a->closed[i];

		a->row_price[a->row_of[j]] += s->at - a->scratch[j];
		a->column_price[j] -= s->at - a->scratch[j];
	}
}

/* Finds a column for one more row. prices: they are to fit afterwards. */
static void augment(struct ft_assignment *a, size_t row, size_t barred, bool prices)
{
	struct search s = { .row = row, .barred = barred };
	size_t column = find(a, &s);

	if (column == NO_COLUMN) {
		s.any = true;
		column = find(a, &s);
	}
	if (column == NO_COLUMN)
		return;
	if (prices)
		reprice(a, &s);
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

	list_pairs(a);
	for (i = 0; i < a->columns; i++)
		a->row_of[i] = -1;
	for (i = 0; i < a->rows; i++)
		augment(a, i, NO_COLUMN, true);
	a->total = total(a);
}

double ft_assignment__without(struct ft_assignment *a, size_t column)
{
	size_t row;
	double cost;

	if (a->row_of[column] < 0)
		return 0;
	row = (size_t)a->row_of[column];
	memcpy(a->spare_row, a->row_of, a->columns * sizeof(*a->spare_row));
	a->row_of[column] = -1;
	augment(a, row, column, false);
	cost = total(a) - a->total;
	memcpy(a->row_of, a->spare_row, a->columns * sizeof(*a->spare_row));
	return cost > 0 ? cost : 0;
}
