/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The BPF programs of a session, by include/programs.h: which hook each serves, when
 * it is attached, what a skipped run of it loses.
 */
#ifndef FT_CAPTURE_ATTACH_PROGRAM_TABLE_H
#define FT_CAPTURE_ATTACH_PROGRAM_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "programs.h"

struct bpf_program;
struct folio_trace; /* the skeleton */

/* A row of the table. Just one of hook, roles and when is not 0. */
struct program {
	size_t at;	     /* of its bpf_program in the skeleton */
	enum ft_hook hook;   /* the only one that it serves */
	uint32_t roles;	     /* it serves all hooks of these, FT_ROLE_BIT() */
	enum ft_when when;   /* it belongs to the session */
	bool at_return;	     /* with roles */
	enum ft_loses loses; /* by a run that is skipped */
};

/* All rows, in the order in which they are to be attached. */
extern const struct program program_table[];
extern const size_t nr_programs;

struct bpf_program *program__of(const struct folio_trace *skel, const struct program *row);
/* The row of a program by the name that libbpf gives it; NULL: it is not in the table. */
const struct program *program__named(const struct folio_trace *skel, const char *name);

#endif /* FT_CAPTURE_ATTACH_PROGRAM_TABLE_H */
