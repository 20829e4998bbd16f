/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FT_CORE_ATTRIBUTION_PAIR_MODEL_H
#define FT_CORE_ATTRIBUTION_PAIR_MODEL_H

#include "core/attribution/learn.h"

/* One get was answered by put (NULL: by nobody) on so many lives. */
int ft_model__add(struct ft_model *model, const struct ft_token *get, const struct ft_token *put,
		  double weight, uint64_t folios);

#endif /* FT_CORE_ATTRIBUTION_PAIR_MODEL_H */
