/* SPDX-License-Identifier: GPL-2.0 */
/* Captures of what the kernel does, with the counts that it was seen to have. */
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
/* Unmap as by the exit of the process, with so many references left. */
void scenario__unmap(struct capture_builder *m, struct fixture *a, int refs_left);
void scenario__die(struct capture_builder *m, struct fixture *a);

/* The leak that tests/modules/split_fail forces. fixed: with the put that its fix adds. */
void scenario__seed(struct capture_builder *m, bool fixed);
/* A pipe and a process that have a folio, and a driver's page that is still allocated. */
void scenario__owners(struct capture_builder *m);
void scenario__build(const char *name, struct capture_builder *m);

#endif /* FT_TEST_SCENARIOS_H */
