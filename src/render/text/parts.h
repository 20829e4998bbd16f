/* SPDX-License-Identifier: GPL-2.0 */
/* The parts that texts are composed of. Those that return int: 0 or -ENOMEM. */
#ifndef FT_RENDER_TEXT_PARTS_H
#define FT_RENDER_TEXT_PARTS_H

#include "render/text/words.h"

/* The site of an operation and its callers: "f+0x1 < caller < caller"; with -v the whole
 * stack. With debug info "f+0x1 (function, file:line)". */
void text__place(const struct text *t, const struct ft_event *e);

/* The frames from index first on, a line each, from column margin on. */
void text__stack(const struct text *t, const struct ft_stack *s, uint32_t first, int margin);

/* A line "source": file and line of the site and what that is inlined into. With -v from the
 * innermost function, else from the first that is not of a header. Nothing without debug
 * info. */
void text__source(const struct text *t, const struct ft_site *site, int margin);

/* What was printed that a footnote must explain. */
struct text_notes {
	bool has_checkpoints, has_unseen;
};

/* The lines of a folio's timeline; sets notes. */
int text__timeline(const struct text *t, const struct ft_folio *folio, struct text_notes *notes);

/* Only the checkpoints of the timeline. */
void text__checkpoints(const struct text *t, const struct ft_folio *folio);

/* A folio: a head line, what is wrong, and, if timeline is set, its timeline. */
int text__folio(const struct text *t, const struct ft_folio *folio, bool timeline,
		struct text_notes *notes);

/* A line "owners": whose the units of its counts are, if it is not plain from the counts. */
int text__owners(const struct text *t, const struct ft_folio *folio, int margin);

/* What is wrong with it: "leaks 1 pin". */
void text__verdict(const struct text *t, const struct ft_folio *folio);
/* The same of all: "FAIL: 1 folio was put 2 times too often, 2 folios leak 3 references".
 * False: nothing is wrong, and nothing was printed. */
bool text__fail(const struct text *t);

/* What the folios of a finding lost together: "50 folios leak 50 references". */
void text__sum(const struct text *t, const struct ft_group *group);

/* Pages of the kernel or of a driver that are still there, by where they were allocated. */
int text__still_allocated(const struct text *t);

/* A folio in one line. */
void text__folio_line(const struct text *t, const struct ft_folio *folio);

/* The leaked and over-put folios; of those that are one finding one, with its timeline. */
int text__bad(const struct text *t, struct text_notes *notes);

/* The inconclusive folios, by reason. */
int text__inconclusive(const struct text *t);

/* What was watched, and what was lost. */
void text__coverage(const struct text *t);
void text__loss(const struct text *t);

/* How to get the debug info that a line lacked. */
void text__hint(const struct text *t);

/* Command, folios, coverage and loss. */
void text__tail(const struct text *t);

#endif /* FT_RENDER_TEXT_PARTS_H */
