/* SPDX-License-Identifier: GPL-2.0 */
/* What ran after a lost get in its call, and did not put it. */
#ifndef FT_CORE_ATTRIBUTION_SCOPE_H
#define FT_CORE_ATTRIBUTION_SCOPE_H

#include "core/attribution/attributor.h"

/* Sets lost->in and lost->scope by the boundaries that were seen. */
int ft_interval__format(struct ft_attributor *attributor, const struct ft_folio *folio,
			struct ft_lost *lost);

#endif /* FT_CORE_ATTRIBUTION_SCOPE_H */
