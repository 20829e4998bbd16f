// SPDX-License-Identifier: GPL-2.0
/*
 * jansson keeps no positions. But with JSON_DISABLE_EOF_CHECK json_loadb() reads one value and
 * returns its length in error.position. So the values before the wanted one are read again.
 */
#include "expect/locate.h"

#include <jansson.h>
#include <stdbool.h>
#include <string.h>

struct cursor {
	const char *at, *end;
};

static void skip(struct cursor *c, const char *what)
{
	while (c->at < c->end && strchr(what, *c->at))
		c->at++;
}

/* Reads one value; the caller's to free. NULL: there is none. */
static json_t *value(struct cursor *c)
{
	json_error_t e;
	json_t *v = json_loadb(c->at, (size_t)(c->end - c->at),
			       JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &e);

	if (v)
		c->at += e.position;
	return v;
}

#define BLANK " \t\r\n"

/* To the value of the member, or the element with that index. */
static bool enter(struct cursor *c, const char *name, size_t index)
{
	for (size_t i = 0;; i++) {
		bool found = !name && i == index;
		json_t *v;

		skip(c, BLANK ",");
		if (c->at == c->end || strchr("]}", *c->at))
			return false;
		if (name) {
			v = value(c);
			found = v && !strcmp(json_string_value(v), name);
			json_decref(v);
			skip(c, BLANK ":");
		}
		if (found)
			return true;
		v = value(c);
		if (!v)
			return false;
		json_decref(v);
	}
}

struct locate_position locate(const char *text, size_t size, const struct locate_path *path)
{
	struct cursor c = { text, text + size };
	struct locate_position p = { 1, 1 };
	const char *at;

	skip(&c, BLANK);
	at = c.at;
	for (unsigned int i = 0; i < path->nr; i++) {
		if (c.at == c.end || *c.at != (path->step[i].name ? '{' : '['))
			break;
		c.at++;
		if (!enter(&c, path->step[i].name, path->step[i].index))
			break;
		at = c.at;
	}
	for (const char *s = text; s < at; s++) {
		if (*s == '\n')
			p = (struct locate_position){ p.line + 1, 1 };
		else if ((*s & 0xc0) != 0x80) /* a character's first byte */
			p.column++;
	}
	return p;
}
