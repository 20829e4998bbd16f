/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the running kernel has of the hook table (include/hooks.h), and which BPF
 * programs go with it. Decided by existence in BTF, never by version.
 */
#ifndef FT_CAPTURE_ATTACH_HOOK_SET_H
#define FT_CAPTURE_ATTACH_HOOK_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "hooks.h"

struct bpf_object;
struct bpf_program;
struct btf;

enum hook_state { HOOK_ABSENT = 0, HOOK_FOUND, HOOK_ATTACHED, HOOK_FAILED };

struct hook_info {
	const char *function;
	enum ft_role role;
	enum hook_state state;
	uint8_t return_size; /* bytes; 0: void here */
	bool shared;	     /* served by programs that serve many (multi.h) */
	int btf_id;	     /* of the function */
	int error;	     /* -errno when failed */
};

struct hook_set {
	struct hook_info hook[FT_HOOK_COUNT]; /* by enum ft_hook */
};

/* page_ref: those tracepoints are wanted. */
void hook_set__choose(struct hook_set *set, const struct btf *btf, bool page_ref);
/*
 * Has libbpf take the numbers of the functions from here, instead of walking the
 * kernel's BTF for each program. The set must live as long as programs are
 * loaded, and be of the running kernel's own BTF. 0 or -errno.
 */
int hook_set__use_numbers(const struct hook_set *set, const struct btf *btf);
/* CONFIG_DEBUG_PAGE_REF, by its tracepoints in BTF. */
bool hook_set__has_page_ref(const struct btf *btf);
/* Loads the programs of the hooks found, and no others. */
void hook_set__autoload(const struct hook_set *set, struct bpf_object *obj);
/* The nth program of a hook in the order to attach them; *more is false after the
 * last. NULL: the hook has none of that kind. */
struct bpf_program *hook_set__program(const struct bpf_object *obj, const struct hook_info *h,
				      unsigned int n, bool *more);
/* The hook that a program, known by its name, belongs to, or NULL. */
struct hook_info *hook_set__of(struct hook_set *set, const struct bpf_object *obj,
			       const char *program_name);
/* Does this program open or close lives? Its twin's misses are harmless. */
bool hook_set__sees_lifetimes(const struct hook_set *set, const struct bpf_object *obj,
			      const struct bpf_program *p);

#endif /* FT_CAPTURE_ATTACH_HOOK_SET_H */
