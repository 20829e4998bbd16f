// SPDX-License-Identifier: GPL-2.0
#include "capture/record/recorder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "capture/kernel/util.h"
#include "capture/sites/inline_source.h"

#define BUFFER_BYTES (256 << 10)

struct cpu_buffer {
	size_t used;
	unsigned char bytes[BUFFER_BYTES];
};

int recorder__open(struct recorder *r, struct writer *w, int nr_cpus, struct ft_error *err)
{
	memset(r, 0, sizeof(*r));
	r->writer = w;
	r->nr_cpus = nr_cpus;
	r->buffers = calloc(nr_cpus, sizeof(*r->buffers));
	return r->buffers ? 0 : out_of_memory(err);
}

static void flush_one(struct recorder *r, struct cpu_buffer *b)
{
	if (b->used)
		writer__frame(r->writer, FT_FRAME_EVENTS, b->bytes, b->used);
	b->used = 0;
}

void recorder__flush(struct recorder *r)
{
	for (int i = 0; i < r->nr_cpus; i++)
		flush_one(r, &r->buffers[i]);
	writer__sync(r->writer);
}

static void show_watcher(struct recorder *r, const void *rec, size_t size)
{
	const struct ft_wire_event *e = rec;

	if (r->watch && size >= sizeof(*e) &&
	    (e->head.op == FT_OP_SNAPSHOT || e->head.op == FT_OP_ADOPTED))
		r->watch(r->watch_arg, e);
}

static void keep_frames(struct recorder *r, const struct ft_wire_stack *st, size_t size)
{
	size_t room = (size - sizeof(*st)) / sizeof(st->frames[0]);

	for (size_t i = 0; i < room && i < st->depth; i++)
		address_set__add(&r->frames, st->frames[i]);
}

static void keep_operations(struct recorder *r, const void *rec, size_t size)
{
	const struct ft_wire_event *e = rec;

	if (size >= sizeof(*e) && (e->head.op == FT_OP_BORN || e->head.op == FT_OP_ADOPTED))
		address_set__add(&r->operations, e->aux);
}

static void keep_module(struct recorder *r, const struct ft_wire_module *m)
{
	struct ft_wire_module *p = reallocarray(r->modules, r->nr_modules + 1, sizeof(*p));

	if (!p)
		return;
	r->modules = p;
	p[r->nr_modules] = *m;
	p[r->nr_modules++].name[FT_MODULE_LEN - 1] = '\0';
}

static void look_at(struct recorder *r, const void *rec, size_t size)
{
	const struct ft_wire_head *h = rec;

	if (size < sizeof(*h))
		return;
	if (h->type == FT_WIRE_EVENT) {
		keep_operations(r, rec, size);
		show_watcher(r, rec, size);
	} else if (h->type == FT_WIRE_STACK && size >= sizeof(struct ft_wire_stack))
		keep_frames(r, rec, size);
	else if (h->type == FT_WIRE_TASK && size >= sizeof(struct ft_wire_task))
		seen_tasks__add(&r->tasks, rec);
	else if (h->type == FT_WIRE_MODULE && size >= sizeof(struct ft_wire_module))
		keep_module(r, rec);
}

bool recorder__next_module(struct recorder *r, struct ft_wire_module *out)
{
	if (!r->nr_modules)
		return false;
	*out = r->modules[0];
	memmove(r->modules, r->modules + 1, --r->nr_modules * sizeof(*out));
	return true;
}

void recorder__sink(void *arg, unsigned int cpu, const void *rec, size_t size)
{
	struct recorder *r = arg;
	struct cpu_buffer *b = &r->buffers[cpu];

	if (b->used + size > sizeof(b->bytes))
		flush_one(r, b);
	memcpy(b->bytes + b->used, rec, size);
	b->used += size;
	r->records++;
	r->bytes += size;
	look_at(r, rec, size);
}

void recorder__owner(struct recorder *r, const struct ft_wire_owner *o)
{
	recorder__sink(r, 0, o, sizeof(*o));
}

int recorder__json(struct recorder *r, enum ft_frame_type type, struct json_t *root,
		   struct ft_error *err)
{
	char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;

	json_decref(root);
	if (!text)
		return out_of_memory(err);
	writer__frame(r->writer, type, text, strlen(text));
	free(text);
	return 0;
}

