/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sites of the running kernel and its modules, and what became of each. Scanning adds to the
 * table (scan.h), arming goes through it (arm.h).
 */
#ifndef FT_CAPTURE_SITES_SITE_TABLE_H
#define FT_CAPTURE_SITES_SITE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "capture/kernel/kernel.h"
#include "capture/kernel/symbols.h"
#include "site.h"

enum site_state {
	SITE_FOUND = 0, /* in the text; no probe was asked for yet */
	SITE_DEFINED,	/* the kernel has a probe there, the BPF program does not know it yet */
	SITE_PROBED,	/* both know it */
	SITE_REFUSED,	/* there is no probe, error says why */
};

struct site {
	struct ft_insn_site insn;
	uint32_t id;		   /* in the capture: FT_SITE_FIRST + index */
	uint64_t start;		   /* of its function */
	uint32_t function, module; /* offsets into the symbols' strings; module 0: the kernel */
	enum site_state state;
	int error; /* -errno of a refused one, else 0 */
};

struct site_table {
	const struct kernel *kernel;
	const char *glob; /* only sites in functions that match; NULL: all */
	struct symbols symbols;
	struct site *sites;
	size_t nr;
};

/* Adds those of the instructions found that lie in a function of the module; 0 or -ENOMEM. */
int site_table__add(struct site_table *t, uint32_t module, const struct ft_insn_site *found,
		    size_t nr);
void site_table__refuse(struct site *site, int error);
/* A name of a site, by its offset. */
const char *site_table__string(const struct site_table *t, uint32_t at);
void site_table__free(struct site_table *t);

#endif /* FT_CAPTURE_SITES_SITE_TABLE_H */
