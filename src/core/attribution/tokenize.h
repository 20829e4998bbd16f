/* SPDX-License-Identifier: GPL-2.0 */
/* Makes the tokens of a folio lifetime from its refs. */
#ifndef FT_CORE_ATTRIBUTION_TOKENIZE_H
#define FT_CORE_ATTRIBUTION_TOKENIZE_H

#include "core/attribution/refs.h"
#include "core/attribution/tokens.h"

/*
 * Repairs the order of refs in place (the clocks of two CPUs differ a little) and makes
 * tokens of them. tokens is filled again from call to call, zeroed at first. Sites and
 * stacks of refs must outlive tokens and classes. 0 or -ENOMEM.
 */
int ft_tokens__of(struct ft_tokens *tokens, struct ft_classes *classes, struct ft_ref *refs,
		  size_t nr, const struct ft_ref_end *end);
/* The same, but none is taken out: they may be more than the assignment takes. */
int ft_tokens__read(struct ft_tokens *tokens, struct ft_classes *classes, struct ft_ref *refs,
		    size_t nr, const struct ft_ref_end *end);
void ft_tokens__free(struct ft_tokens *tokens);

#endif /* FT_CORE_ATTRIBUTION_TOKENIZE_H */
