/* SPDX-License-Identifier: GPL-2.0 */
/* One pass of the finder over a text: where it is, and what it has found. */
#ifndef FT_SITEFINDER_SCAN_H
#define FT_SITEFINDER_SCAN_H

#include "site.h"

struct scan {
	const struct ft_finder *f;
	const uint8_t *text, *end;
	uint64_t base;
	size_t function; /* the first one that ends behind where we are */
	/* By function, its cold part included: the registers that may point at a refcount. */
	uint16_t *pointers;
	struct ft_insn_site **sites;
	size_t *nr, first, room;
};

struct scan scan__of(const struct ft_finder *f, const void *text, size_t size, uint64_t base,
		     struct ft_insn_site **sites, size_t *nr_sites);
/* The index of the function that p is in. */
uint32_t scan__function_at(struct scan *s, const uint8_t *p);
/* That of which it is the cold part, or itself. */
uint32_t scan__whole_function(const struct ft_finder *f, uint32_t function);
/* Completes a site whose operation is at p and has size bytes. 0 or -ENOMEM. */
int scan__add(struct scan *s, const uint8_t *p, size_t size, struct ft_insn_site *site);
/* Calls one function at each byte of one value, until it returns an error. */
int scan__each(struct scan *s, uint8_t byte, int (*try)(struct scan *, const uint8_t *));
/* One site a probe address: of bytes that can be read in two ways, the rule first in enum. */
void scan__merge(struct scan *s);

#endif /* FT_SITEFINDER_SCAN_H */
