// SPDX-License-Identifier: GPL-2.0
/* The longest row of steps that two timelines have in common. */
#include <errno.h>
#include <stdlib.h>

#include "core/diff/parts.h"

/* length[i][j]: of a's steps from i and b's from j on. */
static uint16_t *lengths(struct ft_differ *d, const struct ft_timeline *a,
			 const struct ft_timeline *b)
{
	size_t width = b->nr + 1, i, j;
	uint16_t *length = calloc((a->nr + 1) * width, sizeof(*length));

	for (i = a->nr; length && i--;)
		for (j = b->nr; j--;) {
			uint16_t skip_a = length[(i + 1) * width + j],
				 skip_b = length[i * width + j + 1];

			if (ft_step__is_same(d, &a->step[i], &b->step[j]))
				length[i * width + j] = length[(i + 1) * width + j + 1] + 1;
			else
				length[i * width + j] = skip_a > skip_b ? skip_a : skip_b;
		}
	return length;
}

int64_t ft_diff__distance(struct ft_differ *d, const struct ft_timeline *a,
			  const struct ft_timeline *b)
{
	uint16_t *length = lengths(d, a, b);
	int64_t distance = length ? (int64_t)(a->nr + b->nr) - 2 * length[0] : -1;

	free(length);
	return distance;
}

static bool is_other(const struct ft_step *a, const struct ft_step *b)
{
	return a->has_surplus && b->has_surplus && a->surplus != b->surplus;
}

int ft_diff__align(struct ft_differ *d, struct ft_diff_timeline *s)
{
	static const struct ft_timeline none = { 0 };
	const struct ft_timeline *a = s->a ? s->a : &none, *b = s->b ? s->b : &none;
	uint16_t *length = lengths(d, a, b);
	size_t width = b->nr + 1, i = 0, j = 0;

	s->line = ft_arena__alloc(d->arena, a->nr + b->nr + 1, sizeof(*s->line));
	if (!length || !s->line) {
		free(length);
		return -ENOMEM;
	}
	s->nr = 0;
	while (i < a->nr || j < b->nr) {
		struct ft_diff_line *line = &s->line[s->nr++];

		if (i < a->nr && j < b->nr && ft_step__is_same(d, &a->step[i], &b->step[j])) {
			*line = (struct ft_diff_line){ &a->step[i], &b->step[j],
						       is_other(&a->step[i], &b->step[j]) };
			i++, j++;
		} else if (j == b->nr || (i < a->nr && length[(i + 1) * width + j] >=
							       length[i * width + j + 1])) {
			*line = (struct ft_diff_line){ .a = &a->step[i++] };
		} else {
			*line = (struct ft_diff_line){ .b = &b->step[j++] };
		}
	}
	free(length);
	for (s->first = 0; s->first < s->nr; s->first++)
		if (s->line[s->first].differs || !s->line[s->first].a || !s->line[s->first].b)
			break;
	return 0;
}
