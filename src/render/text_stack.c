// SPDX-License-Identifier: GPL-2.0
/* Where an operation happened. */
#include <inttypes.h>

#include "render/text_parts.h"

#define CALLERS 3 /* named without -v */
#define MARGIN 69 /* of the lines of a whole stack */

static void frame(const struct text *t, const struct ft_frame_name *f)
{
	fprintf(t->out, "%s+0x%" PRIx64, f->function, f->offset);
	if (f->module)
		fprintf(t->out, " [%s]", f->module);
}

static void whole(const struct text *t, const struct ft_stack *s, uint32_t first)
{
	uint32_t i;

	for (i = first; i < s->depth; i++) {
		fprintf(t->out, "\n%*s%s< ", MARGIN, "", t->c->dim);
		frame(t, s->frames[i]);
		fputs(t->c->off, t->out);
	}
	if (s->cut)
		fprintf(t->out, "\n%*s%s< ...%s", MARGIN, "", t->c->dim, t->c->off);
}

void text__place(const struct text *t, const struct ft_event *e)
{
	const struct ft_stack *s = ft_run__stack(t->run, e);
	uint32_t first = ft_run__operator(t->run, e), i;

	/* a tracepoint's place is who called it; a probe's is the site itself */
	if (e->source == FT_SRC_PAGE_REF && first < s->depth)
		frame(t, s->frames[first++]);
	else
		text__site(t->out, e->site);
	if (e->source == FT_SRC_INLINE && first < s->depth)
		first++;
	if (t->opts->verbose) {
		whole(t, s, first);
		return;
	}
	fputs(t->c->dim, t->out);
	for (i = first; i < s->depth && i < first + CALLERS; i++)
		fprintf(t->out, " < %s", s->frames[i]->function);
	fputs(t->c->off, t->out);
}
