/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Expectations: what counts the folios of a good run have, as rules, and how a
 * run compares with them. Independent of addresses, PFNs, times and scheduling.
 *
 * A reading is a folio's count at rest, or at a checkpoint of a device migration.
 * The first rule that matches a reading judges it. A folio whose count at rest no
 * rule judges is judged by the model: its surplus is to be 0.
 */
#ifndef FT_EXPECT_H
#define FT_EXPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "error.h"
#include "model.h"
#include "pairs.h"
#include "reason.h"

/* The file's version: include/folio-trace-expect.schema.json. */
#define FT_EXPECT_VERSION 1
#define FT_EXPECT_BYTES_MAX (4U << 20)
#define FT_EXPECT_RULES_MAX 4096 /* and as many waivers */

#define FT_AT_FINAL (-1) /* at rest; else enum ft_checkpoint_at */

struct ft_range {
	bool set;
	int64_t min, max;
};

enum ft_match_role { FT_ROLE_ANY, FT_ROLE_SRC, FT_ROLE_DST };

/* Globs are fnmatch(3)'s; NULL, 0 and -1: any. */
struct ft_match {
	int at;
	uint64_t orders;  /* bit N: order N */
	uint32_t kinds;	  /* bit of enum ft_kind */
	uint32_t classes; /* bit of enum ft_owner_class: whose the first unit is that it lost */
	enum ft_match_role role;
	int src_is_dst;
	const char *function; /* the checkpoint's, or one that the folio went through */
	const char *comm;     /* of the task at the checkpoint, or of one that met the folio */
	const char *argv;     /* the traced command's words, a blank between */
};

enum ft_field { FT_FIELD_REFCOUNT, FT_FIELD_MAPCOUNT, FT_FIELD_SURPLUS, FT_FIELD_COUNT };

struct ft_rule {
	const char *name; /* never NULL */
	const char *comment;
	int line; /* in its file; 0: not from one */
	struct ft_match match;
	struct ft_range field[FT_FIELD_COUNT]; /* surplus: beyond what was there before */
	struct ft_range folios;		       /* how many */
};

/* A leak that is known: its lost reference was taken (or put) at this site. */
struct ft_waiver {
	const char *function; /* glob */
	const char *module;   /* glob; NULL: any */
	uint64_t orders;
	uint32_t kinds;
	uint32_t classes; /* whose it was */
	const char *reason;
	const char *until; /* a kernel release: from it on, this waives nothing */
	int line;
};

struct ft_expectation {
	const char *path; /* NULL: not from a file */
	const char *comment;
	bool strict; /* pages that are still allocated are a finding */
	struct ft_rule *rules;
	size_t nr_rules;
	struct ft_waiver *waivers;
	size_t nr_waivers;
	struct ft_pairs pairs; /* what the good runs taught about references */
	const char **ignored;  /* "line:column: 'name'": members that are not known */
	size_t nr_ignored;
	void *arena; /* owner of all of the above */
};

/* Reads a file. Errors say "path:line:column: what is wrong", FT_EXIT_FAILURE. */
int ft_expectation__read(const char *path, struct ft_expectation **out, struct ft_error *err);
/* As a file that people can read and edit. 0 or -errno. */
int ft_expectation__write(const struct ft_expectation *e, FILE *out);
void ft_expectation__free(struct ft_expectation *e);
/* Whether some rule needs the events of all folios, not those of bad ones alone. */
bool ft_expectation__needs_events(const struct ft_expectation *e);

/* Makes an expectation of good runs. */
struct ft_teacher;

struct ft_learn_options {
	bool counts;	   /* how many folios exactly, too */
	const char *waive; /* reason: known leaks become waivers; NULL: they are refused */
	const char *until; /* of these waivers */
};

/* NULL: no memory left. opts must stay. */
struct ft_teacher *ft_teacher__new(const struct ft_learn_options *opts);
void ft_teacher__free(struct ft_teacher *l);
/* A run that is not good is refused; name is for the error. The run may be freed after. */
int ft_teacher__add(struct ft_teacher *l, const struct ft_run *run, const char *name,
		    struct ft_error *err);
/* What was learned; *out is the caller's to free. Error: no memory. */
int ft_teacher__finish(struct ft_teacher *l, struct ft_expectation **out, struct ft_error *err);

enum ft_test { FT_TEST_PASS, FT_TEST_FAIL, FT_TEST_SKIP };

struct ft_deviation {
	const struct ft_folio *folio;
	const struct ft_checkpoint *checkpoint; /* NULL: at rest */
	enum ft_field field;
	struct ft_range expected;
	int64_t seen;
};

struct ft_rule_result {
	enum ft_test test;
	uint64_t folios, readings;
	struct ft_reason reason; /* of a skip, or of a wrong number of folios */
	struct ft_deviation *deviations;
	size_t nr_deviations;
};

enum ft_waiver_state { FT_WAIVER_UNUSED, FT_WAIVER_USED, FT_WAIVER_EXPIRED };

struct ft_waiver_result {
	enum ft_waiver_state state;
	uint64_t folios; /* waived by it, or, if expired, that it would have */
};

/* A run compared. Both it and the expectation must outlive it. */
struct ft_check {
	const struct ft_run *run;
	const struct ft_expectation *expectation; /* NULL: the model alone */
	struct ft_rule_result *rules;		  /* of nr_rules */
	struct ft_waiver_result *waivers;	  /* of nr_waivers */
	struct ft_rule_result model;		  /* what no rule judges */
	bool strict;				  /* allocated is judged, too */
	struct ft_rule_result allocated;	  /* kernel and driver pages that are still there */
	uint64_t waived;			  /* folios */
	uint64_t excused;			  /* folios off the model that a rule expects so */
	bool events_missing;			  /* a deviation's folio has no events to show */
	enum ft_run_verdict verdict;
	struct ft_reason reason; /* for inconclusive */
	void *arena;
};

/* strict: as if the expectation said so. 0 or -ENOMEM; *out is the caller's to free. */
int ft_check__run(const struct ft_run *run, const struct ft_expectation *e, bool strict,
		  struct ft_check **out);
void ft_check__free(struct ft_check *c);

/* "final", or the name of the checkpoint. */
const char *ft_at__name(int at);
int ft_at__parse(const char *name, int *at); /* 0 or -EINVAL */
const char *ft_field__name(enum ft_field f);
/* -1, 0, 1 by the numbers that releases begin with: "7.3.4-x" < "7.10". */
int ft_release__compare(const char *a, const char *b);

#endif /* FT_EXPECT_H */
