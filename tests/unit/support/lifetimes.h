/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Folio lifetimes as text, written by tests/attribution/extract.c and convert.py:
 *
 *   SITE number function+offset module
 *   STACK number function+offset ...         without the site's own frame
 *   FOLIO folios born|adopted died|split|alive|unread|unowned refcount mapped cached events [swapped]
 *   E t_ns task entry_seq site stack op delta count mapped cached lru
 *     [pinned [maps raised lowered interrupt]]
 *
 * Lifetimes that differ only in times and tasks are one, with the number of folios.
 */
#ifndef FT_TEST_LIFETIMES_H
#define FT_TEST_LIFETIMES_H

#include <stdio.h>

#include "core/attribution/learn.h"
#include "core/attribution/rank.h"
#include "core/attribution/tokenize.h"

struct test_folio {
	uint64_t folios; /* that had this lifetime */
	bool born, died, split, alive;
	bool swapped; /* it was in the swap cache */
	int32_t refcount, mapped, cached;
	struct ft_ref *refs;
	size_t nr;
};

struct folios {
	struct test_folio *list;
	size_t nr, room;
	struct ft_site **sites;
	struct ft_stack **stacks;
	char **names;
	size_t nr_sites, nr_stacks, nr_names;
};

/* Owns all it points to. Ends the program on a file that cannot be read. */
void folios__read(struct folios *folios, FILE *f);
void folios__free(struct folios *folios);
/* "function+offset" of a site, for comparisons; in buf. */
const char *site_text(const struct ft_site *site, char *buf, size_t size);
bool test_folio__is_surplus(const struct test_folio *folio);
bool test_folio__is_balanced(const struct test_folio *folio);
struct ft_ref_end test_folio__end(const struct test_folio *folio);

#endif /* FT_TEST_LIFETIMES_H */
