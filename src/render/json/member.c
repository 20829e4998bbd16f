// SPDX-License-Identifier: GPL-2.0
#include "render/json/member.h"

#include <inttypes.h>
#include <stdio.h>

#include "model.h"

void member__set(json_t *o, const char *key, json_t *value)
{
	json_object_set_new(o, key, value);
}

void member__int(json_t *o, const char *key, int64_t n)
{
	json_object_set_new(o, key, json_integer((json_int_t)n));
}

void member__count(json_t *o, const char *key, int32_t n)
{
	json_object_set_new(o, key, n == FT_UNKNOWN ? json_null() : json_integer(n));
}

void member__address(json_t *o, const char *key, uint64_t address)
{
	char hex[24];

	snprintf(hex, sizeof(hex), "0x%" PRIx64, address);
	json_object_set_new(o, key, json_string(hex));
}
