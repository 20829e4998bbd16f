/* SPDX-License-Identifier: GPL-2.0 */
/* The lives of a capture, and what its balanced ones teach. */
#ifndef FT_TEST_TRAINING_SET_H
#define FT_TEST_TRAINING_SET_H

#include "support/lives.h"

struct school {
	struct lives lives;
	struct ft_classes classes;
	struct ft_model model;
	struct ft_tokens tokens; /* scratch */
};

#define FT_NO_CLASS UINT32_MAX

/* Reads and learns. Whatever fails ends the program. */
void school__open(struct school *s, FILE *f);
void school__close(struct school *s);
/* What all balanced lives teach that have no token of this class; FT_NO_CLASS: all. */
void school__learn(struct school *s, uint32_t without, struct ft_model *model);
/* Tokens of a life that ends so, in s->tokens; may put its refs in another order. */
void school__tokens(struct school *s, struct test_life *life, const struct ft_ref_end *end);

#endif /* FT_TEST_TRAINING_SET_H */
