/* SPDX-License-Identifier: GPL-2.0 */
/* Runs made by hand for the renderers' tests: what the core would make of a
 * capture, without a capture. */
#ifndef FT_TEST_FIXTURE_RUN_H
#define FT_TEST_FIXTURE_RUN_H

#include "model.h"

/* The seed's case: PMD split failed, no put; with the put; */
struct ft_run *fixture__leak(void);
struct ft_run *fixture__fixed(void);
/* Fifty alike, one over-put, undecided ones, lost events, a hook refused. */
struct ft_run *fixture__many(void);
/* One leaked folio with thousands of events. */
struct ft_run *fixture__long(void);
/* Exact events of the inline source, hostile names, nothing readable. */
struct ft_run *fixture__odd(void);

void fixture__free(struct ft_run *run);

#endif /* FT_TEST_FIXTURE_RUN_H */
