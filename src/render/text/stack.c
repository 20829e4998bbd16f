// SPDX-License-Identifier: GPL-2.0
/* Where an operation happened. */
#include <inttypes.h>
#include <string.h>

#include "render/code_lines.h"
#include "render/text/parts.h"

#define CALLERS 3 /* named without -v */
#define MARGIN 69 /* of a whole stack: the timeline's last column */

static void file_line(const struct text *t, const struct ft_line *l)
{
	text__foreign(t->out, l->file ? l->file : "?");
	fprintf(t->out, ":%" PRIu32, l->line);
}

/* " (file:line)", or " (inlined function, file:line)" */
static void own_line(const struct text *t, const struct ft_lines *lines)
{
	const struct ft_line *own = lines ? lines__own(lines) : NULL;

	if (!own)
		return;
	fputs(" (", t->out);
	if (own != &lines->line[lines->nr - 1]) {
		text__foreign(t->out, own->function);
		fputs(", ", t->out);
	}
	file_line(t, own);
	fputc(')', t->out);
}

static void frame(const struct text *t, const struct ft_frame_name *f)
{
	text__foreign(t->out, f->function);
	fprintf(t->out, "+0x%" PRIx64, f->offset);
	if (f->module)
		fprintf(t->out, " [%s]", f->module);
	own_line(t, lines__of_frame(t->opts->lines, f));
}

void text__stack(const struct text *t, const struct ft_stack *s, uint32_t first, int margin)
{
	uint32_t i;

	for (i = first; i < s->depth; i++) {
		fprintf(t->out, "\n%*s%s< ", margin, "", t->c->dim);
		frame(t, s->frames[i]);
		fputs(t->c->off, t->out);
	}
	if (s->cut)
		fprintf(t->out, "\n%*s%s< ...%s", margin, "", t->c->dim, t->c->off);
}

void text__source(const struct text *t, const struct ft_site *site, int margin)
{
	const struct ft_lines *lines = lines__of_site(t->opts->lines, site);
	const struct ft_line *own = lines ? lines__own(lines) : NULL, *l;
	const char *sep = "";

	if (!own)
		return;
	text__label(t, margin, "source");
	for (l = t->opts->verbose ? lines->line : own; l < lines->line + lines->nr; l++) {
		fputs(sep, t->out);
		text__foreign(t->out, l->function);
		fputs(" at ", t->out);
		file_line(t, l);
		sep = ", inlined into ";
		if (t->opts->verbose && l + 1 < lines->line + lines->nr) {
			fprintf(t->out, ", inlined into\n%*s", margin + LABEL_COLUMNS, "");
			sep = "";
		}
	}
	fputc('\n', t->out);
}

void text__place(const struct text *t, const struct ft_event *e)
{
	const struct ft_stack *s = ft_run__stack(t->run, e);
	uint32_t first = ft_run__operator(t->run, e), i;

	/* the place of a tracepoint is its caller, that of a probe the probed instruction */
	if (e->source == FT_SRC_PAGE_REF && first < s->depth)
		frame(t, s->frames[first++]);
	else
		text__site(t->out, e->site), own_line(t, lines__of_site(t->opts->lines, e->site));
	if (e->source == FT_SRC_INLINE && first < s->depth)
		first++;
	if (t->opts->verbose) {
		text__stack(t, s, first, MARGIN);
		return;
	}
	fputs(t->c->dim, t->out);
	for (i = first; i < s->depth && i < first + CALLERS; i++)
		fprintf(t->out, " < %s", s->frames[i]->function);
	fputs(t->c->off, t->out);
}
