/* SPDX-License-Identifier: GPL-2.0 */
/* Runs for the tests of renderers, as the core would make them of a capture. */
#ifndef FT_TEST_FIXTURE_RUN_H
#define FT_TEST_FIXTURE_RUN_H

#include "model.h"

/* The leak that tests/modules/split_fail forces: a PMD split fails, and a put is missing. Then
 * with the put. */
struct ft_run *fixture__leak(void);
struct ft_run *fixture__fixed(void);
/* Fifty leaks that are alike, an over-put, inconclusive folios, lost events, a hook that
 * could not be attached. */
struct ft_run *fixture__many(void);
/* One leaked folio with thousands of events. */
struct ft_run *fixture__long(void);
/* Exact events of the inline source, names with control characters, no snapshot. */
struct ft_run *fixture__odd(void);

/* A folio of each sort of owner: proved, possible, gone, robbed, still allocated. */
struct ft_run *fixture__owners(void);

void fixture__free(struct ft_run *run);

#endif /* FT_TEST_FIXTURE_RUN_H */
