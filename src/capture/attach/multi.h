/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The programs that serve many hooks each (bpf/multi.bpf.h), where the kernel can
 * attach one program to many functions: a tenth of the programs to verify, and
 * attached and removed in one go.
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
/* Marks the hooks that are served, and has just the programs loaded that they need. */
void multi__prepare(const struct multi *m, struct hook_set *set, const struct folio_trace *skel);
/* Attaches; what the kernel refuses is noted with the hook. */
void multi__arm(struct multi *m, struct hook_set *set, const struct folio_trace *skel);
void multi__disarm(struct multi *m);

#endif /* FT_CAPTURE_ATTACH_MULTI_H */
