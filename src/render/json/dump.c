// SPDX-License-Identifier: GPL-2.0
#include "render/json/dump.h"

#include <errno.h>
#include <string.h>

#include "render/stream.h"

/* Tokens on their way to the stream. jansson calls back for each, and an fwrite() for each, with
 * its lock, would be a fifth of an export. */
struct tokens {
	FILE *out;
	size_t len;
	char text[8192];
};

static int flush(struct tokens *t)
{
	size_t len = t->len;

	t->len = 0;
	return fwrite(t->text, 1, len, t->out) == len ? 0 : -1;
}

static int add(const char *s, size_t len, void *arg)
{
	struct tokens *t = arg;

	if (len > sizeof(t->text) - t->len && flush(t))
		return -1;
	if (len > sizeof(t->text))
		return fwrite(s, 1, len, t->out) == len ? 0 : -1;
	memcpy(t->text + t->len, s, len);
	t->len += len;
	return 0;
}

int dump__value(json_t *o, size_t flags, FILE *out)
{
	struct tokens t;
	int err = 0;

	if (!o)
		return -ENOMEM;
	t.out = out;
	t.len = 0;
	if (json_dump_callback(o, add, &t, flags) || flush(&t))
		err = stream__error(out) ? stream__error(out) : -EINVAL;
	json_decref(o);
	return err;
}
