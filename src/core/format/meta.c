// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <string.h>

#include "core/format/meta.h"
#include "core/format/meta_reader.h"

static void read_argv(struct reader *r, json_t *root)
{
	json_t *a = reader__need(r, root, "command.argv"), *v;
	struct ft_run *run = r->meta->run;
	size_t i;

	if (!a)
		return;
	if (!json_is_array(a)) {
		reader__wrong(r, "command.argv", "has no array in");
		return;
	}
	run->argv = reader__alloc(r, json_array_size(a) + 1, sizeof(*run->argv));
	if (!run->argv)
		return;
	json_array_foreach(a, i, v) {
		run->argv[i] = (char *)reader__copy(r, v, "command.argv");
		if (r->code)
			return;
		run->argc++;
	}
}

static enum ft_role role_of(const char *word)
{
	static const char *const name[] = {
		[FT_ROLE_CALL] = "scope",	 [FT_ROLE_LOOK] = "look",
		[FT_ROLE_MAP] = "map",		 [FT_ROLE_UNMAP] = "unmap",
		[FT_ROLE_SPLIT] = "split",	 [FT_ROLE_BIRTH] = "birth",
		[FT_ROLE_DEATH] = "death",	 [FT_ROLE_MOVE] = "move",
		[FT_ROLE_FINALIZE] = "finalize", [FT_ROLE_MAP_NEW] = "map_new",
		[FT_ROLE_REF] = "ref",
	};
	unsigned int i;

	for (i = 0; i < sizeof(name) / sizeof(*name); i++)
		if (name[i] && word && !strcmp(name[i], word))
			return (enum ft_role)i;
	return FT_ROLE_LOOK; /* a role of a later version reads folios like this one */
}

static void read_hook(struct reader *r, json_t *o)
{
	struct ft_site *s = reader__alloc(r, 1, sizeof(*s));

	if (!s)
		return;
	s->id = (uint32_t)reader__count(r, o, "id", UINT32_MAX);
	s->function = reader__name(r, o, "function");
	s->role = role_of(reader__string(r, o, "role"));
	s->attached = reader__boolean(r, o, "attached");
	s->returns = reader__boolean(r, o, "returns");
	s->why = reader__string_or_null(r, o, "why");
	reader__add_site(r, s, "hooks");
}

static void read_layout(struct reader *r, json_t *root)
{
	struct ft_run *run = r->meta->run;
	const char *refs;

	run->page_size = (uint32_t)reader__count(r, root, "layout.page_size", 1U << 30);
	run->sizeof_page = (uint32_t)reader__count(r, root, "layout.sizeof_page", 1U << 20);
	run->vmemmap_base = (uint64_t)reader__number(r, reader__find(root, "layout.vmemmap_base"),
						     "layout.vmemmap_base");
	refs = reader__string(r, root, "layout.hugetlb_cache_refs");
	run->hugetlb_cache_is_one = refs && !strcmp(refs, "one");
	run->zone_idle_is_one = reader__count(r, root, "layout.fsdax_idle", 1) == 1;
	if (!r->code && (!run->page_size || !run->sizeof_page))
		reader__wrong(r, "layout", "has a zero in");
}

/* With both, operations are those of page_ref, and inline is compared with it. */
static void read_source(struct ft_run *run)
{
	bool page_ref = run->source && strstr(run->source, "page_ref");
	bool inlined = run->source && strstr(run->source, "inline");

	run->exact = page_ref || inlined;
	run->exact_source = page_ref ? FT_SRC_PAGE_REF : inlined ? FT_SRC_INLINE : FT_SRC_BOUNDARY;
	run->comparison.made = page_ref && inlined;
}

int ft_meta__read_meta(struct ft_meta *meta, const struct ft_frame *frame, struct ft_error *err)
{
	struct reader r = { .meta = meta, .frame = "META", .err = err };
	struct ft_run *run = meta->run;
	json_t *root = reader__parse(&r, frame);

	if (r.code)
		goto out;
	run->tool_version = reader__string(&r, root, "tool");
	run->release = reader__string(&r, root, "kernel.release");
	run->kernel_version = reader__string_or_null(&r, root, "kernel.version");
	run->machine = reader__string_or_null(&r, root, "kernel.machine");
	run->build_id = reader__string_or_null(&r, root, "kernel.build_id");
	read_layout(&r, root);
	run->started_ns = reader__count(&r, root, "clock.monotonic_ns", INT64_MAX);
	run->started_realtime_ns = reader__integer(&r, root, "clock.realtime_ns");
	read_argv(&r, root);
	run->target = reader__string_or_null(&r, root, "follows");
	if (run->target && !*run->target)
		run->target = NULL;
	run->follows_all = json_is_true(reader__find(root, "follows_all"));
	run->source = reader__string(&r, root, "source");
	read_source(run);
	run->cpus = (uint32_t)reader__count(&r, root, "cpus", 1U << 20);
	reader__rows(&r, reader__need(&r, root, "hooks"), "hooks", read_hook);
out:
	json_decref(root);
	return r.code;
}

