/* SPDX-License-Identifier: GPL-2.0 */
/* Events as lines of NDJSON, fast: numbers and ready-made words into a buffer. */
#ifndef FT_RENDER_JSON_NDJSON_LINE_H
#define FT_RENDER_JSON_NDJSON_LINE_H

#include "render.h"

#define NDJSON_BUFFER 65536
#define NDJSON_LINE_MAX 8192 /* bytes of one event: its words are bounded */
#define NDJSON_WORDS 4096    /* kept at a time of each sort */

/* A value that jansson wrote, by the pointer or number that it stands for. */
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
	char head[96]; /* each line's beginning, up to the folio's name */
	size_t head_size;
	struct ndjson_word *sites, *comms, *flags;
};

int ndjson_line__init(struct ndjson_line *l, const struct ft_run *run,
		      const struct ft_line_finder *lines, FILE *out);
void ndjson_line__free(struct ndjson_line *l);
/* 0, -ENOMEM, or the stream's error. id 0: of no folio. */
int ndjson_line__event(struct ndjson_line *l, uint32_t id, const struct ft_event *e);
/* What is in the buffer goes to the stream. */
int ndjson_line__flush(struct ndjson_line *l);

#endif /* FT_RENDER_JSON_NDJSON_LINE_H */
