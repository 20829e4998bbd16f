/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Renderers: an analysed run becomes text, JSON, NDJSON, KTAP or JUnit on a stream. They only
 * read the model, and so print the same bytes for a run each time and on every machine. All
 * return 0, -ENOMEM, or -errno of a failed write; what was written until then is incomplete.
 * The caller owns all arguments, flushes and closes the stream.
 */
#ifndef FT_RENDER_H
#define FT_RENDER_H

#include <stdbool.h>
#include <stdio.h>

#include "diff.h"
#include "expect.h"
#include "lines.h"
#include "model.h"
#include "reason.h"
#include "why.h"

/* The JSON document's version: include/folio-trace.schema.json. */
#define FT_SCHEMA_VERSION 1

struct ft_text_options {
	bool verbose;			    /* all folios, whole timelines, no line joined */
	bool colour;			    /* with escape sequences */
	bool strict;			    /* pages that are still allocated are a finding */
	const struct ft_line_finder *lines; /* NULL: without source lines */
};

struct ft_json_options {
	bool all_events;		    /* of balanced, freed and unjudged folios, too */
	bool no_events;			    /* of no folio; overrides all_events */
	bool addresses;			    /* kernel addresses: they defeat KASLR */
	const struct ft_line_finder *lines; /* NULL: without source lines */
};

int ft_text__report(const struct ft_run *run, const struct ft_text_options *opts, FILE *out);
/* The timeline of every folio that a filter has not hidden. */
int ft_text__timeline(const struct ft_run *run, const struct ft_text_options *opts, FILE *out);
int ft_text__why(const struct ft_run *run, const struct ft_why *why,
		 const struct ft_text_options *opts, FILE *out);
/* name_a, name_b: the captures' file names. */
int ft_text__diff(const struct ft_diff *diff, const char *name_a, const char *name_b,
		  const struct ft_text_options *opts, FILE *out);
int ft_json__diff(const struct ft_diff *diff, FILE *out);
int ft_json__why(const struct ft_run *run, const struct ft_why *why,
		 const struct ft_json_options *opts, FILE *out);
int ft_json__document(const struct ft_run *run, const struct ft_json_options *opts, FILE *out);

/* A source of all events of a run, for captures that are larger than memory. */
struct ft_ndjson_source {
	/* Calls fn for each event in the order of the capture; returns 0 or -errno, which is fn's
	 * if that is not 0. */
	int (*each)(void *arg, ft_event_fn fn, void *fn_arg);
	void *arg;
};

/*
 * NDJSON, one record a line (definitions/ndjson of the schema): the run; with a source and
 * opts->all_events all events; then for each folio its events (without such a source), the
 * folio, its checkpoints and findings. source may be NULL.
 */
int ft_ndjson__write(const struct ft_run *run, const struct ft_json_options *opts,
		     const struct ft_ndjson_source *source, FILE *out);

/* What differs from the expectation, and the timelines of the folios that differ. */
int ft_text__check(const struct ft_check *c, const struct ft_text_options *opts, FILE *out);

/*
 * The output of a command, made fit for KTAP: if it is TAP, its results, else diagnostics
 * only. Its memory is bounded. Results that its plan promised and that are missing become
 * failures.
 */
struct ft_tap;

struct ft_tap *ft_tap__new(void); /* NULL: no memory left */
void ft_tap__free(struct ft_tap *tap);
/* The next piece of the output; a line may be in several. */
void ft_tap__feed(struct ft_tap *tap, const char *data, size_t size);
/* After the last piece. 0, or -ENOMEM: some of it could not be kept. */
int ft_tap__end(struct ft_tap *tap);

/* A document of tests; all pointers are the caller's. */
struct ft_test_report {
	const struct ft_check *check;		  /* NULL: nothing could be run */
	const struct ft_expectation *expectation; /* NULL: the model alone */
	bool strict;				  /* without check: it would be so */
	const char *why;			  /* without check: the reason */
	/* name of the traced command, which is a test before the rules; NULL: it is none */
	const char *command;
	bool command_passed;
	const char *command_why;	    /* "exit status 1"; may be NULL */
	struct ft_tap *tap;		    /* its output, ended; NULL: was not kept */
	const struct ft_line_finder *lines; /* NULL: without source lines */
};

int ft_ktap__document(const struct ft_test_report *report, FILE *out);
int ft_junit__document(const struct ft_test_report *report, FILE *out);

#endif /* FT_RENDER_H */
