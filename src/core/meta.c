// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/meta.h"

/*
 * One frame being read. The first thing that is wrong with it stays in code and
 * err, and what is asked for after that is answered with nothing, so that a row
 * of members can be read without a test behind each.
 */
struct reader {
	struct ft_meta *meta;
	const char *frame;
	struct ft_error *err;
	int code;
};

static void wrong(struct reader *r, const char *path, const char *what)
{
	if (!r->code)
		r->code = ft_fail(r->err, -EINVAL, FT_EXIT_FAILURE,
				  "%s: the %s frame %s \"%s\"; it was not written by this format's "
				  "folio-trace",
				  r->meta->name, r->frame, what, path);
}

static void out_of_memory(struct reader *r)
{
	if (!r->code)
		r->code = ft_fail(r->err, -ENOMEM, FT_EXIT_FAILURE, "%s: out of memory",
				  r->meta->name);
}

/* path: members joined by dots. NULL if not there, or null. */
static json_t *find(json_t *o, const char *path)
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

static json_t *need(struct reader *r, json_t *o, const char *path)
{
	json_t *v = find(o, path);

	if (!v)
		wrong(r, path, "lacks the member");
	return v;
}

static const char *copy(struct reader *r, json_t *v, const char *path)
{
	char *s;

	if (!v)
		return NULL;
	if (!json_is_string(v)) {
		wrong(r, path, "has no string in");
		return NULL;
	}
	s = ft_arena__strdup(r->meta->arena, json_string_value(v));
	if (!s)
		out_of_memory(r);
	return s;
}

static const char *string(struct reader *r, json_t *o, const char *path)
{
	return copy(r, need(r, o, path), path);
}

static const char *string_or_null(struct reader *r, json_t *o, const char *path)
{
	return copy(r, find(o, path), path);
}

/* JSON's integers are signed here: a kernel address comes as "0x…" or negative. */
static int64_t number(struct reader *r, json_t *v, const char *path)
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
	wrong(r, path, "has no number in");
	return 0;
}

static int64_t integer(struct reader *r, json_t *o, const char *path)
{
	return number(r, need(r, o, path), path);
}

static uint64_t count(struct reader *r, json_t *o, const char *path, uint64_t max)
{
	int64_t n = integer(r, o, path);

	if (n < 0 || (uint64_t)n > max) {
		wrong(r, path, "has a number out of range in");
		return 0;
	}
	return (uint64_t)n;
}

static bool boolean(struct reader *r, json_t *o, const char *path)
{
	json_t *v = need(r, o, path);

	if (v && !json_is_boolean(v))
		wrong(r, path, "has no true or false in");
	return json_is_true(v);
}

static json_t *parse(struct reader *r, const struct ft_frame *frame)
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

static void read_argv(struct reader *r, json_t *root)
{
	json_t *a = need(r, root, "command.argv"), *v;
	struct ft_run *run = r->meta->run;
	size_t i;

	if (!a)
		return;
	if (!json_is_array(a)) {
		wrong(r, "command.argv", "has no array in");
		return;
	}
	run->argv = ft_arena__alloc(r->meta->arena, json_array_size(a) + 1, sizeof(*run->argv));
	if (!run->argv) {
		out_of_memory(r);
		return;
	}
	json_array_foreach(a, i, v) {
		run->argv[i] = (char *)copy(r, v, "command.argv");
		if (r->code)
			return;
		run->argc++;
	}
}

static enum ft_role role_of(const char *word)
{
	static const char *const name[] = {
		[FT_ROLE_SCOPE] = "scope",	 [FT_ROLE_LOOK] = "look",
		[FT_ROLE_MAP] = "map",		 [FT_ROLE_UNMAP] = "unmap",
		[FT_ROLE_SPLIT] = "split",	 [FT_ROLE_BIRTH] = "birth",
		[FT_ROLE_DEATH] = "death",	 [FT_ROLE_MOVE] = "move",
		[FT_ROLE_FINALIZE] = "finalize", [FT_ROLE_MAP_NEW] = "map_new",
	};
	unsigned int i;

	for (i = 0; i < sizeof(name) / sizeof(*name); i++)
		if (name[i] && word && !strcmp(name[i], word))
			return (enum ft_role)i;
	return FT_ROLE_LOOK; /* a role of a later version reads folios like this one */
}

static void add_site(struct reader *r, bool hook, struct ft_site *site, const char *path)
{
	int code;

	if (r->code)
		return;
	code = ft_sites__add(r->meta->sites, hook, site);
	if (code == -ENOMEM)
		out_of_memory(r);
	else if (code)
		wrong(r, path, "has a number out of range in");
}

static void read_hook(struct reader *r, json_t *o)
{
	struct ft_site *s = ft_arena__alloc(r->meta->arena, 1, sizeof(*s));
	const char *role;

	if (!s) {
		out_of_memory(r);
		return;
	}
	s->id = (uint32_t)count(r, o, "id", UINT32_MAX);
	s->function = string(r, o, "function");
	role = string(r, o, "role");
	s->role = role_of(role);
	s->attached = boolean(r, o, "attached");
	s->returns = boolean(r, o, "returns");
	s->why = string_or_null(r, o, "why");
	add_site(r, true, s, "hooks");
}

