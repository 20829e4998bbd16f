/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs that serve many hooks each (bpf/multi.bpf.h), on kernels that can attach one program to
 * many functions: a tenth of the programs to verify, attached and detached in one system call each.
 */
#ifndef FT_CAPTURE_ATTACH_MULTI_H
#define FT_CAPTURE_ATTACH_MULTI_H

#include <stdbool.h>

#include "capture/attach/hook_set.h"

#define MULTI_LINKS_MAX 256

struct multi {
	bool usable;
	int enter, leave; /* enum bpf_attach_type, as this kernel numbers them */
	int links[MULTI_LINKS_MAX];
	int nr_links;
};

/* By existence in BTF: bpf_trampoline_multi_attach() of kernel/bpf/trampoline.c. */
void multi__find(struct multi *m, const struct btf *btf);
/* Marks the hooks that are served as shared, and loads the programs for them. */
void multi__prepare(const struct multi *m, struct hook_set *set, const struct folio_trace *skel);
/* Attaches. If the kernel refuses a hook, it has the error. */
void multi__arm(struct multi *m, struct hook_set *set, const struct folio_trace *skel);
void multi__disarm(struct multi *m);

#endif /* FT_CAPTURE_ATTACH_MULTI_H */
