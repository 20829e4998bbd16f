/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Renderers: a judged run and a stream in, text or JSON out. They only read the
 * model, so one run gives the same bytes however often and wherever it is
 * rendered. All return 0 or -errno; -EIO and the like mean the stream.
 */
#ifndef FT_RENDER_H
#define FT_RENDER_H

#include <stdbool.h>
#include <stdio.h>

#include "lines.h"
#include "model.h"

/* The JSON document's version: include/folio-trace.schema.json. */
#define FT_SCHEMA_VERSION 1

struct ft_text_options {
	bool verbose;			    /* every folio, whole timelines, nothing summed up */
	bool colour;			    /* the caller knows its terminal */
	const struct ft_line_finder *lines; /* NULL: without source lines */
};

struct ft_json_options {
	bool all_events;		    /* also of balanced, freed and unjudged folios */
	bool addresses;			    /* kernel addresses: they defeat KASLR */
	const struct ft_line_finder *lines; /* NULL: without source lines */
};

int ft_text__report(const struct ft_run *run, const struct ft_text_options *opts, FILE *out);
/* Every folio that is not hidden, with its story. */
int ft_text__timeline(const struct ft_run *run, const struct ft_text_options *opts, FILE *out);
int ft_json__document(const struct ft_run *run, const struct ft_json_options *opts, FILE *out);

#endif /* FT_RENDER_H */