/* The words of the capture format: they stay (scope is a call interval). */
static const char *const role_names[] = {
	[FT_ROLE_CALL] = "scope",  [FT_ROLE_LOOK] = "look",   [FT_ROLE_MAP] = "map",
	[FT_ROLE_UNMAP] = "unmap", [FT_ROLE_SPLIT] = "split", [FT_ROLE_BIRTH] = "birth",
	[FT_ROLE_DEATH] = "death", [FT_ROLE_MOVE] = "move",   [FT_ROLE_FINALIZE] = "finalize",
	[FT_ROLE_MAP_NEW] = "map", [FT_ROLE_REF] = "ref",     [FT_ROLE_FOUND] = "look",
	[FT_ROLE_ALLOC] = "birth",
};

static json_t *hooks_json(const struct session *s)
{
	json_t *list = json_array();

	for (int i = 1; i < FT_HOOK_COUNT; i++) {
		const struct hook_info *h = session__hook(s, i);
		json_t *row;

		if (h->state == HOOK_ABSENT)
			continue; /* a name of another release */
		row = json_pack("{s:i, s:s, s:s, s:b, s:b}", "id", i, "function", h->function,
				"role", role_names[h->role], "attached",
				h->state == HOOK_ATTACHED || h->state == HOOK_FOUND, "returns",
				h->return_size != 0);
		if (h->state == HOOK_FAILED)
			json_object_set_new(row, "why", json_string(strerror(-h->error)));
		json_array_append_new(list, row);
	}
	return list;
}

static json_t *argv_json(char *const *argv)
{
	json_t *list = json_array();

	for (; argv && *argv; argv++) {
		json_t *word = json_string(*argv);

		/* not UTF-8: JSON cannot have it */
		json_array_append_new(list, word ? word : json_string("?"));
	}
	return list;
}

int recorder__meta(struct recorder *r, const struct recorder_meta *m, struct ft_error *err)
{
	const struct kernel *k = m->kernel;
	json_t *root = json_pack(
		"{s:s, s:{s:s, s:s, s:s, s:s}, s:{s:I, s:I, s:i, s:I, s:s, s:i, s:I},"
		" s:{s:I, s:I}, s:{s:o}, s:s, s:s, s:s, s:i, s:i, s:o}",
		"tool", m->tool_version, "kernel", "release", k->release, "version", k->version,
		"machine", k->machine, "build_id", k->build_id, "layout", "page_size",
		(json_int_t)k->page_size, "sizeof_page", (json_int_t)k->sizeof_page, "pmd_order", 9,
		"vmemmap_base", (json_int_t)session__vmemmap_base(m->session), "hugetlb_cache_refs",
		k->hugetlb_cache_is_one ? "one" : "nr", "fsdax_idle", k->fsdax_idle_is_one ? 1 : 0,
		"refcount_offset", (json_int_t)k->refcount_offset, "clock", "monotonic_ns",
		(json_int_t)clock_ns(CLOCK_MONOTONIC), "realtime_ns",
		(json_int_t)clock_ns(CLOCK_REALTIME), "command", "argv", argv_json(m->argv),
		"follows", m->target, "source", m->source, "mode", m->mode, "cpus", m->cpus,
		"tracer_tgid", (int)getpid(), "hooks", hooks_json(m->session));

	if (root && m->follows_all)
		json_object_set_new(root, "follows_all", json_true());
	return recorder__json(r, FT_FRAME_META, root, err);
}

static json_t *loss_json(const struct recorder *r, const struct session *s,
			 const struct recorder_end *e)
{
	const struct {
		const char *name;
		enum ft_counter counter;
	} rows[] = {
		{ "ring", FT_CNT_RING_FULL },
		{ "tracked_full", FT_CNT_TRACKED_FULL },
		{ "tracked_busy", FT_CNT_TRACKED_BUSY },
		{ "tasks_full", FT_CNT_TASKS_FULL },
		{ "index_left", FT_CNT_INDEX_LEFT },
		{ "child_left", FT_CNT_CHILD_LEFT },
	};
	const struct misses *m = session__misses(s);
	json_t *loss = json_object();
	uint64_t probes_missed = e->probe_accounting ? e->probe_accounting->missed : 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		json_object_set_new(loss, rows[i].name,
				    json_integer(session__counter(s, rows[i].counter)));
	json_object_set_new(loss, "recursion", json_integer(m->readings));
	json_object_set_new(loss, "missed", json_integer(m->lifetimes + m->refs + probes_missed));
	json_object_set_new(loss, "missed_refs", json_integer(m->refs));
	json_object_set_new(loss, "spool",
			    json_integer(r->writer->dropped / sizeof(struct ft_wire_event)));
	return loss;
}

