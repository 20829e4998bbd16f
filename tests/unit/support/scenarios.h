/* SPDX-License-Identifier: GPL-2.0 */
/* Captures of what happens in the kernel, as folio-refcounts.md measured it. */
#ifndef FT_TEST_SCENARIOS_H
#define FT_TEST_SCENARIOS_H

#include "support/capture_builder.h"

struct story {
	const char *name;
	void (*tell)(struct maker *m);
};

extern const struct story stories[];
extern const size_t nr_stories;

/* Fault of an anonymous folio by folio_add_new_anon_rmap. */
void story__fault(struct maker *m, struct actor *a);
/* Unmapped by the exit of the process, freed if nothing is left. */
void story__unmap(struct maker *m, struct actor *a, int refs_left);
void story__die(struct maker *m, struct actor *a);

/* The seed: fixed adds the put that the right fix adds. */
void story__seed(struct maker *m, bool fixed);
void story__tell(const char *name, struct maker *m);

#endif /* FT_TEST_SCENARIOS_H */
