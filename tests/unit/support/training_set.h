/* SPDX-License-Identifier: GPL-2.0 */
/* The lives of a capture, and what its balanced ones teach. */
#ifndef FT_TEST_TRAINING_SET_H
#define FT_TEST_TRAINING_SET_H

#include "support/lifetimes.h"

struct training_set {
	struct folios folios;
	struct ft_classes classes;
	struct ft_model model;
	struct ft_tokens tokens; /* scratch */
};

#define FT_NO_CLASS UINT32_MAX

/* Reads and learns. Whatever fails ends the program. */
void training_set__open(struct training_set *s, FILE *f);
void training_set__close(struct training_set *s);
/* What all balanced lives teach that have no token of this class; FT_NO_CLASS: all. */
void training_set__learn(struct training_set *s, uint32_t without, struct ft_model *model);
/* Tokens of a life that ends so, in s->tokens; may put its refs in another order. */
void training_set__tokens(struct training_set *s, struct test_folio *folio,
			  const struct ft_ref_end *end);

#endif /* FT_TEST_TRAINING_SET_H */
