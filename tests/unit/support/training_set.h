/* SPDX-License-Identifier: GPL-2.0 */
/* The folio lifetimes of a capture, and the model learned from the balanced ones. */
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

/* Reads and learns. Any failure ends the program. */
void training_set__open(struct training_set *s, FILE *f);
void training_set__close(struct training_set *s);
/* Learns from the balanced lifetimes without a token of this class; FT_NO_CLASS: from all
 * of them. */
void training_set__learn(struct training_set *s, uint32_t without, struct ft_model *model);
/* Makes s->tokens of a lifetime that ends like this. May repair the order of its refs. */
void training_set__tokens(struct training_set *s, struct test_folio *folio,
			  const struct ft_ref_end *end);

#endif /* FT_TEST_TRAINING_SET_H */
