/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FT_RENDER_JSON_HEAD_H
#define FT_RENDER_JSON_HEAD_H

#include <jansson.h>

#include "model.h"

/* Everything but the folios; a new reference, NULL: no memory left. */
json_t *json_head__object(const struct ft_run *run);

#endif /* FT_RENDER_JSON_HEAD_H */
