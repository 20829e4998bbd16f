/* SPDX-License-Identifier: GPL-2.0 */
/* Reads members of the JSON frames. */
#ifndef FT_CORE_FORMAT_META_READER_H
#define FT_CORE_FORMAT_META_READER_H

#include <jansson.h>

#include "core/format/frame.h"
#include "core/format/meta_tables.h"

/*
 * One frame being read. The first error stays in code and err; after it every function
 * returns 0, NULL or false, so that the caller can read member after member and test
 * code once.
 */
struct reader {
	struct ft_meta *meta;
	const char *frame;
	struct ft_error *err;
	int code;
};

void reader__wrong(struct reader *r, const char *path, const char *what);
void reader__out_of_memory(struct reader *r);
/* Of the run's arena, zeroed; NULL: no memory, which is noted. */
void *reader__alloc(struct reader *r, size_t nr, size_t size);
/* Unless something was wrong with it. */
void reader__add_site(struct reader *r, struct ft_site *site, const char *path);
/* path: members joined by dots. NULL if not there, or null. */
json_t *reader__find(json_t *o, const char *path);
json_t *reader__need(struct reader *r, json_t *o, const char *path);
const char *reader__copy(struct reader *r, json_t *v, const char *path);
const char *reader__string(struct reader *r, json_t *o, const char *path);
const char *reader__string_or_null(struct reader *r, json_t *o, const char *path);
/* JSON's integers are signed here: a kernel address comes as "0x…" or negative. */
int64_t reader__number(struct reader *r, json_t *v, const char *path);
int64_t reader__integer(struct reader *r, json_t *o, const char *path);
uint64_t reader__count(struct reader *r, json_t *o, const char *path, uint64_t max);
bool reader__boolean(struct reader *r, json_t *o, const char *path);
/* Interned. */
const char *reader__name(struct reader *r, json_t *o, const char *path);
const char *reader__name_or_null(struct reader *r, json_t *o, const char *path);
void reader__rows(struct reader *r, json_t *rows, const char *path,
		  void (*read_row)(struct reader *, json_t *));
json_t *reader__parse(struct reader *r, const struct ft_frame *frame);

#endif /* FT_CORE_FORMAT_META_READER_H */
