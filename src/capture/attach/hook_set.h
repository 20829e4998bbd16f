/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hooks of the hook table (include/hooks.h) that the running kernel has, by existence in its
 * BTF, never by version.
 */
#ifndef FT_CAPTURE_ATTACH_HOOK_SET_H
#define FT_CAPTURE_ATTACH_HOOK_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "hooks.h"

struct btf;
struct folio_trace; /* the skeleton */

enum hook_state { HOOK_ABSENT = 0, HOOK_FOUND, HOOK_ATTACHED, HOOK_FAILED };

struct hook_info {
	const char *function;
	enum ft_role role;
	enum hook_state state;
	uint8_t return_size; /* bytes; 0: void here */
	bool shared;	     /* served by programs that serve many hooks (multi.h) */
	int btf_id;	     /* of the function */
	int error;	     /* -errno when failed */
};

struct hook_set {
	struct hook_info hook[FT_HOOK_COUNT]; /* by enum ft_hook */
};

/* page_ref: with the tracepoints of CONFIG_DEBUG_PAGE_REF. */
void hook_set__choose(struct hook_set *set, const struct btf *btf, bool page_ref);
/* As if the kernel had no function of this role. */
void hook_set__leave_out(struct hook_set *set, enum ft_role role);
/*
 * Makes libbpf take the BTF ids of the functions from here, instead of walking the kernel's BTF for
 * each program. The set must stay until the programs are loaded, and be of the BTF of the running
 * kernel. 0 or -errno.
 */
int hook_set__use_ids(const struct hook_set *set, const struct btf *btf);
/* Whether the kernel has CONFIG_DEBUG_PAGE_REF, by its tracepoints in BTF. */
bool hook_set__has_page_ref(const struct btf *btf);
/* Loads the programs of the hooks found, and of no others. */
void hook_set__autoload(const struct hook_set *set, const struct folio_trace *skel);

#endif /* FT_CAPTURE_ATTACH_HOOK_SET_H */