/*
 * hits = entered + missed, where the kernel skipped those missed because a BPF program or a bpf(2)
 * call on a map was running on that CPU (bpf_prog_active). entered = recorded + lost + filtered +
 * false_sites.
 */
static json_t *accounting_json(const struct probe_accounting *b)
{
	return json_pack("{s:I, s:I, s:b, s:I, s:I, s:I, s:I, s:I, s:I}", "hits",
			 (json_int_t)b->hits, "missed", (json_int_t)b->missed, "exact", b->exact,
			 "entered", (json_int_t)b->entered, "recorded", (json_int_t)b->recorded,
			 "lost", (json_int_t)b->lost, "filtered", (json_int_t)b->filtered,
			 "false_sites", (json_int_t)b->false_sites, "stack_missed",
			 (json_int_t)b->stack_missed);
}

static json_t *startup_json(const struct inline_startup *t)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "kallsyms_ns", (json_int_t)t->kallsyms_ns,
			 "scan_ns", (json_int_t)t->scan_ns, "define_ns", (json_int_t)t->define_ns,
			 "arm_ns", (json_int_t)t->arm_ns);
}

static json_t *windows_json(const struct inline_source *src)
{
	json_t *list = json_array();
	size_t nr;
	const struct inline_window *w = inline__windows(src, &nr);

	for (size_t i = 0; i < nr; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:i, s:I}", "module", w[i].module, "sites",
						(int)w[i].sites, "window_ns",
						(json_int_t)(w[i].armed_ns - w[i].loaded_ns)));
	return list;
}

static json_t *search_json(const struct recorder_search *f)
{
	return json_pack("{s:i, s:b, s:b, s:i, s:b, s:i, s:i, s:b, s:o}", "processes",
			 (int)f->processes, "page_tables", f->page_tables, "page_tables_whole",
			 f->page_tables_whole, "pipes", (int)f->pipes, "pipes_whole",
			 f->pipes_whole, "sockets", (int)f->sockets, "rings", (int)f->rings,
			 "files_whole", f->files_whole, "why",
			 f->why[0] ? json_string(f->why) : json_null());
}

static json_t *ended_json(const struct seen_tasks *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->index.nr; i++)
		if (s->list[i].ended)
			json_array_append_new(list, json_integer(s->list[i].pid));
	return list;
}

int recorder__end(struct recorder *r, const struct session *s, const struct recorder_end *e,
		  struct ft_error *err)
{
	json_t *root;

	recorder__flush(r);
	root = json_pack(
		"{s:o, s:o, s:i, s:{s:i, s:b, s:b, s:s?, s:b}, s:o, s:o, s:{s:I, s:I, s:I}, s:I}",
		"exit", e->exit_status >= 0 ? json_integer(e->exit_status) : json_null(), "signal",
		e->exit_signal ? json_integer(e->exit_signal) : json_null(), "tasks_left",
		(int)e->tasks_left, "rest", "rounds", e->rounds, "bound_reached", e->bound_reached,
		"drained", e->drained, "drain", e->drain, "flushed", e->flushed, "search",
		search_json(e->search), "loss", loss_json(r, s, e), "counters", "events",
		(json_int_t)session__counter(s, FT_CNT_EVENTS), "folios",
		(json_int_t)session__counter(s, FT_CNT_FOLIOS), "died",
		(json_int_t)session__counter(s, FT_CNT_DIED), "monotonic_ns",
		(json_int_t)clock_ns(CLOCK_MONOTONIC));
	if (root && seen_tasks__can_tell(&r->tasks))
		json_object_set_new(root, "ended_tasks", ended_json(&r->tasks));
	if (root && e->inlined) {
		/* "books" is the probe accounting: a word of the capture format */
		json_object_set_new(root, "books", accounting_json(e->probe_accounting));
		json_object_set_new(root, "modules", windows_json(e->inlined));
		json_object_set_new(root, "startup", startup_json(inline__startup(e->inlined)));
	}
	return recorder__json(r, FT_FRAME_END, root, err);
}

void recorder__close(struct recorder *r)
{
	free(r->buffers);
	free(r->modules);
	address_set__free(&r->frames);
	address_set__free(&r->operations);
	seen_tasks__free(&r->tasks);
	r->buffers = NULL;
	r->modules = NULL;
}
