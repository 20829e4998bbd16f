// SPDX-License-Identifier: GPL-2.0
/*
 * generate FILE [EVENTS [FOLIOS [LEAKS]]]: a synthetic capture, as the inline source
 * writes it. Tasks on four CPUs fault folios in, take and put references, isolate,
 * migrate, split and free them, so that there are FOLIOS at a time; addresses are used
 * again. At the end every folio is read twice, and LEAKS of them have a reference that is
 * not put. The same arguments give the same file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "capture/record/writer.h"
#include "scripts.h"

#define CPUS 4
#define TASKS 8
#define BUFFER (256 << 10) /* as the recorder has for each CPU */
#define CHILDREN 512
#define BASE 0xffffea0000000000ULL
#define VMAS 64 /* anon_vmas */

struct folio {
	struct ft_wire_event last; /* identity and state */
};

struct bench {
	struct writer w;
	struct {
		size_t used;
		unsigned char bytes[BUFFER];
	} cpu[CPUS];
	uint64_t random, now, written, wanted;
	uint32_t next_id, entry_seq[TASKS];
	uint32_t task; /* that is running */
	struct folio *folio;
	size_t nr, room, walk;
	uint64_t *spare; /* addresses that were used */
	size_t nr_spare;
	uint64_t next_page;
};

/* xorshift64* */
static uint64_t draw(struct bench *b, uint64_t below)
{
	b->random ^= b->random >> 12;
	b->random ^= b->random << 25;
	b->random ^= b->random >> 27;
	return (b->random * 0x2545f4914f6cdd1dULL >> 33) % below;
}

static void flush(struct bench *b, unsigned int cpu)
{
	if (b->cpu[cpu].used)
		writer__frame(&b->w, FT_FRAME_EVENTS, b->cpu[cpu].bytes, b->cpu[cpu].used);
	b->cpu[cpu].used = 0;
}

static void put_bytes(struct bench *b, unsigned int cpu, const void *p, size_t size)
{
	if (b->cpu[cpu].used + size > BUFFER)
		flush(b, cpu);
	memcpy(b->cpu[cpu].bytes + b->cpu[cpu].used, p, size);
	b->cpu[cpu].used += size;
}

#define SITES 20
#define STACKS (4 * SITES)
#define CALLERS 60
#define DEPTH 8 /* frames of a stack */

/* A script on a folio, by the running task. value: of BORN, SPLIT and MIGRATE. */
static void run(struct bench *b, struct folio *f, const struct step *s, size_t nr, int64_t value)
{
	unsigned int cpu = b->task % CPUS;
	uint32_t way = f->last.id & 3; /* each folio has one of four stacks of a site */

	for (; nr; nr--, s++) {
		struct ft_wire_event e = f->last;
		bool operation = !s->hook;

		b->now += 50 + draw(b, 1000);
		e.head = (struct ft_wire_head){ FT_WIRE_EVENT, sizeof(e), (uint16_t)cpu, s->op,
						FT_CTX_TASK };
		e.t_ns = b->now;
		e.seq++;
		e.pid = e.tgid = 1000 + b->task;
		e.entry_seq = b->entry_seq[b->task];
		e.site = operation ? s->site : s->hook;
		e.source = operation ? FT_SRC_INLINE : FT_SRC_BOUNDARY;
		e.stack = operation ? 1 + s->site + way * SITES : 0;
		e.delta = operation ? s->refs : 0;
		e.refcount += s->refs;
		e.mapcount += s->maps;
		e.entire_mapcount = e.order ? e.mapcount : 0;
		e.flags = (e.flags | s->set) & ~s->clear;
		e.mapping = e.flags & FT_PF_ANON ?
				    0xffff888000000001ULL + 104 * (e.id / 512 % VMAS) :
				    0;
		e.value = s->op == FT_OP_BORN || s->op == FT_OP_SPLIT || s->op == FT_OP_MIGRATE ?
				  value :
				  0;
		put_bytes(b, cpu, &e, sizeof(e));
		b->written++;
		f->last = e;
	}
}

#define RUN(b, f, script, value) run(b, f, script, sizeof(script) / sizeof(*(script)), value)

static struct folio *born(struct bench *b, unsigned int order, uint64_t address)
{
	struct folio *f;

	if (b->nr == b->room)
		return NULL;
	f = &b->folio[b->nr++];
	memset(f, 0, sizeof(*f));
	f->last.id = b->next_id++;
	f->last.order = (uint8_t)order;
	f->last.folio = address;
	return f;
}

static uint64_t page(struct bench *b, unsigned int order)
{
	uint64_t address;

	if (!order && b->nr_spare)
		return b->spare[--b->nr_spare];
	address = BASE + 64 * b->next_page;
	b->next_page += 1ULL << order;
	return address;
}