static void read_site(struct reader *r, json_t *o)
{
	struct ft_site *s = ft_arena__alloc(r->meta->arena, 1, sizeof(*s));

	if (!s) {
		out_of_memory(r);
		return;
	}
	s->id = (uint32_t)count(r, o, "id", UINT32_MAX);
	s->function = string(r, o, "function");
	s->offset = count(r, o, "offset", INT64_MAX);
	s->module = string_or_null(r, o, "module");
	s->attached = true;
	add_site(r, false, s, "sites");
}

static void read_rows(struct reader *r, json_t *rows, const char *path,
		      void (*read_row)(struct reader *, json_t *))
{
	json_t *o;
	size_t i;

	if (!rows)
		return;
	if (!json_is_array(rows)) {
		wrong(r, path, "has no array in");
		return;
	}
	json_array_foreach(rows, i, o) {
		read_row(r, o);
		if (r->code)
			return;
	}
}

static void read_layout(struct reader *r, json_t *root)
{
	struct ft_run *run = r->meta->run;
	const char *refs;

	run->page_size = (uint32_t)count(r, root, "layout.page_size", 1U << 30);
	run->sizeof_page = (uint32_t)count(r, root, "layout.sizeof_page", 1U << 20);
	run->vmemmap_base =
		(uint64_t)number(r, find(root, "layout.vmemmap_base"), "layout.vmemmap_base");
	refs = string(r, root, "layout.hugetlb_cache_refs");
	run->hugetlb_cache_is_one = refs && !strcmp(refs, "one");
	run->zone_idle_is_one = count(r, root, "layout.fsdax_idle", 1) == 1;
	if (!r->code && (!run->page_size || !run->sizeof_page))
		wrong(r, "layout", "has a zero in");
}

int ft_meta__read_meta(struct ft_meta *meta, const struct ft_frame *frame, struct ft_error *err)
{
	struct reader r = { .meta = meta, .frame = "META", .err = err };
	struct ft_run *run = meta->run;
	json_t *root = parse(&r, frame);

	if (r.code)
		goto out;
	run->tool_version = string(&r, root, "tool");
	run->release = string(&r, root, "kernel.release");
	run->kernel_version = string_or_null(&r, root, "kernel.version");
	run->machine = string_or_null(&r, root, "kernel.machine");
	run->build_id = string_or_null(&r, root, "kernel.build_id");
	read_layout(&r, root);
	run->started_ns = count(&r, root, "clock.monotonic_ns", INT64_MAX);
	run->started_realtime_ns = integer(&r, root, "clock.realtime_ns");
	read_argv(&r, root);
	run->source = string(&r, root, "source");
	run->cpus = (uint32_t)count(&r, root, "cpus", 1U << 20);
	read_rows(&r, need(&r, root, "hooks"), "hooks", read_hook);
out:
	json_decref(root);
	return r.code;
}

int ft_meta__read_symbols(struct ft_meta *meta, const struct ft_frame *frame, struct ft_error *err)
{
	struct reader r = { .meta = meta, .frame = "SYMBOLS", .err = err };
	json_t *root = parse(&r, frame);

	if (!r.code)
		read_rows(&r, find(root, "sites"), "sites", read_site);
	json_decref(root);
	return r.code;
}

/* A cause without a name here is a loss all the same. */
static void read_loss(struct reader *r, json_t *loss)
{
	struct ft_loss *l = &r->meta->run->loss;
	const struct {
		const char *name;
		uint64_t *to;
	} causes[] = {
		{ "ring", &l->ring },
		{ "recursion", &l->recursion },
		{ "missed", &l->missed },
		{ "tracked_full", &l->tracked_full },
		{ "tracked_busy", &l->tracked_busy },
		{ "tasks_full", &l->tasks_full },
		{ "index_left", &l->index_left },
		{ "child_left", &l->child_left },
		{ "spool", &l->spool },
		{ "death_unseen", &l->death_unseen },
		{ "conservation_errors", &l->conservation_errors },
		{ "overlaps", &l->overlaps },
	};
	const char *key;
	json_t *v;
	size_t i;

	json_object_foreach(loss, key, v) {
		int64_t n = number(r, v, key);

		if (n < 0)
			wrong(r, key, "has a number out of range in");
		for (i = 0; i < sizeof(causes) / sizeof(*causes); i++)
			if (!strcmp(causes[i].name, key))
				break;
		if (i < sizeof(causes) / sizeof(*causes))
			*causes[i].to = (uint64_t)n;
		else
			l->other += (uint64_t)n;
	}
}

int ft_meta__read_end(struct ft_meta *meta, const struct ft_frame *frame, struct ft_error *err)
{
	struct reader r = { .meta = meta, .frame = "END", .err = err };
	struct ft_run *run = meta->run;
	json_t *root = parse(&r, frame), *v;

	if (r.code)
		goto out;
	v = find(root, "exit");
	run->exit_status = v ? (int)number(&r, v, "exit") : -1;
	run->exit_signal = (int)number(&r, find(root, "signal"), "signal");
	run->tasks_left = (uint32_t)count(&r, root, "tasks_left", UINT32_MAX);
	run->drained = boolean(&r, root, "rest.drained");
	run->ended_ns = count(&r, root, "monotonic_ns", INT64_MAX);
	v = need(&r, root, "loss");
	if (v && !json_is_object(v))
		wrong(&r, "loss", "has no object in");
	else if (v)
		read_loss(&r, v);
	run->complete = !r.code;
out:
	json_decref(root);
	return r.code;
}
