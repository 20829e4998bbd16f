/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FT_RENDER_JSON_FOLIO_H
#define FT_RENDER_JSON_FOLIO_H

#include <jansson.h>

#include "render.h"

/* A folio as in the document; a new reference, NULL: no memory left. */
json_t *json_folio__object(const struct ft_run *run, const struct ft_folio *folio,
			   const struct ft_json_options *opts);

#endif /* FT_RENDER_JSON_FOLIO_H */
