/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Holder evidence: which holder a reference is for, by what the folio shows before and
 * after the operation.
 */
#ifndef FT_CORE_ATTRIBUTION_HOLD_H
#define FT_CORE_ATTRIBUTION_HOLD_H

#include "core/attribution/refs.h"
#include "core/attribution/tokens.h"

/* Sets hold of each token of refs. rest: what the folio shows after the last of them. */
void ft_tokens__mark_holders(struct ft_tokens *tokens, const struct ft_classes *classes,
			     const struct ft_ref *refs, size_t nr, const struct ft_ref *rest);

#endif /* FT_CORE_ATTRIBUTION_HOLD_H */
