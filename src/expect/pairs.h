/* SPDX-License-Identifier: GPL-2.0 */
/* The member "pairs" of an expectation: which put answered which get. */
#ifndef FT_EXPECT_PAIRS_H
#define FT_EXPECT_PAIRS_H

#include "expect/file.h"

/* Reads it from the document, if it is there. */
void pairs__read(struct file_reader *r, json_t *doc);
/* The value of the member, a row a line. 0 or -errno. */
int pairs__write(const struct ft_pairs *pairs, FILE *out);

#endif /* FT_EXPECT_PAIRS_H */
