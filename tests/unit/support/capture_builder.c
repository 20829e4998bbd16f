// SPDX-License-Identifier: GPL-2.0
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <zlib.h>

#include "support/capture_builder.h"

#define VMEMMAP 0xffffea0000000000ULL
#define SIZEOF_PAGE 64

static void append(unsigned char **buf, size_t *size, size_t *room, const void *data, size_t len)
{
	while (*room < *size + len) {
		*room = *room ? 2 * *room : 4096;
		*buf = realloc(*buf, *room);
		if (!*buf)
			err(1, "no memory");
	}
	if (len)
		memcpy(*buf + *size, data, len);
	*size += len;
}

struct capture_builder *capture__new(void)
{
	struct capture_builder *m = calloc(1, sizeof(*m));

	if (!m)
		err(1, "no memory");
	m->now = 1000000000;
	m->pid = m->tgid = 100;
	m->argv0 = "program";
	m->release = "7.3.4+deb13-cloud-amd64";
	m->hugetlb = "nr";
	m->drained = m->flushed = true;
	m->loss = "{}";
	m->source = "boundary";
	m->context = FT_CTX_TASK;
	capture__head(m);
	return m;
}

void capture__free(struct capture_builder *m)
{
	free(m->file);
	free(m->frame);
	ft_pack__free(m->pack);
	free(m);
}

uint64_t capture__address(unsigned int page)
{
	return VMEMMAP + (uint64_t)page * SIZEOF_PAGE;
}

struct fixture capture__small(uint32_t id, unsigned int page)
{
	return (struct fixture){
		.id = id,
		.address = capture__address(page),
		.mapping = 0xffff888000001001ULL,
		.flags = ANON | FT_PF_LRU,
	};
}

struct fixture capture__large(uint32_t id, unsigned int page)
{
	struct fixture a = capture__small(id, page);

	a.order = 9;
	a.flags |= FT_PF_LARGE;
	return a;
}

struct ft_wire_event capture__record(struct capture_builder *m, struct fixture *a, unsigned int op,
				     unsigned int hook)
{
	return (struct ft_wire_event){
		.head = { FT_WIRE_EVENT, sizeof(struct ft_wire_event), m->cpu, (uint8_t)op,
			  m->context },
		.t_ns = m->now += 1000,
		.folio = a->address,
		.mapping = a->mapping,
		.id = a->id,
		.seq = ++a->seq,
		.pid = m->pid,
		.tgid = m->tgid,
		.site = hook,
		.entry_seq = m->entry_seq,
		.refcount = a->refcount,
		.mapcount = a->mapcount,
		.entire_mapcount = a->entire,
		.pincount = a->pincount,
		.flags = a->flags,
		.order = a->order,
		.source = FT_SRC_BOUNDARY,
	};
}

void capture__put(struct capture_builder *m, const struct ft_wire_event *e)
{
	capture__raw(m, e, sizeof(*e));
}

void capture__value(struct capture_builder *m, struct fixture *a, unsigned int op,
		    unsigned int hook, int refcount, int mapcount, int64_t value, uint64_t aux)
{
	struct ft_wire_event e;

	a->refcount = refcount;
	a->mapcount = mapcount;
	e = capture__record(m, a, op, hook);
	e.value = value;
	e.aux = aux;
	capture__put(m, &e);
}

void capture__at(struct capture_builder *m, struct fixture *a, unsigned int op, unsigned int hook,
		 int refcount, int mapcount)
{
	capture__value(m, a, op, hook, refcount, mapcount, 0, 0);
}

void capture__rest(struct capture_builder *m, struct fixture *a, int rounds, int refcount,
		   int mapcount)
{
	int i;

	for (i = 1; i <= rounds; i++)
		capture__value(m, a, FT_OP_SNAPSHOT, FT_HOOK_settle, refcount, mapcount, i, 0);
}

void capture__call(struct capture_builder *m, unsigned int hook, bool returned, int64_t value)
{
	struct ft_wire_event e = {
		.head = { FT_WIRE_EVENT, sizeof(e), m->cpu, returned ? FT_OP_RETURN : FT_OP_ENTER,
			  FT_CTX_TASK },
		.t_ns = m->now += 1000,
		.value = value,
		.pid = m->pid,
		.tgid = m->tgid,
		.site = hook,
		.entry_seq = m->entry_seq,
	};

	capture__put(m, &e);
}

void capture__task(struct capture_builder *m, unsigned int op, uint32_t pid, const char *comm)
{
	struct ft_wire_task t = {
		.head = { FT_WIRE_TASK, sizeof(t), m->cpu, (uint8_t)op, FT_CTX_TASK },
		.t_ns = m->now += 1000,
		.pid = pid,
		.tgid = pid,
	};

	memcpy(t.comm, comm, strnlen(comm, FT_COMM_LEN));
	capture__raw(m, &t, sizeof(t));
}

void capture__adopt(struct capture_builder *m, struct fixture *a, uint32_t site, int refcount,
		    int mapcount)
{
	struct ft_wire_event e;

	a->refcount = refcount;
	a->mapcount = mapcount;
	e = capture__record(m, a, FT_OP_ADOPTED, site);
	e.source = FT_SRC_INLINE;
	capture__put(m, &e);
}