static void gone(struct bench *b, struct folio *f, bool reuse)
{
	if (reuse)
		b->spare[b->nr_spare++] = f->last.folio;
	*f = b->folio[--b->nr];
}

static void migrate(struct bench *b, struct folio *f)
{
	struct folio *to = born(b, 0, page(b, 0));

	if (!to)
		return;
	RUN(b, f, move_away, to->last.id);
	RUN(b, to, arrive, 0);
	gone(b, f, true);
}

static void split_huge(struct bench *b)
{
	struct folio *f, *c;
	uint32_t parent;
	size_t i;

	if (b->nr + CHILDREN + 1 > b->room)
		return;
	f = born(b, 9, page(b, 9));
	RUN(b, f, fault_huge, 0);
	RUN(b, f, gup, 0);
	RUN(b, f, split, CHILDREN);
	parent = f->last.id;
	for (i = 0; i < CHILDREN; i++) {
		c = born(b, 0, f->last.folio + 64 * i);
		RUN(b, c, child, parent);
	}
	gone(b, f, false);
}

/* Half of the work goes through the folios in a row, as a process goes through its memory;
 * half of it is on any of them. */
static struct folio *any(struct bench *b)
{
	b->walk = draw(b, 2) ? (b->walk + 1) % b->nr : draw(b, b->nr);
	return &b->folio[b->walk];
}

static void act(struct bench *b, size_t live)
{
	uint64_t what = draw(b, 1000);
	struct folio *f;

	if (!draw(b, 4)) { /* another task, another system call */
		b->task = (uint32_t)draw(b, TASKS);
		b->entry_seq[b->task]++;
	}
	if (b->nr < live) {
		if (b->nr + CHILDREN < live && !draw(b, 2000))
			split_huge(b);
		f = born(b, 0, page(b, 0));
		RUN(b, f, fault, 0);
		return;
	}
	f = any(b);
	if (what < 300)
		RUN(b, f, gup, 0);
	else if (what < 500)
		RUN(b, f, lookup, 0);
	else if (what < 600)
		RUN(b, f, isolate, 0);
	else if (what < 700)
		RUN(b, f, fork_and_exit, 0);
	else if (what < 750)
		migrate(b, f);
	else {
		RUN(b, f, zap, 0);
		gone(b, f, true);
	}
}

/* Two readings at rest of every folio. */
static void rest(struct bench *b, uint64_t leaks)
{
	static const struct step lost[] = { { SITE(TRY_GET, 3), 1, 0, 0, 0 } };
	static const struct step reading[] = { { HOOK(SNAPSHOT, settle), 0, 0, 0, 0 } };
	size_t i;
	int round;

	for (i = 0; i < leaks && i < b->nr; i++)
		RUN(b, &b->folio[i * (b->nr / leaks)], lost, 0);
	for (round = 1; round <= 2; round++) {
		for (i = 0; i < CPUS; i++)
			flush(b, i);
		b->task = 0;
		for (i = 0; i < b->nr; i++) {
			struct folio *f = &b->folio[i];

			RUN(b, f, reading, 0);
			/* RUN() writes no value for a snapshot: sets the round in its buffer */
			f->last.value = round;
			memcpy(b->cpu[0].bytes + b->cpu[0].used - sizeof(f->last), &f->last,
			       sizeof(f->last));
			f->last.value = 0;
		}
	}
}

/* Takes the reference to root. */
static void put_json(struct bench *b, enum ft_frame_type type, json_t *root)
{
	char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;

	json_decref(root);
	if (!text)
		exit(125);
	writer__frame(&b->w, type, text, strlen(text));
	free(text);
}

static json_t *hooks(void)
{
	static const char *const words[] = {
		[FT_ROLE_CALL] = "scope",  [FT_ROLE_LOOK] = "look",
		[FT_ROLE_MAP] = "map",	   [FT_ROLE_MAP_NEW] = "map",
		[FT_ROLE_UNMAP] = "unmap", [FT_ROLE_SPLIT] = "split",
		[FT_ROLE_BIRTH] = "birth", [FT_ROLE_DEATH] = "death",
		[FT_ROLE_MOVE] = "move",   [FT_ROLE_FINALIZE] = "finalize",
	};
	json_t *list = json_array();

#define ADD(fn, role, folio, vma)                                                                  \
	json_array_append_new(list, json_pack("{s:i, s:s, s:s, s:b, s:b}", "id", FT_HOOK_##fn,     \
					      "function", #fn, "role", words[FT_ROLE_##role],      \
					      "attached", 1, "returns", 0));
	FT_HOOKS(ADD)
	FT_HOOKS_SPECIAL(ADD)
	FT_HOOKS_BUILTIN(ADD)
#undef ADD
	return list;
}

