/* SPDX-License-Identifier: GPL-2.0 */
/* Captures of an exact source, operation by operation. */
#ifndef FT_TEST_OPERATIONS_H
#define FT_TEST_OPERATIONS_H

#include "support/scenarios.h"

/* The sites of these operations; site 2 is in a module. */
#define SITES                                                                                       \
	"{\"sites\": [{\"id\": 1, \"function\": \"get_it\", \"offset\": 16},"                       \
	"{\"id\": 2, \"function\": \"put_it\", \"offset\": 32, \"module\": \"test_hmm\"},"          \
	"{\"id\": 3, \"function\": \"hidden\", \"offset\": 48, \"refused\": \"notrace function\"}," \
	"{\"id\": 4, \"function\": \"hidden\", \"offset\": 64, \"refused\": \"notrace function\"}]}"
#define FRAMES                                                                                     \
	"{\"frames\": [{\"address\": 4096, \"function\": \"get_it\", \"offset\": 17},"             \
	"{\"address\": 8192, \"function\": \"caller\", \"offset\": 5},"                            \
	"{\"address\": -8192, \"function\": \"caller\", \"offset\": 9, \"module\": \"test_hmm\"}]}"

enum { GET = 1, PUT = 2 };

/* Begins a capture of an exact source, with SITES. */
struct capture_builder *operations__start(const char *source);
/* Ends and loads it. */
struct ft_run *operations__finish(struct capture_builder *m);
/* An anonymous page, mapped once. */
void operations__born(struct capture_builder *m, struct fixture *a);

#endif /* FT_TEST_OPERATIONS_H */
