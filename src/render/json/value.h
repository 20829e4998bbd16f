/* SPDX-License-Identifier: GPL-2.0 */
/* What occurs in several documents, as jansson values: new references, NULL if out of memory. */
#ifndef FT_RENDER_JSON_VALUE_H
#define FT_RENDER_JSON_VALUE_H

#include <jansson.h>

#include "lines.h"
#include "model.h"

/* A string of any bytes (a comm, an argument): what is no UTF-8 becomes U+FFFD;
 * NULL becomes null. */
json_t *json_value__text(const char *s);
/* A sentence of render/reason.h; "" becomes null. */
json_t *json_value__sentence(const char *s);
/* The word of a reason, null if there is none. */
json_t *json_value__code(const struct ft_reason *reason);

/* With file, line and inlined functions, if lines finds them. */
json_t *json_value__site(const struct ft_site *site, const struct ft_line_finder *lines);
/* Innermost first; BPF trampolines are left out. s may be NULL. */
json_t *json_value__stack(const struct ft_stack *s, const struct ft_line_finder *lines);
/* What an expected count is made of. */
json_t *json_value__terms(const struct ft_expected *e);
/* Names of FT_PF_*. */
json_t *json_value__flags(uint32_t flags);
/* "F3", or null for 0. */
json_t *json_value__name(uint32_t id);

#endif /* FT_RENDER_JSON_VALUE_H */
