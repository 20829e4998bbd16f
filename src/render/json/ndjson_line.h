/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events as lines of NDJSON: numbers, and values that jansson formatted once, are put into a
 * buffer.
 */
#ifndef FT_RENDER_JSON_NDJSON_LINE_H
#define FT_RENDER_JSON_NDJSON_LINE_H

#include "render.h"

#define NDJSON_BUFFER 65536
#define NDJSON_LINE_MAX 8192 /* bytes of one event: its values are bounded */
#define NDJSON_WORDS 4096    /* values of each sort kept at a time */

/* A formatted value; key: the pointer or number that it was made of. */
struct ndjson_word {
	uint64_t key;
	char *text;
	size_t size;
};

struct ndjson_line {
	const struct ft_run *run;
	const struct ft_line_finder *lines;
	FILE *out;
	char run_id[40];
	char *buffer, *at;
	char head[96]; /* what each line begins with, up to the folio's name */
	size_t head_size;
	struct ndjson_word *sites, *comms, *flags;
};

int ndjson_line__init(struct ndjson_line *l, const struct ft_run *run,
		      const struct ft_line_finder *lines, FILE *out);
void ndjson_line__free(struct ndjson_line *l);
/* 0, -ENOMEM, -EMSGSIZE (a value of more than NDJSON_LINE_MAX / 4 bytes), or the stream's
 * error. id 0: of no folio. */
int ndjson_line__event(struct ndjson_line *l, uint32_t id, const struct ft_event *e);
/* Writes out what is in the buffer. */
int ndjson_line__flush(struct ndjson_line *l);

#endif /* FT_RENDER_JSON_NDJSON_LINE_H */