void capture__owner(struct capture_builder *m, const struct fixture *a, enum ft_owner_class what,
		    uint32_t units, uint32_t pid, const char *comm)
{
	struct ft_wire_owner o = {
		.head = { FT_WIRE_OWNER, sizeof(o), m->cpu, (uint8_t)what, FT_CTX_TASK },
		.t_ns = m->now += 1000,
		.id = a->id,
		.units = units,
		.pid = pid,
		.tgid = pid,
	};

	memcpy(o.comm, comm, strnlen(comm, FT_COMM_LEN));
	capture__raw(m, &o, sizeof(o));
}

void capture__raw(struct capture_builder *m, const void *record, size_t size)
{
	append(&m->frame, &m->frame_size, &m->frame_room, record, size);
}

void capture__op_of(struct capture_builder *m, struct fixture *a, unsigned int op,
		    enum ft_source source, uint32_t site, int delta, uint32_t stack)
{
	struct ft_wire_event e;

	a->refcount += delta;
	e = capture__record(m, a, op, site);
	e.delta = delta;
	e.source = source;
	e.stack = stack;
	e.entry_seq = m->entry_seq ? m->entry_seq : 1;
	capture__put(m, &e);
}

void capture__op(struct capture_builder *m, struct fixture *a, unsigned int op, uint32_t site,
		 int delta)
{
	capture__op_of(m, a, op, FT_SRC_INLINE, site, delta, 0);
}

void capture__stack(struct capture_builder *m, uint32_t id, const uint64_t *frames, uint32_t depth)
{
	uint64_t buf[2 + 32] = { 0 };
	struct ft_wire_stack *s = (void *)buf;

	s->head.type = FT_WIRE_STACK;
	s->head.len = sizeof(buf);
	s->id = id;
	s->depth = depth;
	memcpy(s->frames, frames, depth * sizeof(*frames));
	capture__raw(m, buf, sizeof(buf));
}

void capture__module(struct capture_builder *m, const char *name)
{
	struct ft_wire_module w = {
		.head = { FT_WIRE_MODULE, sizeof(w), m->cpu, 0, FT_CTX_TASK },
		.t_ns = m->now += 1000,
	};

	memcpy(w.name, name, strnlen(name, FT_MODULE_LEN - 1));
	capture__raw(m, &w, sizeof(w));
}

void capture__symbols(struct capture_builder *m, const char *json)
{
	capture__frame(m, FT_FRAME_SYMBOLS, json, strlen(json));
}

void capture__frame(struct capture_builder *m, uint16_t type, const void *data, size_t size)
{
	uLongf len = compressBound(size) + ft_pack__bound(size);
	unsigned char *packed = malloc(len);
	struct ft_frame_head h = {
		.magic = FT_FRAME_MAGIC,
		.type = type,
		.codec = m->codec == FT_CODEC_PACKED && type != FT_FRAME_EVENTS ? FT_CODEC_RAW :
										  m->codec,
		.raw = (uint32_t)size,
		.stored = (uint32_t)size,
	};

	if (!packed)
		err(1, "no memory");
	if (m->codec == FT_CODEC_DEFLATE) {
		if (compress(packed, &len, data, size) != Z_OK)
			errx(1, "cannot compress");
		h.stored = (uint32_t)len;
		data = packed;
	}
	if (h.codec == FT_CODEC_PACKED) {
		m->pack = m->pack ? m->pack : ft_pack__new();
		h.stored = m->pack ? (uint32_t)ft_pack__records(m->pack, data, size, packed) : 0;
		if (!h.stored)
			errx(1, "cannot pack");
		data = packed;
	}
	h.crc = (uint32_t)crc32(0, data, h.stored);
	h.head_crc =
		(uint32_t)crc32(0, (const Bytef *)&h, offsetof(struct ft_frame_head, head_crc));
	append(&m->file, &m->size, &m->room, &h, sizeof(h));
	append(&m->file, &m->size, &m->room, data, h.stored);
	free(packed);
}

void capture__flush(struct capture_builder *m)
{
	if (m->frame_size)
		capture__frame(m, FT_FRAME_EVENTS, m->frame, m->frame_size);
	m->frame_size = 0;
}

void capture__head(struct capture_builder *m)
{
	struct ft_file_head h = { .version = FT_FORMAT_VERSION, .size = sizeof(h) };

	memcpy(h.magic, FT_MAGIC, sizeof(h.magic));
	append(&m->file, &m->size, &m->room, &h, sizeof(h));
}

static const char *text_of(bool value)
{
	return value ? "true" : "false";
}

static const char *role_name(enum ft_role role)
{
	static const char *const name[] = {
		[FT_ROLE_CALL] = "scope",	 [FT_ROLE_MAP] = "map",
		[FT_ROLE_MAP_NEW] = "map_new",	 [FT_ROLE_UNMAP] = "unmap",
		[FT_ROLE_SPLIT] = "split",	 [FT_ROLE_BIRTH] = "birth",
		[FT_ROLE_DEATH] = "death",	 [FT_ROLE_MOVE] = "move",
		[FT_ROLE_FINALIZE] = "finalize", [FT_ROLE_REF] = "ref",
	};

	return (size_t)role < sizeof(name) / sizeof(*name) && name[role] ? name[role] : "look";
}

