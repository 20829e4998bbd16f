/* SPDX-License-Identifier: GPL-2.0 */
/* Made-up sequences of gets and puts for the attribution. No function name in them is in
 * any table of the core. */
#ifndef FT_TEST_REFERENCE_SEQUENCE_H
#define FT_TEST_REFERENCE_SEQUENCE_H

#include "core/attribution/learn.h"
#include "core/attribution/rank.h"
#include "core/attribution/tokenize.h"

/* A folio lifetime, change by change. Sites are numbered from 1. */
struct sequence {
	struct ft_site site[40];
	struct ft_frame_name frame[3][2];
	const struct ft_frame_name *frames[3][2];
	struct ft_stack stack[3];
	struct ft_ref refs[2048];
	size_t nr;
	struct ft_ref next; /* the state at the next change */
	struct ft_classes classes;
	struct ft_tokens tokens;
	struct ft_attribution a;
};

struct sequence *sequence__new(void);
void sequence__free(struct sequence *t);
void sequence__change(struct sequence *t, int site, int delta);
/* The first suspect, if the lifetime ends with these references. */
const struct ft_suspect *sequence__best(struct sequence *t, int64_t mapped, int64_t cached);
/* The number of the token's site. */
uint64_t sequence__place(const struct sequence *t, const struct ft_token *token);
/* The token of the change with this number, from 0. */
const struct ft_token *sequence__token_at(const struct sequence *t, int at);

#endif /* FT_TEST_REFERENCE_SEQUENCE_H */
