// SPDX-License-Identifier: GPL-2.0
#include "render/timeline/repeats.h"

/* The same call or operation again; what it did to the counts may differ. */
static bool same_step(const struct timeline_line *a, const struct timeline_line *b)
{
	if (a->what != b->what || a->depth != b->depth || a->important || b->important)
		return false;
	if (a->what == TIMELINE_UNSEEN)
		return true;
	if (a->what == TIMELINE_OP)
		return a->in->site == b->in->site && a->in->stack == b->in->stack &&
		       a->in->op == b->in->op && a->in->delta == b->in->delta && a->pid == b->pid;
	return a->what == TIMELINE_CALL && a->in && b->in && a->out && b->out &&
	       a->in->site == b->in->site && a->pid == b->pid;
}

/* How many times in a row the lines from i on, as many as steps, occur. */
static size_t repeats(const struct timeline *s, size_t i, size_t steps)
{
	size_t n = 1, k;

	for (;; n++) {
		for (k = 0; k < steps; k++) {
			size_t next = i + n * steps + k;

			if (next >= s->nr || !same_step(&s->line[i + k], &s->line[next]))
				return n;
		}
	}
}

/* A change that was not seen has counts of its own only where they changed. */
static struct timeline_count joined(const struct timeline_line *line, struct timeline_count first,
				    struct timeline_count last)
{
	if (line->what == TIMELINE_UNSEEN && !timeline__changed(first.before, first.after))
		return last;
	return (struct timeline_count){ first.before, last.after };
}

static void join(struct timeline_line *line, const struct timeline_line *last, size_t n)
{
	line->ref = joined(line, line->ref, last->ref);
	line->map = joined(line, line->map, last->map);
	line->out = last->out;
	line->repeat = (unsigned int)n;
}

void repeats__join(struct timeline *s)
{
	size_t i = 0, to = 0, steps, n, k;

	while (i < s->nr) {
		for (steps = 1, n = 1; steps <= 3; steps++) {
			n = repeats(s, i, steps);
			if (n > 2 || (n == 2 && steps == 1))
				break;
		}
		if (steps > 3)
			steps = n = 1;
		for (k = 0; k < steps; k++) {
			struct timeline_line line = s->line[i + k];

			if (n > 1)
				join(&line, &s->line[i + (n - 1) * steps + k], n);
			s->line[to + k] = line;
		}
		to += steps;
		i += steps * n;
	}
	s->nr = to;
}
