/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Assignment of rows to columns at least cost (Hungarian, O(rows² × columns)),
 * and what it costs more without one of the columns (O(rows × columns) each, by
 * the prices that the first solution leaves).
 */
#ifndef FT_CORE_ATTRIBUTION_ASSIGN_H
#define FT_CORE_ATTRIBUTION_ASSIGN_H

#include <stddef.h>
#include <stdint.h>

#define FT_COST_NEVER 1e6 /* this row cannot have that column */

struct ft_assignment {
	size_t rows, columns; /* rows <= columns */
	double *cost;	      /* row by row */
	double *row_price, *column_price;
	int32_t *row_of; /* of each column; -1: nobody's */
	double *scratch; /* of the search: distance by column */
	int32_t *way;
	double *spare_price; /* the prices and rows before a try */
	int32_t *spare_row;
	unsigned char *used;
	double total;
	void *memory;
};

int ft_assignment__init(struct ft_assignment *a, size_t rows, size_t columns);
void ft_assignment__free(struct ft_assignment *a);
static inline double *ft_assignment__at(struct ft_assignment *a, size_t row, size_t column)
{
	return &a->cost[row * a->columns + column];
}
void ft_assignment__solve(struct ft_assignment *a);
/* How much more the best solution costs in which nobody has this column. */
double ft_assignment__without(struct ft_assignment *a, size_t column);

#endif /* FT_CORE_ATTRIBUTION_ASSIGN_H */
