/* SPDX-License-Identifier: GPL-2.0 */
/* Made-up lives for the attribution; no name in them is in any table. */
#ifndef FT_TEST_REFERENCE_SEQUENCE_H
#define FT_TEST_REFERENCE_SEQUENCE_H

#include "core/attribution/rank.h"

/* A life told change by change; sites are numbered from 1. */
struct tale {
	struct ft_site site[40];
	struct ft_frame_name frame[3][2];
	const struct ft_frame_name *frames[3][2];
	struct ft_stack stack[3];
	struct ft_ref refs[2048];
	size_t nr;
	struct ft_ref next; /* what the next change has beside its site and delta */
	struct ft_classes classes;
	struct ft_tokens tokens;
	struct ft_attribution a;
};

struct tale *tale__new(void);
void tale__free(struct tale *t);
void tale__change(struct tale *t, int site, int delta);
/* Who is accused, if the life ends so. */
const struct ft_suspect *tale__best(struct tale *t, int64_t mapped, int64_t cached);
/* The number of its site. */
uint64_t tale__place(const struct tale *t, const struct ft_token *token);
/* The token of change number at, from 0. */
const struct ft_token *tale__token_at(const struct tale *t, int at);

#endif /* FT_TEST_REFERENCE_SEQUENCE_H */
