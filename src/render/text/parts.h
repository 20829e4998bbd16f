/* SPDX-License-Identifier: GPL-2.0 */
/* The parts that the text report is put together from. */
#ifndef FT_RENDER_TEXT_PARTS_H
#define FT_RENDER_TEXT_PARTS_H

#include "render/text/words.h"

/* The site of an operation and who called it: "f+0x1 < caller < caller"; with -v
 * the whole stack. With debug info "f+0x1 (function, file:line)". */
void text__place(const struct text *t, const struct ft_event *e);

/* The frames from first on, a line each, from column margin on. */
void text__stack(const struct text *t, const struct ft_stack *s, uint32_t first, int margin);

/* Source lines as a labelled line: of one function and what it is inlined into, with
 * -v of all. Nothing without debug info. */
void text__source(const struct text *t, const struct ft_site *site, int margin);

/* The lines of a folio's life, indented; notes what the footnotes must explain. */
struct text_notes {
	bool has_checkpoints, has_unseen;
};

int text__timeline(const struct text *t, const struct ft_folio *folio, struct text_notes *notes);

/* The finalize lines alone. */
void text__checkpoints(const struct text *t, const struct ft_folio *folio);

/* One folio: a head line, what is wrong, and (with story) its life. */
int text__folio(const struct text *t, const struct ft_folio *folio, bool timeline,
		struct text_notes *notes);

/* The one line of a folio that has nothing to tell. */
void text__folio_line(const struct text *t, const struct ft_folio *folio);

/* The folios whose count is wrong, those alike told once. */
int text__bad(const struct text *t, struct text_notes *notes);

/* Those that could not be decided, by reason. */
int text__inconclusive(const struct text *t);

/* What was watched, and what got lost. */
void text__coverage(const struct text *t);
void text__loss(const struct text *t);

/* How to get the debug info that is missing; for where a name is at stake. */
void text__hint(const struct text *t);

/* Command, folios, coverage and loss. */
void text__tail(const struct text *t);

#endif /* FT_RENDER_TEXT_PARTS_H */
