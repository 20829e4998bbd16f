/* SPDX-License-Identifier: GPL-2.0 */
/* Members of an expectation's file, one by one, each error with its place. */
#ifndef FT_EXPECT_FILE_H
#define FT_EXPECT_FILE_H

#include <jansson.h>

#include "expect.h"
#include "expect/locate.h"

#define READER_IGNORED_MAX 8

struct ft_arena;

/*
 * What is being read, and where. The first thing wrong stays in code and err; what
 * is asked for after it is answered with nothing, so that members can be read in a
 * row without a test behind each.
 */
struct file_reader {
	const char *path, *text;
	size_t size;
	struct locate_path at;
	struct ft_expectation *e;
	struct ft_arena *arena;
	struct ft_error *err;
	int code;
};

/* The path to what is read now: by name, or by index if name is NULL. */
void file__push(struct file_reader *r, const char *name, size_t index);
void file__pop(struct file_reader *r);
/* The value on top of the path is wrong. */
void file__wrong(struct file_reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void file__no_memory(struct file_reader *r);
/* NULL: it is not there, or null. If it is needed, that is wrong. */
json_t *file__member(struct file_reader *r, json_t *o, const char *name, bool needed);
/* NULL: it is not there; needed ones are never NULL nor empty. */
const char *file__text(struct file_reader *r, json_t *o, const char *name, bool needed);
int64_t file__integer(struct file_reader *r, json_t *v);
/* N, or {"min": N, "max": N}. */
struct ft_range file__range(struct file_reader *r, json_t *o, const char *name, bool is_count);
/* Calls one for a single value, or each of an array that is not empty. */
void file__each(struct file_reader *r, json_t *o, const char *name,
		void (*one)(struct file_reader *r, json_t *v, void *out), void *out);
/* Misspelt ones would be silently without effect. known ends with NULL. */
void file__note_unknown(struct file_reader *r, json_t *o, const char *const *known);

#endif /* FT_EXPECT_FILE_H */
