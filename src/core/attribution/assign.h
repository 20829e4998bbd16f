/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Assignment of rows to columns at least cost (the Hungarian method with prices,
 * O(rows² × columns)), and what it costs more without one of the columns (O(rows ×
 * columns), as the prices of the first solution stay valid).
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
	int32_t *row_of;    /* of each column; -1: none */
	double *scratch;    /* of the search: distance by column */
	int32_t *way;	    /* of the search: the column before; -1: the row that is placed */
	int32_t *open;	    /* of the search: columns that were reached, */
	int32_t *closed;    /* and those whose rows have to move */
	int32_t *spare_row; /* rows are kept here while a column is barred */
	int32_t *nr_may;    /* how many columns each row can have, */
	int32_t *may;	    /* and which, row by row */
	unsigned char *used;
	double total; /* cost of the solution */
	void *memory; /* all of the above */
};

/* Costs are 0 at first. 0 or -ENOMEM. */
int ft_assignment__init(struct ft_assignment *a, size_t rows, size_t columns);
void ft_assignment__free(struct ft_assignment *a);
static inline double *ft_assignment__at(struct ft_assignment *a, size_t row, size_t column)
{
	return &a->cost[row * a->columns + column];
}
/* Sets row_of and total. */
void ft_assignment__solve(struct ft_assignment *a);
/* How much more the best solution costs in which no row has this column. After solve. */
double ft_assignment__without(struct ft_assignment *a, size_t column);

#endif /* FT_CORE_ATTRIBUTION_ASSIGN_H */
