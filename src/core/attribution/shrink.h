/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The assignment takes a lifetime of ordinary length. Blocks of references (a large
 * folio enters the page cache with 512 at once) and very long lifetimes lose the pairs
 * first that cannot be in doubt; the difference of gets and puts stays the same.
 */
#ifndef FT_CORE_ATTRIBUTION_SHRINK_H
#define FT_CORE_ATTRIBUTION_SHRINK_H

#include "core/attribution/tokens.h"

/* Takes pairs out of tokens until they fit, and keeps them as they were in whole. Sets coarse
 * if pairs in doubt had to go. 0 or -ENOMEM. */
int ft_tokens__shrink(struct ft_tokens *tokens);

#endif /* FT_CORE_ATTRIBUTION_SHRINK_H */
