/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The watermark: the operation after which the count was still in order (of an over-put:
 * was already as wrong as at the end). What lies on its other side is cleared.
 */
#ifndef FT_CORE_ATTRIBUTION_WATERMARK_H
#define FT_CORE_ATTRIBUTION_WATERMARK_H

#include "core/attribution/refs.h"
#include "core/attribution/tokens.h"

/* Sets watermark and breaks of tokens, and cleared and unput of each of them. rest: what
 * the folio shows after the last of refs. */
void ft_tokens__clear(struct ft_tokens *tokens, const struct ft_ref *refs, size_t nr,
		      const struct ft_ref *rest);

#endif /* FT_CORE_ATTRIBUTION_WATERMARK_H */
