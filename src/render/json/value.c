// SPDX-License-Identifier: GPL-2.0
#include "render/json/value.h"

#include <stdlib.h>
#include <string.h>

#include "render/code_lines.h"
#include "render/json/member.h"
#include "render/names.h"

json_t *json_value__text(const char *s)
{
	static const char replacement[] = "\xef\xbf\xbd";
	json_t *v;
	char *copy, *to;

	if (!s)
		return json_null();
	v = json_string(s);
	if (v)
		return v;
	copy = malloc(strlen(s) * 3 + 1);
	if (!copy)
		return NULL;
	for (to = copy; *s; s++) {
		if ((unsigned char)*s < 0x80) {
			*to++ = *s;
			continue;
		}
		memcpy(to, replacement, 3);
		to += 3;
	}
	*to = '\0';
	v = json_string(copy);
	free(copy);
	return v;
}

json_t *json_value__sentence(const char *s)
{
	return json_value__text(*s ? s : NULL);
}

json_t *json_value__code(const struct ft_reason *reason)
{
	return json_value__text(ft_reason__name(reason->code));
}

json_t *json_value__flags(uint32_t flags)
{
	json_t *a = json_array();
	unsigned int n;
	uint32_t mask;
	const char *name;

	for (n = 0; (name = name__flag(n, &mask)); n++)
		if (flags & mask)
			json_array_append_new(a, json_string(name));
	return a;
}

json_t *json_value__terms(const struct ft_expected *e)
{
	json_t *o = json_object();
	int t;

	for (t = 0; t < FT_TERM_COUNT; t++)
		if (e->term[t])
			member__int(o, ft_term__name(t), e->term[t]);
	return o;
}

/* The last of lines is the function itself: its neighbours are inlined in it. */
static void set_lines(json_t *o, const struct ft_lines *lines)
{
	json_t *inlined, *l;
	uint32_t i;

	if (!lines)
		return;
	member__set(o, "file", json_value__text(lines->line[0].file));
	member__int(o, "line", lines->line[0].line);
	inlined = json_array();
	for (i = 0; i + 1 < lines->nr; i++) {
		l = json_object();
		member__set(l, "function", json_value__text(lines->line[i].function));
		member__set(l, "called_from_file", json_value__text(lines->line[i + 1].file));
		member__int(l, "called_from_line", lines->line[i + 1].line);
		json_array_append_new(inlined, l);
	}
	member__set(o, "inlined", inlined);
}

json_t *json_value__site(const struct ft_site *site, const struct ft_line_finder *lines)
{
	json_t *o = json_object();

	member__set(o, "function", json_value__text(site->function));
	member__int(o, "offset", site->offset);
	if (site->module)
		member__set(o, "module", json_value__text(site->module));
	set_lines(o, lines__of_site(lines, site));
	return o;
}

json_t *json_value__name(uint32_t id)
{
	return id ? json_string(name__of(id).s) : json_null();
}

json_t *json_value__stack(const struct ft_stack *s, const struct ft_line_finder *lines)
{
	json_t *a = json_array(), *o;
	uint32_t i;

	for (i = 0; s && i < s->depth; i++) {
		o = json_object();
		member__set(o, "function", json_value__text(s->frames[i]->function));
		member__int(o, "offset", s->frames[i]->offset);
		if (s->frames[i]->module)
			member__set(o, "module", json_value__text(s->frames[i]->module));
		set_lines(o, lines__of_frame(lines, s->frames[i]));
		json_array_append_new(a, o);
	}
	return a;
}
