/* SPDX-License-Identifier: GPL-2.0 */
/* Who has the units of a folio's counts. New references, NULL: no memory left. */
#ifndef FT_RENDER_JSON_OWNERS_H
#define FT_RENDER_JSON_OWNERS_H

#include <jansson.h>

#include "model.h"

json_t *json_owners__array(const struct ft_run *run, const struct ft_folio *folio);
json_t *json_owners__units(const struct ft_units *units);
/* The search for living owners; null if the capture does not say whether there was one. */
json_t *json_owners__search(const struct ft_run *run);
json_t *json_owners__still_allocated(const struct ft_run *run);

#endif /* FT_RENDER_JSON_OWNERS_H */
