// SPDX-License-Identifier: GPL-2.0
#include "expect/file.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "core/util/arena.h"

void file__push(struct file_reader *r, const char *name, size_t index)
{
	r->at.step[r->at.nr].name = name;
	r->at.step[r->at.nr++].index = index;
}

void file__pop(struct file_reader *r)
{
	r->at.nr--;
}

/* "rules[3].expect.refcount" */
static void path_words(const struct file_reader *r, char *words, size_t size)
{
	size_t n = 0;

	words[0] = '\0';
	for (unsigned int i = 0; i < r->at.nr && n < size; i++)
		if (r->at.step[i].name)
			n += (size_t)snprintf(words + n, size - n, "%s%s", i ? "." : "",
					      r->at.step[i].name);
		else
			n += (size_t)snprintf(words + n, size - n, "[%zu]", r->at.step[i].index);
}

__attribute__((format(printf, 2, 3))) void file__wrong(struct file_reader *r, const char *fmt, ...)
{
	struct locate_position p;
	char what[256], where[96];
	va_list args;

	if (r->code)
		return;
	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	p = locate(r->text, r->size, &r->at);
	path_words(r, where, sizeof(where));
	r->code = ft_fail(r->err, -EINVAL, FT_EXIT_FAILURE, "%s:%d:%d: %s%s%s", r->path, p.line,
			  p.column, where, *where ? ": " : "", what);
}

void file__no_memory(struct file_reader *r)
{
	if (!r->code)
		r->code = ft_fail(r->err, -ENOMEM, FT_EXIT_FAILURE, "out of memory");
}

static const char *copy(struct file_reader *r, const char *s)
{
	const char *c = ft_arena__strdup(r->arena, s);

	if (!c)
		file__no_memory(r);
	return c ? c : "";
}

json_t *file__member(struct file_reader *r, json_t *o, const char *name, bool needed)
{
	json_t *v = json_object_get(o, name);

	if (v && !json_is_null(v))
		return v;
	if (needed)
		file__wrong(r, "the member \"%s\" is missing", name);
	return NULL;
}

const char *file__text(struct file_reader *r, json_t *o, const char *name, bool needed)
{
	json_t *v = file__member(r, o, name, needed);
	const char *s = NULL;

	if (!v)
		return needed ? "" : NULL;
	file__push(r, name, 0);
	if (!json_is_string(v))
		file__wrong(r, "must be a string");
	else if (needed && !*json_string_value(v))
		file__wrong(r, "is empty");
	else
		s = copy(r, json_string_value(v));
	file__pop(r);
	return s ? s : "";
}

void file__note_unknown(struct file_reader *r, json_t *o, const char *const *known)
{
	const char *name;
	json_t *v;

	json_object_foreach(o, name, v) {
		const char *const *k = known;
		struct locate_position p;

		while (*k && strcmp(*k, name))
			k++;
		if (*k || r->code || r->e->nr_ignored == READER_IGNORED_MAX)
			continue;
		file__push(r, name, 0);
		p = locate(r->text, r->size, &r->at);
		file__pop(r);
		r->e->ignored[r->e->nr_ignored] =
			ft_arena__printf(r->arena, "%s:%d:%d: unknown member \"%.60s\" is ignored",
					 r->path, p.line, p.column, name);
		if (r->e->ignored[r->e->nr_ignored])
			r->e->nr_ignored++;
	}
}

int64_t file__integer(struct file_reader *r, json_t *v)
{
	if (!json_is_integer(v))
		file__wrong(r, "must be a whole number");
	return json_integer_value(v);
}

struct ft_range file__range(struct file_reader *r, json_t *o, const char *name, bool is_count)
{
	struct ft_range range = { .min = is_count ? 0 : INT64_MIN, .max = INT64_MAX };
	static const char *const known[] = { "min", "max", NULL };
	json_t *v = file__member(r, o, name, false), *min, *max;

	if (!v)
		return range;
	range.set = true;
	file__push(r, name, 0);
	if (!json_is_object(v)) {
		if (json_is_integer(v))
			range.min = range.max = json_integer_value(v);
		else
			file__wrong(r, "must be a whole number or {\"min\": ..., \"max\": ...}");
	} else {
		file__note_unknown(r, v, known);
		min = file__member(r, v, "min", false);
		max = file__member(r, v, "max", false);
		if (!min && !max)
			file__wrong(r, "has neither \"min\" nor \"max\"");
		range.min = min ? file__integer(r, min) : range.min;
		range.max = max ? file__integer(r, max) : range.max;
		if (range.min > range.max)
			file__wrong(r, "\"min\" is greater than \"max\"");
	}
	if (is_count && range.min < 0)
		file__wrong(r, "must not be below 0");
	file__pop(r);
	return range;
}

void file__each(struct file_reader *r, json_t *o, const char *name,
		void (*one)(struct file_reader *r, json_t *v, void *out), void *out)
{
	json_t *v = file__member(r, o, name, false), *item;
	size_t i;

	if (!v)
		return;
	file__push(r, name, 0);
	if (!json_is_array(v)) {
		one(r, v, out);
	} else {
		if (!json_array_size(v))
			file__wrong(r, "is an empty list: nothing would match");
		json_array_foreach(v, i, item) {
			file__push(r, NULL, i);
			one(r, item, out);
			file__pop(r);
		}
	}
	file__pop(r);
}
