// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/format/meta_reader.h"

void reader__wrong(struct reader *r, const char *path, const char *what)
{
	if (!r->code)
		r->code = ft_fail(r->err, -EINVAL, FT_EXIT_FAILURE,
				  "%s: the %s frame %s \"%s\"; it was not written by this format's "
				  "folio-trace",
				  r->meta->name, r->frame, what, path);
}

void reader__out_of_memory(struct reader *r)
{
	if (!r->code)
		r->code = ft_fail(r->err, -ENOMEM, FT_EXIT_FAILURE, "%s: out of memory",
				  r->meta->name);
}

void *reader__alloc(struct reader *r, size_t nr, size_t size)
{
	void *p = ft_arena__alloc(r->meta->arena, nr, size);

	if (!p)
		reader__out_of_memory(r);
	return p;
}

void reader__add_site(struct reader *r, struct ft_site *site, const char *path)
{
	int code = r->code ? 0 : ft_sites__add(r->meta->sites, !site->inlined, site);

	if (code == -ENOMEM)
		reader__out_of_memory(r);
	else if (code)
		reader__wrong(r, path, "has a number out of range in");
}

json_t *reader__find(json_t *o, const char *path)
{
	while (o && *path) {
		size_t len = strcspn(path, ".");
		char key[32];

		if (len >= sizeof(key))
			return NULL;
		memcpy(key, path, len);
		key[len] = '\0';
		o = json_object_get(o, key);
		path += len + (path[len] == '.');
	}
	return json_is_null(o) ? NULL : o;
}

json_t *reader__need(struct reader *r, json_t *o, const char *path)
{
	json_t *v = reader__find(o, path);

	if (!v)
		reader__wrong(r, path, "lacks the member");
	return v;
}

const char *reader__copy(struct reader *r, json_t *v, const char *path)
{
	char *s;

	if (!v)
		return NULL;
	if (!json_is_string(v)) {
		reader__wrong(r, path, "has no string in");
		return NULL;
	}
	s = ft_arena__strdup(r->meta->arena, json_string_value(v));
	if (!s)
		reader__out_of_memory(r);
	return s;
}

const char *reader__string(struct reader *r, json_t *o, const char *path)
{
	return reader__copy(r, reader__need(r, o, path), path);
}

const char *reader__string_or_null(struct reader *r, json_t *o, const char *path)
{
	return reader__copy(r, reader__find(o, path), path);
}

int64_t reader__number(struct reader *r, json_t *v, const char *path)
{
	char *end;
	uint64_t n;

	if (!v)
		return 0;
	if (json_is_integer(v))
		return json_integer_value(v);
	if (json_is_string(v)) {
		errno = 0;
		n = strtoull(json_string_value(v), &end, 0);
		if (!errno && !*end && end != json_string_value(v))
			return (int64_t)n;
	}
	reader__wrong(r, path, "has no number in");
	return 0;
}

int64_t reader__integer(struct reader *r, json_t *o, const char *path)
{
	return reader__number(r, reader__need(r, o, path), path);
}

uint64_t reader__count(struct reader *r, json_t *o, const char *path, uint64_t max)
{
	int64_t n = reader__integer(r, o, path);

	if (n < 0 || (uint64_t)n > max) {
		reader__wrong(r, path, "has a number out of range in");
		return 0;
	}
	return (uint64_t)n;
}

bool reader__boolean(struct reader *r, json_t *o, const char *path)
{
	json_t *v = reader__need(r, o, path);

	if (v && !json_is_boolean(v))
		reader__wrong(r, path, "has no true or false in");
	return json_is_true(v);
}

json_t *reader__parse(struct reader *r, const struct ft_frame *frame)
{
	json_error_t e;
	json_t *root = json_loadb((const char *)frame->data, frame->size, 0, &e);

	if (!root)
		r->code = ft_fail(r->err, -EINVAL, FT_EXIT_FAILURE,
				  "%s: the %s frame is no JSON: %s", r->meta->name, r->frame,
				  e.text);
	else if (!json_is_object(root))
		r->code = ft_fail(r->err, -EINVAL, FT_EXIT_FAILURE,
				  "%s: the %s frame is no JSON object", r->meta->name, r->frame);
	return root;
}

static const char *interned(struct reader *r, const char *s)
{
	if (!s)
		return NULL;
	s = ft_strings__intern(r->meta->strings, s);
	if (!s)
		reader__out_of_memory(r);
	return s;
}

const char *reader__name(struct reader *r, json_t *o, const char *path)
{
	json_t *v = reader__need(r, o, path);

	if (v && !json_is_string(v)) {
		reader__wrong(r, path, "has no string in");
		return NULL;
	}
	return interned(r, json_string_value(v));
}

const char *reader__name_or_null(struct reader *r, json_t *o, const char *path)
{
	return interned(r, json_string_value(reader__find(o, path)));
}

void reader__rows(struct reader *r, json_t *rows, const char *path,
		  void (*read_row)(struct reader *, json_t *))
{
	json_t *o;
	size_t i;

	if (!rows)
		return;
	if (!json_is_array(rows)) {
		reader__wrong(r, path, "has no array in");
		return;
	}
	json_array_foreach(rows, i, o) {
		read_row(r, o);
		if (r->code)
			return;
	}
}
