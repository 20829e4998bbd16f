/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FT_RENDER_JSON_DUMP_H
#define FT_RENDER_JSON_DUMP_H

#include <jansson.h>
#include <stdio.h>

/*
 * Writes o and drops the reference to it; flags are jansson's. 0, -ENOMEM (also if o is
 * NULL: making our values fails for want of memory only), or the stream's error.
 */
int dump__value(json_t *o, size_t flags, FILE *out);

#endif /* FT_RENDER_JSON_DUMP_H */
