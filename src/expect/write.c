// SPDX-License-Identifier: GPL-2.0
/* An expectation as a file for people to read and edit: one member of a rule a line. */
#include <errno.h>
#include <jansson.h>

#include "expect.h"
#include "expect/pairs.h"

static json_t *range_value(const struct ft_range *r)
{
	json_t *o;

	if (r->min == r->max)
		return json_integer(r->min);
	o = json_object();
	if (r->min != INT64_MIN)
		json_object_set_new(o, "min", json_integer(r->min));
	if (r->max != INT64_MAX)
		json_object_set_new(o, "max", json_integer(r->max));
	return o;
}

static void set_text(json_t *o, const char *name, const char *s)
{
	if (s)
		json_object_set_new(o, name, json_string(s));
}

static void set_orders(json_t *o, uint64_t orders)
{
	json_t *list = json_array();

	for (int i = 0; i < 64; i++)
		if (orders >> i & 1)
			json_array_append_new(list, json_integer(i));
	if (json_array_size(list) == 1)
		json_object_set(o, "order", json_array_get(list, 0));
	else if (json_array_size(list))
		json_object_set(o, "order", list);
	json_decref(list);
}

static void set_kinds(json_t *o, uint32_t kinds)
{
	json_t *list = json_array();

	for (int i = 0; i <= FT_KIND_TYPED; i++)
		if (kinds >> i & 1)
			json_array_append_new(list, json_string(ft_kind__name((enum ft_kind)i)));
	if (json_array_size(list) == 1)
		json_object_set(o, "kind", json_array_get(list, 0));
	else if (json_array_size(list))
		json_object_set(o, "kind", list);
	json_decref(list);
}

static void set_classes(json_t *o, uint32_t classes)
{
	json_t *list = json_array();

	for (int i = 0; i < FT_OWNER_COUNT; i++)
		if (classes >> i & 1)
			json_array_append_new(
				list, json_string(ft_owner_class__name((enum ft_owner_class)i)));
	if (json_array_size(list) == 1)
		json_object_set(o, "class", json_array_get(list, 0));
	else if (json_array_size(list))
		json_object_set(o, "class", list);
	json_decref(list);
}

static json_t *match_object(const struct ft_match *m)
{
	json_t *o = json_object();

	set_text(o, "at", ft_at__name(m->at));
	set_kinds(o, m->kinds);
	set_orders(o, m->orders);
	set_classes(o, m->classes);
	if (m->role != FT_ROLE_ANY)
		set_text(o, "role", m->role == FT_ROLE_DST ? "dst" : "src");
	if (m->src_is_dst >= 0)
		json_object_set_new(o, "src_is_dst", json_boolean(m->src_is_dst));
	set_text(o, "function", m->function);
	set_text(o, "comm", m->comm);
	set_text(o, "argv", m->argv);
	return o;
}

static json_t *expect_object(const struct ft_rule *r)
{
	json_t *o = json_object();

	for (int f = 0; f < FT_FIELD_COUNT; f++)
		if (r->field[f].set)
			json_object_set_new(o, ft_field__name((enum ft_field)f),
					    range_value(&r->field[f]));
	if (r->folios.set)
		json_object_set_new(o, "folios", range_value(&r->folios));
	return o;
}

static json_t *waiver_match(const struct ft_waiver *w)
{
	json_t *o = json_object();

	set_text(o, "function", w->function);
	set_text(o, "module", w->module);
	set_kinds(o, w->kinds);
	set_orders(o, w->orders);
	set_classes(o, w->classes);
	return o;
}

/* "name": value, on a line of its own; takes value. */
static int line(FILE *out, const char *indent, const char *name, json_t *value, const char *end)
{
	int code = value ? 0 : -ENOMEM;

	fprintf(out, "%s\"%s\": ", indent, name);
	if (value && json_dumpf(value, out, JSON_ENCODE_ANY))
		code = ferror(out) ? -EIO : -ENOMEM;
	fputs(end, out);
	json_decref(value);
	return code;
}

static int write_rule(const struct ft_rule *r, FILE *out)
{
	int code = line(out, "      ", "name", json_string(r->name), ",\n");

	if (!code && r->comment)
		code = line(out, "      ", "comment", json_string(r->comment), ",\n");
	if (!code)
		code = line(out, "      ", "match", match_object(&r->match), ",\n");
	return code ? code : line(out, "      ", "expect", expect_object(r), "\n");
}

static int write_waiver(const struct ft_waiver *w, FILE *out)
{
	int code = line(out, "      ", "match", waiver_match(w), ",\n");

	if (!code && w->until)
		code = line(out, "      ", "until", json_string(w->until), ",\n");
	return code ? code : line(out, "      ", "reason", json_string(w->reason), "\n");
}

int ft_expectation__write(const struct ft_expectation *e, FILE *out)
{
	int code;

	fputs("{\n", out);
	code = line(out, "  ", "schema_version", json_integer(FT_EXPECT_VERSION), ",\n");
	if (!code && e->comment)
		code = line(out, "  ", "comment", json_string(e->comment), ",\n");
	if (!code && e->strict)
		code = line(out, "  ", "strict", json_true(), ",\n");
	fputs("  \"rules\": [", out);
	for (size_t i = 0; i < e->nr_rules && !code; i++) {
		fputs(i ? ",\n    {\n" : "\n    {\n", out);
		code = write_rule(&e->rules[i], out);
		fputs("    }", out);
	}
	fputs("\n  ],\n  \"waivers\": [", out);
	for (size_t i = 0; i < e->nr_waivers && !code; i++) {
		fputs(i ? ",\n    {\n" : "\n    {\n", out);
		code = write_waiver(&e->waivers[i], out);
		fputs("    }", out);
	}
	fputs("\n  ]", out);
	if (!code && e->pairs.nr) {
		fputs(",\n  \"pairs\": ", out);
		code = pairs__write(&e->pairs, out);
	}
	fputs("\n}\n", out);
	if (!code && ferror(out))
		code = errno ? -errno : -EIO;
	return code;
}
