// SPDX-License-Identifier: GPL-2.0
/*
 * The JSON document. jansson makes every value; only the frame around the array
 * of folios is written here, one folio a line, so that a run of 200,000 folios
 * needs the memory of one.
 */
#include <errno.h>
#include <jansson.h>

#include "render.h"
#include "render/json/dump.h"
#include "render/json/folio.h"
#include "render/json/head.h"
#include "render/stream.h"

/* One member a line, for people and for diff. */
static int dump_head(json_t *head, FILE *out)
{
	const char *key;
	json_t *value;
	int err = 0;

	json_object_foreach(head, key, value) {
		err = dump__value(json_pack("{s:O}", key, value), JSON_EMBED, out);
		if (err)
			break;
		fputs(",\n", out);
	}
	json_decref(head);
	return err;
}

int ft_json__document(const struct ft_run *run, const struct ft_json_options *opts, FILE *out)
{
	const char *sep = "\n";
	size_t i;
	int err;

	errno = 0;
	fputs("{\n", out);
	err = dump_head(json_head__object(run), out);
	if (err)
		return err;
	fputs("\"folios\": [", out);
	for (i = 0; i < run->nr_folios; i++) {
		if (run->folios[i]->hidden)
			continue;
		fputs(sep, out);
		sep = ",\n";
		err = dump__value(json_folio__object(run, run->folios[i], opts), 0, out);
		if (err)
			return err;
	}
	fputs("\n]}\n", out);
	return stream__error(out);
}