struct row {
	unsigned int id;
	const char *function;
	enum ft_role role;
};

static const struct row rows[] = {
#define ROW(fn, role, ...) { FT_HOOK_##fn, #fn, FT_ROLE_##role },
	FT_HOOKS_ALL(ROW)
};

char *capture__meta_text(const struct capture_builder *m)
{
	char *text = NULL;
	size_t size, i;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		err(1, "no memory");
	fprintf(f,
		"{\"tool\": \"0.1\", \"kernel\": {\"release\": \"%s\", "
		"\"version\": \"#1 SMP\", \"machine\": \"x86_64\", \"build_id\": \"00112233\"}, "
		"\"layout\": {\"page_size\": 4096, \"sizeof_page\": %d, \"pmd_order\": 9, "
		"\"vmemmap_base\": \"0x%" PRIx64 "\", \"hugetlb_cache_refs\": \"%s\", "
		"\"fsdax_idle\": %d, \"refcount_offset\": 52}, "
		"\"clock\": {\"monotonic_ns\": 1000000000, \"realtime_ns\": 1795000000000000000}, "
		"\"command\": {\"argv\": [\"%s\", \"--all\"], \"root_tgid\": 100}, "
		"\"source\": \"%s\", \"follows_all\": %s, \"cpus\": 2, \"mode\": \"run\", \"tracer_tgid\": 99, "
		"\"hooks\": [",
		m->release, SIZEOF_PAGE, (uint64_t)VMEMMAP, m->hugetlb, m->fsdax_idle, m->argv0,
		m->source, text_of(m->follows_all));
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		fprintf(f,
			"%s{\"id\": %u, \"function\": \"%s\", \"role\": \"%s\", \"attached\": true, "
			"\"returns\": %s}",
			i ? ", " : "", rows[i].id, rows[i].function, role_name(rows[i].role),
			rows[i].role == FT_ROLE_SPLIT || rows[i].id == FT_HOOK_move_to_new_folio ?
				"true" :
				"false");
	fprintf(f, "]}");
	fclose(f);
	return text;
}

void capture__meta(struct capture_builder *m)
{
	char *text = capture__meta_text(m);

	capture__frame(m, FT_FRAME_META, text, strlen(text));
	free(text);
}

static void end_search(FILE *f, const struct ft_search *s)
{
	if (!s)
		return;
	fprintf(f,
		", \"search\": {\"processes\": %u, \"page_tables\": %s, "
		"\"page_tables_whole\": %s, \"pipes\": %u, \"pipes_whole\": %s, "
		"\"sockets\": %u, \"rings\": %u, \"files_whole\": %s}",
		s->processes, text_of(s->page_tables), text_of(s->page_tables_whole), s->pipes,
		text_of(s->pipes_whole), s->sockets, s->rings, text_of(s->files_whole));
}

void capture__end(struct capture_builder *m)
{
	char *text = NULL;
	size_t size;
	unsigned int i;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		err(1, "no memory");
	capture__flush(m);
	fprintf(f,
		"{\"exit\": 0, \"signal\": null, \"tasks_left\": %u, "
		"\"rest\": {\"rounds\": 3, \"bound_reached\": false, \"drained\": %s, "
		"\"flushed\": %s}, "
		"\"loss\": %s, \"counters\": {}, \"books\": %s, \"modules\": %s, "
		"\"monotonic_ns\": %" PRIu64,
		m->tasks_left, text_of(m->drained), text_of(m->flushed), m->loss,
		m->probe_accounting ? m->probe_accounting : "null",
		m->modules ? m->modules : "null", m->now);
	end_search(f, m->search);
	fprintf(f, ", \"ended_tasks\": [");
	for (i = 0; i < m->nr_ended; i++)
		fprintf(f, "%s%u", i ? ", " : "", m->ended[i]);
	fprintf(f, "]}");
	fclose(f);
	capture__frame(m, FT_FRAME_END, text, strlen(text));
	free(text);
}

int capture__fd(const struct capture_builder *m)
{
	int fd = memfd_create("capture", MFD_CLOEXEC);

	if (fd < 0 || write(fd, m->file, m->size) != (ssize_t)m->size)
		err(1, "memfd");
	return fd;
}

struct ft_run *capture__load(struct capture_builder *m, bool keep_all)
{
	const struct ft_analyse_options opts = { .keep_all_events = keep_all };
	struct ft_error e = { 0 };
	struct ft_run *run = NULL;
	int fd = capture__fd(m);

	if (ft_run__load(fd, "made", &opts, &run, &e))
		errx(1, "load: %s", e.text);
	close(fd);
	return run;
}

const struct ft_folio *folio_of(const struct ft_run *run, uint32_t id)
{
	size_t i;

	for (i = 0; i < run->nr_folios; i++)
		if (run->folios[i]->id == id)
			return run->folios[i];
	return NULL;
}
