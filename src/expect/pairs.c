// SPDX-License-Identifier: GPL-2.0
#include "expect/pairs.h"

#include <errno.h>
#include <string.h>

#include "core/util/arena.h"

static const char *read_name(struct file_reader *r, json_t *v, size_t index)
{
	const char *name = NULL;

	file__push(r, NULL, index);
	if (!json_is_string(v) || !json_string_length(v))
		file__wrong(r, "must be the name of a function");
	else if (json_string_length(v) > FT_PAIR_NAME_MAX)
		file__wrong(r, "is longer than %d bytes", FT_PAIR_NAME_MAX);
	else if (!r->code) {
		name = ft_arena__strdup(r->arena, json_string_value(v));
		if (!name)
			file__no_memory(r);
	}
	file__pop(r);
	return name;
}

/* ["function", "caller", ...], or null where no put is. */
static void read_place(struct file_reader *r, json_t *row, const char *member, bool needed,
		       struct ft_pair_place *place)
{
	json_t *v = file__member(r, row, member, needed), *name;
	size_t i;

	if (!v)
		return;
	file__push(r, member, 0);
	if (!json_is_array(v) || !json_array_size(v) || json_array_size(v) > FT_PAIR_CALLERS + 1)
		file__wrong(r, "must be a list of a function and up to %d callers",
			    FT_PAIR_CALLERS);
	json_array_foreach(v, i, name) {
		if (r->code)
			break;
		*(i ? &place->caller[i - 1] : &place->function) = read_name(r, name, i);
	}
	file__pop(r);
}

static void read_pair(struct file_reader *r, json_t *row, struct ft_pair *pair)
{
	static const char *const known[] = { "get", "put", "weight", NULL };
	int64_t weight = 0;
	json_t *v;

	if (!json_is_object(row)) {
		file__wrong(r, "must be an object");
		return;
	}
	file__note_unknown(r, row, known);
	read_place(r, row, "get", true, &pair->get);
	read_place(r, row, "put", false, &pair->put);
	v = file__member(r, row, "weight", true);
	if (!v)
		return;
	file__push(r, "weight", 0);
	weight = file__integer(r, v);
	if (weight < 1 || weight > FT_PAIR_WEIGHT_MAX)
		file__wrong(r, "must be 1 to %d", FT_PAIR_WEIGHT_MAX);
	pair->weight = (uint32_t)weight;
	file__pop(r);
}

void pairs__read(struct file_reader *r, json_t *doc)
{
	json_t *list = file__member(r, doc, "pairs", false), *row;
	struct ft_pairs *pairs = &r->e->pairs;
	size_t i;

	if (!list || r->code)
		return;
	file__push(r, "pairs", 0);
	if (!json_is_array(list))
		file__wrong(r, "must be a list");
	else if (json_array_size(list) > FT_PAIRS_MAX)
		file__wrong(r, "has more than %d rows", FT_PAIRS_MAX);
	if (!r->code) {
		pairs->list =
			ft_arena__alloc(r->arena, json_array_size(list) + 1, sizeof(*pairs->list));
		if (!pairs->list)
			file__no_memory(r);
	}
	json_array_foreach(list, i, row) {
		if (r->code)
			break;
		file__push(r, NULL, i);
		read_pair(r, row, &pairs->list[pairs->nr++]);
		file__pop(r);
	}
	file__pop(r);
}

static json_t *place_value(const struct ft_pair_place *place)
{
	json_t *list = place->function ? json_array() : json_null();
	size_t i;

	if (place->function)
		json_array_append_new(list, json_string(place->function));
	for (i = 0; place->function && i < FT_PAIR_CALLERS && place->caller[i]; i++)
		json_array_append_new(list, json_string(place->caller[i]));
	return list;
}

static int write_pair(const struct ft_pair *pair, FILE *out)
{
	json_t *row = json_object();
	int code = row ? 0 : -ENOMEM;

	json_object_set_new(row, "get", place_value(&pair->get));
	if (pair->put.function)
		json_object_set_new(row, "put", place_value(&pair->put));
	json_object_set_new(row, "weight", json_integer(pair->weight));
	if (!code && json_dumpf(row, out, 0))
		code = ferror(out) ? -EIO : -ENOMEM;
	json_decref(row);
	return code;
}

int pairs__write(const struct ft_pairs *pairs, FILE *out)
{
	size_t i;
	int code = 0;

	fputs("[", out);
	for (i = 0; !code && i < pairs->nr; i++) {
		fputs(i ? ",\n    " : "\n    ", out);
		code = write_pair(&pairs->list[i], out);
	}
	fputs("\n  ]", out);
	return code;
}
