/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the tests of the site finder. Include it after cmocka.h. */
#ifndef FT_TEST_FINDER_BYTES_H
#define FT_TEST_FINDER_BYTES_H

#include <stdlib.h>
#include <string.h>

#include "site.h"

#define BASE 0xffffffff81000000ULL

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15 };

/* As 6.12 and 7.3 lay struct page and struct folio out. */
static const struct ft_finder finder_73 = {
	.refcount = 0x34,
	.lru = 8,
	.deferred_list = 144,
	.sizeof_page = 64,
};

struct found {
	struct ft_insn_site *sites;
	size_t nr;
};

/* Copies the bytes into a buffer of exactly this size, so that ASan finds a read past it. */
static inline struct found scan(const struct ft_finder *f, const uint8_t *bytes, size_t size)
{
	uint8_t *text = malloc(size ? size : 1);
	struct found found = { 0 };

	assert_non_null(text);
	memcpy(text, bytes, size);
	assert_int_equal(ft_finder__scan(f, text, size, BASE, &found.sites, &found.nr), 0);
	free(text);
	return found;
}

static inline void assert_nr_sites(struct found found, size_t nr)
{
	assert_int_equal(found.nr, nr);
	free(found.sites);
}

#endif /* FT_TEST_FINDER_BYTES_H */
