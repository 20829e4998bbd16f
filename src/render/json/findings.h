/* SPDX-License-Identifier: GPL-2.0 */
/* What is wrong, once for all folios that it is wrong with. */
#ifndef FT_RENDER_JSON_FINDINGS_H
#define FT_RENDER_JSON_FINDINGS_H

#include <jansson.h>

#include "model.h"

/* A new reference; NULL: no memory left. */
json_t *json_findings__array(const struct ft_run *run);

#endif /* FT_RENDER_JSON_FINDINGS_H */
