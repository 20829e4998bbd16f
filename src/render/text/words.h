/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers, names and labels as every part of the text report prints them. */
#ifndef FT_RENDER_TEXT_WORDS_H
#define FT_RENDER_TEXT_WORDS_H

#include "render.h"

/* Escape sequences; all are empty without colour. */
struct paint {
	const char *bold, *dim, *red, *green, *yellow, *cyan, *off;
};

extern const struct paint paint_none;

/* What every function that prints a part of a text needs. */
struct text {
	const struct ft_run *run;
	const struct ft_text_options *opts;
	const struct paint *c;
	FILE *out;
};

/* Clears errno, which stream__error() reads at the end. */
struct text text__start(const struct ft_run *run, const struct ft_text_options *opts, FILE *out);

/* A string of a capture, such as a comm: control characters become '?'. */
void text__foreign(FILE *out, const char *s);

/* "1 folio", "5 folios" */
void text__plural(FILE *out, uint64_t n, const char *noun);

/* 1234567 as "1,234,567" */
void text__number(FILE *out, uint64_t n);

/* "expected 3 = 1 mapping + 2 swap cache", or "expected 0" */
void text__expected(FILE *out, const struct ft_expected *e);

/* A sentence, in which control characters become '?', and a newline, in lines of about 100
 * columns. The first line continues one that
 * is at column margin already; the others are indented to it. */
void text__wrapped(FILE *out, int margin, const char *s);

/* Nanoseconds of the capture's clock as milliseconds since the start of the run. */
double text__ms(const struct text *t, uint64_t t_ns);

/* "function+0x12 [module]" */
void text__site(FILE *out, const struct ft_site *site);

/* The dim word that a line starts with, from column margin on: LABEL_COLUMNS wide. */
#define LABEL_COLUMNS 10
void text__label(const struct text *t, int margin, const char *name);

#endif /* FT_RENDER_TEXT_WORDS_H */
