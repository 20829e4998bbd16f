/* SPDX-License-Identifier: GPL-2.0 */
/* Folios that were there before, with exact sources: what they gained, and from whom. */
#ifndef FT_CORE_FOLIO_BASELINE_H
#define FT_CORE_FOLIO_BASELINE_H

#include "core/folio/lifetime.h"

/* The surplus of an adopted folio where it is lowest for sure; 0 or more. */
int64_t ft_analysis__lowest_surplus(const struct ft_analysis *c);

struct ft_surplus_origin {
	bool exact;		      /* every reference gained since is known */
	bool ours;		      /* ... and none of it by a task outside of the command */
	const struct ft_event *other; /* else: a get by such a task */
};

/* Of the surplus beyond base that the folio has at rest. */
struct ft_surplus_origin ft_analysis__surplus_origin(const struct ft_analysis *c, int64_t base);

#endif /* FT_CORE_FOLIO_BASELINE_H */