/* A cause of a later version, which has no field here, is a loss all the same. */
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
		{ "missed_refs", &l->missed_refs },
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
		int64_t n = reader__number(r, v, key);

		if (n < 0)
			reader__wrong(r, key, "has a number out of range in");
		for (i = 0; i < sizeof(causes) / sizeof(*causes); i++)
			if (!strcmp(causes[i].name, key))
				break;
		if (i < sizeof(causes) / sizeof(*causes))
			*causes[i].to = (uint64_t)n;
		else
			l->other += (uint64_t)n;
	}
}

static void read_probe_accounting(struct reader *r, json_t *probe_accounting)
{
	struct ft_probe_accounting *b = &r->meta->run->probe_accounting;

	if (!probe_accounting)
		return;
	b->there = true;
	b->hits = reader__count(r, probe_accounting, "hits", INT64_MAX);
	b->missed = reader__count(r, probe_accounting, "missed", INT64_MAX);
	b->exact = json_is_true(reader__find(probe_accounting, "exact"));
	b->entered = reader__count(r, probe_accounting, "entered", INT64_MAX);
	b->filtered = reader__count(r, probe_accounting, "filtered", INT64_MAX);
	b->false_sites = reader__count(r, probe_accounting, "false_sites", INT64_MAX);
	b->stack_missed = reader__count(r, probe_accounting, "stack_missed", INT64_MAX);
	if (reader__find(probe_accounting, "recorded")) { /* earlier versions did not write it */
		b->recorded = reader__count(r, probe_accounting, "recorded", INT64_MAX);
		b->lost = reader__count(r, probe_accounting, "lost", INT64_MAX);
	}
	r->meta->run->loss.missed_probes = b->missed;
}

static void read_module(struct reader *r, json_t *o)
{
	struct ft_module m = { .armed = true };

	m.name = reader__name(r, o, "module");
	m.sites = (uint32_t)reader__count(r, o, "sites", UINT32_MAX);
	m.window_ns = reader__count(r, o, "window_ns", INT64_MAX);
	if (!r->code && ft_modules__armed(r->meta->modules, &m))
		reader__out_of_memory(r);
}

/* Of a version that searches for living owners. */
static void read_search(struct reader *r, json_t *o)
{
	struct ft_search *s = &r->meta->run->search;

	if (!o)
		return;
	s->known = true;
	s->processes = (uint32_t)reader__count(r, o, "processes", UINT32_MAX);
	s->page_tables = reader__boolean(r, o, "page_tables");
	s->page_tables_whole = reader__boolean(r, o, "page_tables_whole");
	s->pipes = (uint32_t)reader__count(r, o, "pipes", UINT32_MAX);
	s->pipes_whole = reader__boolean(r, o, "pipes_whole");
	s->sockets = (uint32_t)reader__count(r, o, "sockets", UINT32_MAX);
	s->rings = (uint32_t)reader__count(r, o, "rings", UINT32_MAX);
	s->files_whole = reader__boolean(r, o, "files_whole");
	s->why = reader__string_or_null(r, o, "why");
}

static void read_ended(struct reader *r, json_t *list)
{
	json_t *v;
	size_t i;

	if (list && !json_is_array(list))
		reader__wrong(r, "ended_tasks", "has no array in");
	json_array_foreach(list, i, v) {
		int64_t pid = reader__number(r, v, "ended_tasks");

		if (!r->code && pid > 0 && pid <= UINT32_MAX &&
		    ft_tasks__add_ended(r->meta->tasks, (uint32_t)pid))
			reader__out_of_memory(r);
	}
}

int ft_meta__read_end(struct ft_meta *meta, const struct ft_frame *frame, struct ft_error *err)
{
	struct reader r = { .meta = meta, .frame = "END", .err = err };
	struct ft_run *run = meta->run;
	json_t *root = reader__parse(&r, frame), *v;

	if (r.code)
		goto out;
	v = reader__find(root, "exit");
	run->exit_status = v ? (int)reader__number(&r, v, "exit") : -1;
	run->exit_signal = (int)reader__number(&r, reader__find(root, "signal"), "signal");
	run->tasks_left = (uint32_t)reader__count(&r, root, "tasks_left", UINT32_MAX);
	run->drained = reader__boolean(&r, root, "rest.drained");
	run->flushed = !json_is_false(reader__find(root, "rest.flushed"));
	run->ended_ns = reader__count(&r, root, "monotonic_ns", INT64_MAX);
	v = reader__need(&r, root, "loss");
	if (v && !json_is_object(v))
		reader__wrong(&r, "loss", "has no object in");
	else if (v)
		read_loss(&r, v);
	read_probe_accounting(&r, reader__find(root, "books"));
	read_search(&r, reader__find(root, "search"));
	read_ended(&r, reader__find(root, "ended_tasks"));
	reader__rows(&r, reader__find(root, "modules"), "modules", read_module);
	run->complete = !r.code;
out:
	json_decref(root);
	return r.code;
}
