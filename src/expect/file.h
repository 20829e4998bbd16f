/* SPDX-License-Identifier: GPL-2.0 */
/* Reads members of an expectation file. Errors have a line and a column. */
#ifndef FT_EXPECT_FILE_H
#define FT_EXPECT_FILE_H

#include <jansson.h>

#include "expect.h"
#include "expect/locate.h"

#define READER_IGNORED_MAX 8

struct ft_arena;

/*
 * The file, and the place in it that is read. The first error stays in code and err; the
 * functions below do nothing then, so that a caller need not test after each member.
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

/* One step down to what is read next, by name, or by index if name is NULL; and back. */
void file__push(struct file_reader *r, const char *name, size_t index);
void file__pop(struct file_reader *r);
/* An error at the value on top of the path. */
void file__wrong(struct file_reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void file__no_memory(struct file_reader *r);
/* A borrowed reference; NULL: absent or null, which is an error if needed. */
json_t *file__member(struct file_reader *r, json_t *o, const char *name, bool needed);
/* A copy in the arena. NULL: absent; with needed never NULL, "" after an error. */
const char *file__text(struct file_reader *r, json_t *o, const char *name, bool needed);
int64_t file__integer(struct file_reader *r, json_t *v);
/* N, or {"min": N, "max": N}. */
struct ft_range file__range(struct file_reader *r, json_t *o, const char *name, bool is_count);
/* Calls one for a single value, or each of an array that is not empty. */
void file__each(struct file_reader *r, json_t *o, const char *name,
		void (*one)(struct file_reader *r, json_t *v, void *out), void *out);
/* Adds a warning for each member that is not in known, which ends with NULL: a misspelt one
 * would have no effect, and nobody would notice. */
void file__note_unknown(struct file_reader *r, json_t *o, const char *const *known);

#endif /* FT_EXPECT_FILE_H */
