/* SPDX-License-Identifier: GPL-2.0 */
/* Captures of what happens in the kernel, as folio-refcounts.md measured it. */
#ifndef FT_TEST_SCENARIOS_H
#define FT_TEST_SCENARIOS_H

#include "support/capture_builder.h"

struct scenario {
	const char *name;
	void (*record)(struct capture_builder *m);
};

extern const struct scenario scenarios[];
extern const size_t nr_scenarios;

/* Fault of an anonymous folio by folio_add_new_anon_rmap. */
void scenario__fault(struct capture_builder *m, struct fixture *a);
/* Unmapped by the exit of the process, freed if nothing is left. */
void scenario__unmap(struct capture_builder *m, struct fixture *a, int refs_left);
void scenario__die(struct capture_builder *m, struct fixture *a);

/* The seed: fixed adds the put that the right fix adds. */
void scenario__seed(struct capture_builder *m, bool fixed);
void timeline__build(const char *name, struct capture_builder *m);

#endif /* FT_TEST_SCENARIOS_H */
