// SPDX-License-Identifier: GPL-2.0
#include "render/json/dump.h"

#include <errno.h>

#include "render/stream.h"

int dump__value(json_t *o, size_t flags, FILE *out)
{
	int err = 0;

	if (!o)
		return -ENOMEM;
	if (json_dumpf(o, out, flags))
		err = stream__error(out) ? stream__error(out) : -EINVAL;
	json_decref(o);
	return err;
}