static void put_meta(struct bench *b)
{
	put_json(b, FT_FRAME_META,
		 json_pack("{s:s, s:{s:s, s:s, s:s, s:s}, s:{s:i, s:i, s:i, s:I, s:s, s:i, s:i},"
			   " s:{s:i, s:i}, s:{s:[s]}, s:s, s:s, s:i, s:i, s:o}",
			   "tool", "generate", "kernel", "release", "7.3.4", "version", "#1",
			   "machine", "x86_64", "build_id", "00", "layout", "page_size", 4096,
			   "sizeof_page", 64, "pmd_order", 9, "vmemmap_base", (json_int_t)BASE,
			   "hugetlb_cache_refs", "nr", "fsdax_idle", 0, "refcount_offset", 52,
			   "clock", "monotonic_ns", 1, "realtime_ns", 1, "command", "argv",
			   "synthetic", "source", "inline", "mode", "run", "cpus", CPUS,
			   "tracer_tgid", 1, "hooks", hooks()));
}

static uint64_t text_address(size_t place)
{
	return 0xffffffff81000000ULL + 256 * place;
}

static void put_stacks(struct bench *b)
{
	struct {
		struct ft_wire_stack s;
		uint64_t frame[DEPTH];
	} r = { .s = { { FT_WIRE_STACK, sizeof(r), 0, 0, 0 }, 0, DEPTH } };
	size_t i, j;

	for (i = 1; i <= STACKS; i++) {
		r.s.id = (uint32_t)i;
		r.frame[0] = text_address((i - 1) % SITES);
		for (j = 1; j < DEPTH; j++)
			r.frame[j] = text_address(SITES + i * j % CALLERS);
		put_bytes(b, 0, &r, sizeof(r));
	}
}

static void put_symbols(struct bench *b)
{
	json_t *sites = json_array(), *frames = json_array();
	char name[32];
	int i;

	for (i = 0; i < SITES + CALLERS; i++) {
		snprintf(name, sizeof(name), "%s_%d", i < SITES ? "place" : "caller", i);
		json_array_append_new(frames, json_pack("{s:I, s:s, s:i}", "address",
							(json_int_t)text_address((size_t)i),
							"function", name, "offset", 16));
		if (i < SITES)
			json_array_append_new(sites, json_pack("{s:i, s:s, s:i}", "id", i,
							       "function", name, "offset", 16));
	}
	put_json(b, FT_FRAME_SYMBOLS, json_pack("{s:o, s:o}", "sites", sites, "frames", frames));
}

static void put_end(struct bench *b)
{
	put_json(b, FT_FRAME_END,
		 json_pack("{s:i, s:n, s:i, s:{s:i, s:b, s:b}, s:{s:i, s:i, s:i, s:i}, s:{s:I},"
			   " s:I}",
			   "exit", 0, "signal", "tasks_left", 0, "rest", "rounds", 2,
			   "bound_reached", 0, "drained", 1, "loss", "ring", 0, "recursion", 0,
			   "missed", 0, "tracked_full", 0, "counters", "events",
			   (json_int_t)b->written, "monotonic_ns", (json_int_t)b->now));
}

static uint64_t number(char **argv, int argc, int at, uint64_t otherwise)
{
	return argc > at ? strtoull(argv[at], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
	uint64_t folios = number(argv, argc, 3, 100000), leaks = number(argv, argc, 4, 0);
	struct bench *b = calloc(1, sizeof(*b));
	struct ft_error err = { 0 };
	unsigned int i;

	if (!b || argc < 2 || !folios) {
		fprintf(stderr, "usage: generate FILE [EVENTS [FOLIOS [LEAKS]]]\n");
		return 125;
	}
	b->wanted = number(argv, argc, 2, 10000000);
	b->random = 0x9e3779b97f4a7c15ULL;
	b->now = 1000000000;
	b->next_id = 1;
	b->room = folios + 2 * CHILDREN;
	b->folio = calloc(b->room, sizeof(*b->folio));
	b->spare = calloc(b->wanted + 1, sizeof(*b->spare));
	if (!b->folio || !b->spare || writer__open(&b->w, argv[1], 0, &err)) {
		fprintf(stderr, "generate: %s\n", err.code ? err.text : "out of memory");
		return 125;
	}
	put_meta(b);
	put_stacks(b);
	while (b->written + 2 * b->nr + leaks < b->wanted)
		act(b, folios);
	rest(b, leaks);
	for (i = 0; i < CPUS; i++)
		flush(b, i);
	put_symbols(b);
	put_end(b);
	if (b->w.error || b->w.dropped) {
		fprintf(stderr, "generate: %s: %s\n", argv[1], strerror(-b->w.error));
		return 125;
	}
	writer__close(&b->w);
	printf("%llu events, %u lifetimes, %zu folios at the end\n", (unsigned long long)b->written,
	       b->next_id - 1, b->nr);
	free(b->folio);
	free(b->spare);
	free(b);
	return 0;
}
