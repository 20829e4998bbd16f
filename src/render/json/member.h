/* SPDX-License-Identifier: GPL-2.0 */
/* Members of an object, added one by one. Without memory left a member is missing. */
#ifndef FT_RENDER_JSON_MEMBER_H
#define FT_RENDER_JSON_MEMBER_H

#include <jansson.h>
#include <stdint.h>

/* Takes value. */
void member__set(json_t *o, const char *key, json_t *value);
void member__int(json_t *o, const char *key, int64_t n);
/* null for FT_UNKNOWN: a count that could not be read is never a number. */
void member__count(json_t *o, const char *key, int32_t n);
/* As text in hex: a JSON number loses bits above 2^53 in most readers. */
void member__address(json_t *o, const char *key, uint64_t address);

#endif /* FT_RENDER_JSON_MEMBER_H */
