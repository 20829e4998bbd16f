/* SPDX-License-Identifier: GPL-2.0 */
/* Why units that are left at rest may not be lost. */
#ifndef FT_CORE_VERDICT_EXCUSE_H
#define FT_CORE_VERDICT_EXCUSE_H

#include "core/verdict/left.h"

/* By the state of the folio and of the run; no reason if there is none. Who took the
 * units is another question. */
struct ft_reason ft_analysis__excuse(const struct ft_analysis *c, const struct ft_left *left);
/*
 * By what boundaries can tell, which see no operation. FT_REASON_NONE: nobody can have
 * them, or they are known to be lost in a device migration or an isolation.
 */
struct ft_reason ft_analysis__excuse_unseen(const struct ft_analysis *c,
					    const struct ft_left *left);
/* Whether a task that is gone isolated the folio, which was not put back since. */
bool ft_analysis__is_isolated(const struct ft_analysis *c);

#endif /* FT_CORE_VERDICT_EXCUSE_H */
