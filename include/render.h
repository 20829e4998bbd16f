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

#include "expect.h"
#include "diff.h"
#include "lines.h"
#include "model.h"
#include "why.h"

/* The JSON document's version: include/folio-trace.schema.json. */
#define FT_SCHEMA_VERSION 1

struct ft_text_options {
	bool verbose;			    /* every folio, whole timelines, nothing summed up */
	bool colour;			    /* the caller knows its terminal */
	const struct ft_line_finder *lines; /* NULL: without source lines */
};

struct ft_json_options {
	bool all_events;		    /* also of balanced, freed and unjudged folios */
	bool no_events;			    /* of no folio */
	bool addresses;			    /* kernel addresses: they defeat KASLR */
	const struct ft_line_finder *lines; /* NULL: without source lines */
};

int ft_text__report(const struct ft_run *run, const struct ft_text_options *opts, FILE *out);
/* Every folio that is not hidden, with its story. */
int ft_text__timeline(const struct ft_run *run, const struct ft_text_options *opts, FILE *out);
int ft_text__why(const struct ft_run *run, const struct ft_why *why,
		 const struct ft_text_options *opts, FILE *out);
/* name_a, name_b: what the runs were read from. */
int ft_text__diff(const struct ft_diff *diff, const char *name_a, const char *name_b,
		  const struct ft_text_options *opts, FILE *out);
int ft_json__diff(const struct ft_diff *diff, FILE *out);
int ft_json__why(const struct ft_run *run, const struct ft_why *why,
		 const struct ft_json_options *opts, FILE *out);
int ft_json__document(const struct ft_run *run, const struct ft_json_options *opts, FILE *out);

/* Where the events of an NDJSON stream come from. */
struct ft_ndjson_source {
	/* All of them, to be given to fn one by one; NULL: those that the lives have. */
	int (*each)(void *arg, ft_event_fn fn, void *fn_arg);
	void *arg;
};

/*
 * One record a line: run, its events, then per folio itself, its checkpoints, its
 * findings (definitions/ndjson of the schema). opts->all_events as in a document;
 * source (or NULL) is used with it.
 */
int ft_ndjson__write(const struct ft_run *run, const struct ft_json_options *opts,
		     const struct ft_ndjson_source *source, FILE *out);

/* What differs from the expectation, and the stories of the folios that do. */
int ft_text__check(const struct ft_check *c, const struct ft_text_options *opts, FILE *out);

/*
 * What a command wrote, made into lines that fit into KTAP whatever they were: its
 * own results, if it wrote TAP, else nothing but diagnostics. Bounded; results that
 * its plan promised and that never came are told as failures.
 */
struct ft_tap;

struct ft_tap *ft_tap__new(void); /* NULL: no memory left */
void ft_tap__free(struct ft_tap *tap);
/* Pieces as they are read, in any size. */
void ft_tap__feed(struct ft_tap *tap, const char *data, size_t size);
/* The last piece has come. 0 or -ENOMEM, if some of it could not be kept. */
int ft_tap__end(struct ft_tap *tap);

/* What a document of tests is made of. */
struct ft_test_report {
	const struct ft_check *check;		  /* NULL: nothing could be run */
	const struct ft_expectation *expectation; /* NULL: the model alone */
	const char *why;			  /* without check: the reason */
	/* the traced command as a test of its own, before the rules; or NULL */
	const char *command;
	bool command_passed;
	const char *command_why;	    /* "exit status 1"; NULL: it has none */
	struct ft_tap *tap;		    /* ended; NULL: its output is not there */
	const struct ft_line_finder *lines; /* NULL: without source lines */
};

int ft_ktap__document(const struct ft_test_report *report, FILE *out);
int ft_junit__document(const struct ft_test_report *report, FILE *out);

#endif /* FT_RENDER_H */
