/* SPDX-License-Identifier: GPL-2.0 */
/* Coverage, loss and accounting of the document. New references, NULL: no memory left. */
#ifndef FT_RENDER_JSON_ACCOUNTING_H
#define FT_RENDER_JSON_ACCOUNTING_H

#include <jansson.h>

#include "model.h"

json_t *json_accounting__coverage(const struct ft_run *run);
json_t *json_accounting__loss(const struct ft_run *run);
/* What the probes counted; null without the inline source. */
json_t *json_accounting__probes(const struct ft_run *run);
json_t *json_accounting__violations(const struct ft_run *run);
/* null unless two exact sources ran side by side. */
json_t *json_accounting__comparison(const struct ft_run *run);

#endif /* FT_RENDER_JSON_ACCOUNTING_H */
