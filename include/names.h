/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of the model's enums, as JSON and text have them: part of the format, they never
 * change. Constant strings; "unknown" for a value that has none.
 */
#ifndef FT_NAMES_H
#define FT_NAMES_H

#include "folio.h"
#include "run.h"

const char *ft_severity__name(enum ft_severity s);			   /* "unreachable", ... */
const char *ft_conservation_state__name(enum ft_conservation_state state); /* "holds", ... */
const char *ft_verdict__name(enum ft_verdict v);			   /* "leak", ... */
const char *ft_run_verdict__name(enum ft_run_verdict v);		   /* "pass", ... */
const char *ft_kind__name(enum ft_kind k);				   /* "anon", ... */
const char *ft_term__name(enum ft_term t);				   /* "mappings", ... */
const char *ft_op__name(const struct ft_event *e);			   /* "get", "map", ... */
const char *ft_checkpoint__name(enum ft_checkpoint_at at); /* "remove_migration_ptes:entry" */
const char *ft_confidence__name(enum ft_confidence c);

#endif /* FT_NAMES_H */
