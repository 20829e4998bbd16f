// SPDX-License-Identifier: GPL-2.0
/*
 * The shares are those of a matrix of likelihoods whose rows and columns are scaled in turn
 * to the references of each token (Sinkhorn's method). That is not the sum over all ways of
 * pairing, which cannot be had in time, but near it, and exact where only one way is likely.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "core/attribution/cost.h"
#include "core/attribution/shares.h"
#include "core/util/grow.h"

#define ROUNDS 50	 /* at most */
#define NEAR_ENOUGH 1e-3 /* what a row may be off, of its references */
#define HARDLY 1e-9	 /* likelihood of what should not be, so that there is always a way */

void ft_shares__free(struct ft_shares *x)
{
	free(x->gets);
	free(x->puts);
	free(x->share);
	free(x->row);
	*x = (struct ft_shares){ 0 };
}

static int make_room(struct ft_shares *x, size_t nr)
{
	if (nr <= x->room_tokens)
		return 0;
	ft_shares__free(x);
	x->gets = malloc(nr * sizeof(*x->gets));
	x->puts = malloc(nr * sizeof(*x->puts));
	x->row = malloc(2 * nr * sizeof(*x->row));
	x->column = x->row + nr;
	if (!x->gets || !x->puts || !x->row)
		return -ENOMEM;
	x->room_tokens = nr;
	return 0;
}

static void price(struct ft_shares *x, const struct ft_model *model)
{
	size_t i, j;

	for (i = 0; i < x->nr_gets; i++)
		for (j = 0; j < x->nr_puts; j++) {
			double cost = ft_cost__of_pair(x->gets[i], x->puts[j], model);

			x->share[i * x->nr_puts + j] = exp(-cost) + HARDLY;
		}
}

/* Scales the rows; returns the most that one was off. */
static double scale_rows(struct ft_shares *x)
{
	double worst = 0, sum;
	size_t i, j;

	for (i = 0; i < x->nr_gets; i++) {
		for (sum = 0, j = 0; j < x->nr_puts; j++)
			sum += ft_shares__of_pair(x, i, j) * x->column[j];
		worst = fmax(worst, fabs(x->row[i] * sum / x->gets[i]->n - 1));
		x->row[i] = x->gets[i]->n / sum;
	}
	return worst;
}

static void scale_columns(struct ft_shares *x)
{
	double sum;
	size_t i, j;

	for (j = 0; j < x->nr_puts; j++) {
		for (sum = 0, i = 0; i < x->nr_gets; i++)
			sum += ft_shares__of_pair(x, i, j) * x->row[i];
		x->column[j] = x->puts[j]->n / sum;
	}
}

static void scale(struct ft_shares *x)
{
	size_t i, j, round;

	for (i = 0; i < x->nr_gets; i++)
		x->row[i] = 1;
	for (j = 0; j < x->nr_puts; j++)
		x->column[j] = 1;
	for (round = 0; round < ROUNDS; round++) {
		if (scale_rows(x) < NEAR_ENOUGH)
			break;
		scale_columns(x);
	}
	for (i = 0; i < x->nr_gets; i++)
		for (j = 0; j < x->nr_puts; j++)
			x->share[i * x->nr_puts + j] *= x->row[i] * x->column[j];
}

int ft_shares__of(struct ft_shares *x, const struct ft_tokens *t, const struct ft_model *model)
{
	size_t i;

	if (make_room(x, t->nr))
		return -ENOMEM;
	x->nr_gets = x->nr_puts = 0;
	for (i = 0; i < t->nr; i++) {
		if (t->list[i].put)
			x->puts[x->nr_puts++] = &t->list[i];
		else
			x->gets[x->nr_gets++] = &t->list[i];
	}
	if (FT_GROW(x->share, x->room_shares, x->nr_gets * x->nr_puts + 1))
		return -ENOMEM;
	if (!x->nr_gets || !x->nr_puts)
		return 0;
	price(x, model);
	scale(x);
	return 0;
}
