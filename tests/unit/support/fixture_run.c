// SPDX-License-Identifier: GPL-2.0
#include "support/fixture_run.h"

#include <stdlib.h>
#include <string.h>

#include "core/util/arena.h"

#define START 1000000000ULL
#define MS 1000000ULL
#define PID 312

enum {
	S_NEW_ANON,
	S_ADD_LRU,
	S_SET_PMD,
	S_ISOLATE,
	S_FINALIZE,
	S_RMP,
	S_REMOVE_PMD,
	S_UNMAP,
	S_FREE,
	S_SETUP,
	S_PAGES,
	S_SPLIT_PMD,
	S_VMA_FINALIZE,
	S_REFUSED,
	S_INLINE,
	S_COUNT
};

#define HOOK(site, number, fn, what, value)                                                        \
	[site] = { .id = number,                                                                   \
		   .function = fn,                                                                 \
		   .role = FT_ROLE_##what,                                                         \
		   .returns = value,                                                               \
		   .attached = true }

static struct ft_site site_table[S_COUNT] = {
	HOOK(S_NEW_ANON, 1, "folio_add_new_anon_rmap", MAP_NEW, false),
	HOOK(S_ADD_LRU, 2, "folio_add_lru", LOOK, false),
	HOOK(S_SET_PMD, 3, "set_pmd_migration_entry", LOOK, true),
	HOOK(S_ISOLATE, 4, "folio_isolate_lru", LOOK, true),
	HOOK(S_FINALIZE, 5, "__migrate_device_finalize", FINALIZE, false),
	HOOK(S_RMP, 6, "remove_migration_ptes", MOVE, false),
	HOOK(S_REMOVE_PMD, 7, "remove_migration_pmd", LOOK, false),
	HOOK(S_UNMAP, 8, "folio_remove_rmap_pmd", UNMAP, false),
	HOOK(S_FREE, 9, "mm_page_free", DEATH, false),
	HOOK(S_SETUP, 10, "migrate_vma_setup", CALL, true),
	HOOK(S_PAGES, 11, "__migrate_device_pages", CALL, false),
	HOOK(S_SPLIT_PMD, 12, "split_huge_pmd_address", CALL, true),
	HOOK(S_VMA_FINALIZE, 13, "migrate_vma_finalize", CALL, false),
	[S_REFUSED] = { .id = 14,
			.function = "folio_split",
			.role = FT_ROLE_SPLIT,
			.returns = true,
			.why = "Device or resource busy" },
	[S_INLINE] = { .id = 15,
		       .function = "dmirror_fault",
		       .module = "test_hmm",
		       .offset = 0x708,
		       .attached = true },
};

static struct ft_run *new_run(size_t folios)
{
	static char cmd[] = "./hmm-tests", opt[] = "-T", name[] = "migrate_anon_huge_err";
	static char *argv[] = { cmd, opt, name, NULL };
	static struct ft_site *sites[S_COUNT];
	struct ft_run *run = calloc(1, sizeof(*run));
	size_t i;

	for (i = 0; i < S_COUNT; i++)
		sites[i] = &site_table[i];
	run->arena = ft_arena__new();
	run->format_version = 1;
	run->tool_version = "0.1.0";
	run->release = "7.3.4+deb14-cloud-amd64";
	run->kernel_version = "#1 SMP PREEMPT_DYNAMIC Debian 7.3.4-1";
	run->machine = "x86_64";
	run->build_id = "0123456789abcdef0123456789abcdef01234567";
	run->argv = argv;
	run->argc = 3;
	run->exit_status = 1;
	run->source = "boundary";
	run->started_ns = START;
	run->ended_ns = START + 1234 * MS;
	run->started_realtime_ns = 1700000000000000000;
	run->cpus = 2;
	run->page_size = 4096;
	run->sizeof_page = 64;
	run->vmemmap_base = 0xfffff6a000000000ULL;
	run->complete = run->drained = run->flushed = true;
	run->sites = sites;
	run->nr_sites = S_REFUSED; /* the refused and the inline one only where asked for */
	run->folios = calloc(folios, sizeof(*run->folios));
	run->nr_folios = folios;
	for (i = 0; i < folios; i++) {
		run->folios[i] = calloc(1, sizeof(struct ft_folio));
		run->folios[i]->id = (uint32_t)(i + 1);
		run->folios[i]->generation = 1;
		run->folios[i]->address = 0xfffff6a000480000ULL + i * 0x8000;
		run->folios[i]->pfn = 0x12000 + i * 0x200;
	}
	return run;
}

void fixture__free(struct ft_run *run)
{
	size_t i;

	for (i = 0; i < run->nr_folios; i++) {
		free(run->folios[i]->events);
		free(run->folios[i]->checkpoints);
		free(run->folios[i]->lost);
		free(run->folios[i]);
	}
	free(run->folios);
	free(run->calls);
	ft_arena__free(run->arena);
	free(run);
}

static struct ft_event *event(struct ft_folio *folio, double ms, uint8_t op, int site, int ref,
			      int map)
{
	struct ft_event *e;

	folio->events = realloc(folio->events, (folio->nr_events + 1) * sizeof(*e));
	e = &folio->events[folio->nr_events++];
	*e = (struct ft_event){
		.t_ns = START + (uint64_t)(ms * 1e6),
		.site = &site_table[site],
		.comm = "hmm-tests",
		.pid = PID,
		.tgid = PID,
		.seq = (uint32_t)folio->nr_events,
		.cpu = 1,
		.op = op,
		.context = FT_CTX_TASK,
		.order = (uint8_t)folio->order,
		.refcount = ref,
		.mapcount = map,
		.entire_mapcount = map,
		.flags = FT_PF_ANON | FT_PF_SWAPBACKED | FT_PF_MAPPING | FT_PF_LARGE,
		.mapping = 0xffff888101234561ULL,
	};
	return e;
}

static void call(struct ft_folio *folio, double ms, int site, int ref, int map, int ref_after,
		 int map_after)
{
	event(folio, ms, FT_OP_ENTER, site, ref, map);
	event(folio, ms + 0.004, FT_OP_RETURN, site, ref_after, map_after);
}

static void checkpoint(struct ft_folio *folio, double ms, enum ft_checkpoint_at at, int ref,
		       int map, int mappings, int function)
{
	struct ft_checkpoint *c;

	folio->checkpoints = realloc(folio->checkpoints, (folio->nr_checkpoints + 1) * sizeof(*c));
	c = &folio->checkpoints[folio->nr_checkpoints++];
	*c = (struct ft_checkpoint){
		.at = at,
		.in = &site_table[S_FINALIZE],
		.src_is_dst = true,
		.t_ns = START + (uint64_t)(ms * 1e6),
		.pid = PID,
		.comm = "hmm-tests",
		.order = 9,
		.refcount = ref,
		.mapcount = map,
	};
	c->expected.term[FT_TERM_MAPPINGS] = mappings;
	c->expected.term[FT_TERM_FUNCTION] = function;
	c->expected.total = mappings + function;
	c->surplus = ref - c->expected.total;
}

static void other_call(struct ft_run *run, double ms, int site, bool returned, int64_t value)
{
	run->calls = realloc(run->calls, (run->nr_calls + 1) * sizeof(*run->calls));
	run->calls[run->nr_calls++] = (struct ft_call){
		.t_ns = START + (uint64_t)(ms * 1e6),
		.site = &site_table[site],
		.pid = PID,
		.cpu = 1,
		.returned = returned,
		.value = value,
	};
}

static void at_rest(struct ft_folio *folio, double ms, int ref, int map)
{
	struct ft_reading *r = &folio->final;

	r->valid = r->at_rest = true;
	r->t_ns = START + (uint64_t)(ms * 1e6);
	r->refcount = ref;
	r->mapcount = r->entire_mapcount = map;
	r->flags = FT_PF_ANON | FT_PF_LRU;
	r->expected.term[FT_TERM_MAPPINGS] = map;
	r->expected.total = map;
	r->surplus = ref - map;
}

/* The folio of the failed split; extra: the reference that is not put. */
static void seed_folio(struct ft_run *run, struct ft_folio *folio, int extra)
{
	size_t from;

	folio->order = 9;
	folio->kind = FT_KIND_ANON;
	folio->born = true;
	folio->born_ns = START + 12031000;
	event(folio, 12.031, FT_OP_BORN, S_NEW_ANON, 1, 0);
	call(folio, 12.031, S_NEW_ANON, 1, 0, 1, 1);
	call(folio, 12.036, S_ADD_LRU, 1, 1, 1, 1);
	other_call(run, 29.100, S_SETUP, false, 0);
	from = folio->nr_events;
	call(folio, 29.211, S_SET_PMD, 2, 1, 1, 0);
	call(folio, 29.240, S_ISOLATE, 1, 0, 2, 0);
	folio->events[folio->nr_events - 1].value = 1;
	other_call(run, 29.300, S_SETUP, true, 0);
	other_call(run, 29.454, S_PAGES, false, 0);
	other_call(run, 29.460, S_SPLIT_PMD, false, 0);
	other_call(run, 29.470, S_SPLIT_PMD, true, -12);
	other_call(run, 29.800, S_PAGES, true, 0);
	other_call(run, 29.900, S_VMA_FINALIZE, false, 0);
	other_call(run, 29.901, S_FINALIZE, false, 0);
	checkpoint(folio, 29.902, FT_AT_FINALIZE_ENTRY, 1 + extra, 0, 0, 1);
	call(folio, 29.904, S_ADD_LRU, 1 + extra, 0, 1 + extra, 0);
	event(folio, 29.912, FT_OP_ENTER, S_RMP, 1 + extra, 0);
	checkpoint(folio, 29.913, FT_AT_RMP_ENTRY, 1 + extra, 0, 0, 1);
	call(folio, 29.915, S_REMOVE_PMD, 1 + extra, 0, 2 + extra, 1);
	checkpoint(folio, 29.920, FT_AT_RMP_RETURN, 2 + extra, 1, 1, 1);
	event(folio, 29.921, FT_OP_RETURN, S_RMP, 2 + extra, 1);
	for (; from < folio->nr_events; from++)
		folio->events[from].flags |= FT_PF_LOCKED;
	checkpoint(folio, 29.930, FT_AT_FINALIZE_RETURN, 1 + extra, 1, 1, 0);
	other_call(run, 29.931, S_FINALIZE, true, 0);
	other_call(run, 29.932, S_VMA_FINALIZE, true, 0);
	call(folio, 41.500, S_UNMAP, 1 + extra, 1, 1 + extra, 0);
}

static void lost_in_pages(struct ft_folio *folio)
{
	static struct ft_returned split = { &site_table[S_SPLIT_PMD], -12 };

	folio->lost = calloc(1, sizeof(*folio->lost));
	folio->nr_lost = 1;
	folio->lost[0] = (struct ft_lost){
		.event = &folio->events[12],
		.after = &folio->events[8],
		.in = &site_table[S_PAGES],
		.confidence = FT_LIKELY,
		.reason = { .code = FT_REASON_INFERRED_BETWEEN },
		.returned = &split,
		.nr_returned = 1,
	};
}

static void leaked_folio(struct ft_run *run, struct ft_folio *folio)
{
	seed_folio(run, folio, 1);
	event(folio, 1200.5, FT_OP_SNAPSHOT, S_FREE, 1, 0)->value = 1;
	event(folio, 1210.5, FT_OP_SNAPSHOT, S_FREE, 1, 0)->value = 2;
	at_rest(folio, 1210.5, 1, 0);
	lost_in_pages(folio);
	folio->verdict = FT_VERDICT_LEAK;
	folio->reason = (struct ft_reason){ FT_REASON_SURPLUS, { 1, 0, 1 }, NULL, NULL };
}

struct ft_run *fixture__leak(void)
{
	struct ft_run *run = new_run(2);

	leaked_folio(run, run->folios[0]);
	run->folios[1]->kind = FT_KIND_FILE;
	run->folios[1]->verdict = FT_VERDICT_BALANCED;
	at_rest(run->folios[1], 1210.6, 3, 2);
	run->folios[1]->final.expected.term[FT_TERM_PAGE_CACHE] = 1;
	run->folios[1]->final.expected.total = 3;
	run->folios[1]->final.surplus = 0;
	run->count[FT_VERDICT_LEAK] = 1;
	run->count[FT_VERDICT_BALANCED] = 1;
	run->count[FT_VERDICT_FREED] = 1534;
	run->nr_events = 23456;
	run->verdict = FT_RUN_FAIL;
	return run;
}

struct ft_run *fixture__fixed(void)
{
	struct ft_run *run = new_run(1);

	seed_folio(run, run->folios[0], 0);
	event(run->folios[0], 41.600, FT_OP_DIED, S_FREE, 0, 0);
	run->folios[0]->died = true;
	run->folios[0]->died_ns = START + 41600000;
	run->folios[0]->verdict = FT_VERDICT_FREED;
	run->count[FT_VERDICT_FREED] = 1535;
	run->nr_events = 23455;
	run->verdict = FT_RUN_PASS;
	return run;
}

struct ft_run *fixture__many(void)
{
	struct ft_run *run = new_run(60);
	struct ft_folio *folio;
	size_t i;

	for (i = 0; i < 50; i++) {
		run->nr_calls = 0;
		leaked_folio(run, run->folios[i]);
	}
	folio = run->folios[50];
	folio->kind = FT_KIND_FILE;
	folio->pfn = FT_NO_PFN;
	event(folio, 3.5, FT_OP_ADOPTED, S_UNMAP, 3, 1);
	call(folio, 3.5, S_UNMAP, 3, 1, 3, 0);
	at_rest(folio, 1211, 1, 1);
	folio->final.expected.term[FT_TERM_PAGE_CACHE] = 1;
	folio->final.expected.term[FT_TERM_PRIVATE] = 1;
	folio->final.expected.total = 3;
	folio->final.surplus = -2;
	folio->verdict = FT_VERDICT_OVERPUT;
	folio->reason = (struct ft_reason){ FT_REASON_DEFICIT, { 1, 3 }, NULL, NULL };
	for (i = 51; i < 60; i++) {
		folio = run->folios[i];
		folio->kind = FT_KIND_ANON;
		folio->parent_id = 1;
		folio->verdict = FT_VERDICT_INCONCLUSIVE;
		folio->reason.code = i < 57 ? FT_REASON_ADOPTED_BOUNDARY_ONLY :
					      FT_REASON_NOT_AT_REST;
		folio->reason.n[0] = i >= 57 ? 0 : i & 1 ? 3 : 17;
		folio->lost_events = 3;
	}
	run->nr_sites = S_REFUSED + 1;
	run->count[FT_VERDICT_LEAK] = 50;
	run->count[FT_VERDICT_OVERPUT] = 1;
	run->count[FT_VERDICT_INCONCLUSIVE] = 9;
	run->count[FT_VERDICT_NONE] = 65000;
	run->nr_events = 1234567;
	run->loss.ring = 1200;
	run->loss.gaps = 63;
	run->exit_status = -1;
	run->exit_signal = 9;
	run->tasks_left = 1;
	run->verdict = FT_RUN_FAIL;
	return run;
}

struct ft_run *fixture__long(void)
{
	struct ft_run *run = new_run(1);
	struct ft_folio *folio = run->folios[0];
	int i;

	folio->kind = FT_KIND_ANON;
	folio->order = 9;
	event(folio, 1, FT_OP_ADOPTED, S_NEW_ANON, 512, 512);
	for (i = 0; i < 500; i++)
		call(folio, 2 + i * 0.01, S_UNMAP, 512 - i, 512 - i, 512 - i, 511 - i);
	for (i = 0; i < 1000; i++)
		call(folio, 100 + i, i * i % 11 < 5 ? S_ISOLATE : S_ADD_LRU, 12, 12, 12, 12);
	call(folio, 1200, S_UNMAP, 1, 1, 1, 0);
	at_rest(folio, 1211, 1, 0);
	folio->verdict = FT_VERDICT_LEAK;
	run->count[FT_VERDICT_LEAK] = 1;
	run->nr_events = folio->nr_events;
	run->verdict = FT_RUN_FAIL;
	return run;
}

/* What runs of exact sources have in addition. */
static void add_exact(struct ft_run *run)
{
	static const struct ft_frame_name at = { "dmirror_fault", "test_hmm", 0x709, 0 };
	static const struct ft_frame_name by = { "do_swap_page", NULL, 0x2c1, 0 };
	static const struct ft_frame_name *frames[] = { &at, &by };
	static struct ft_stack stacks[] = { { 0 }, { frames, 2, true } };
	static struct ft_module module = { "test_hmm", 1001500000, true, 12, 45000000 };
	static struct ft_violation violation = { NULL, NULL, -1, 1, 1 };
	static struct ft_difference difference = { "dmirror_fault",  FT_OP_GET, 1,
						   FT_ALONE_REFUSED, 2,		0 };

	run->source = "inline";
	run->exact = true;
	run->exact_source = FT_SRC_INLINE;
	run->stacks = stacks;
	run->nr_stacks = 2;
	run->modules = &module;
	run->nr_modules = 1;
	run->probe_accounting =
		(struct ft_probe_accounting){ true, false, 1200, 3, 1197, 90, 0, 1100, 7, 2 };
	run->loss.missed = run->loss.missed_probes = 3;
	run->loss.conservation_errors = 1;
	violation.before = run->sites[S_INLINE];
	violation.after = run->sites[S_RMP];
	run->violations = &violation;
	run->nr_violations = 1;
	run->comparison = (struct ft_comparison){ true,	       2, 1, 5,
						  3,	       3, 0, { [FT_ALONE_REFUSED] = 2 },
						  &difference, 1 };
}

struct ft_run *fixture__odd(void)
{
	struct ft_run *run = new_run(2);
	struct ft_folio *folio = run->folios[0];
	struct ft_event *e;

	run->nr_sites = S_COUNT;
	add_exact(run);
	folio->kind = FT_KIND_DEVICE_PRIVATE;
	e = event(folio, 1, FT_OP_GET, S_INLINE, 2, 1);
	e->delta = 1;
	e->source = FT_SRC_INLINE;
	e->stack = 1;
	e->entry_seq = 4;
	e->comm = "\033[31m\xff\xc2\x9b evil";
	e = event(folio, 2, FT_OP_ENTER, S_ISOLATE, FT_UNKNOWN, FT_UNKNOWN);
	e->comm = "";
	event(folio, 3, FT_OP_RETURN, S_ADD_LRU, 5, 1);
	call(folio, 3.5, S_UNMAP, 5, 1, 5, 0);
	folio->events[folio->nr_events - 2].aux = 136;
	event(folio, 4, FT_OP_SPLIT, S_PAGES, 5, 1)->value = 512;
	event(folio, 5, FT_OP_MIGRATE, S_RMP, 5, 1)->value = 2;
	folio->migrated_to = run->folios[1];
	folio->children = 512;
	folio->final.valid = true;
	folio->final.refcount = folio->final.mapcount = FT_UNKNOWN;
	folio->verdict = FT_VERDICT_INCONCLUSIVE;
	run->folios[1]->parent = folio;
	run->folios[1]->parent_id = 1;
	run->folios[1]->verdict = FT_VERDICT_NONE;
	run->count[FT_VERDICT_INCONCLUSIVE] = 1;
	run->count[FT_VERDICT_NONE] = 1;
	run->complete = false;
	run->bytes_dropped = 77;
	run->verdict = FT_RUN_INCONCLUSIVE;
	run->reason.code = FT_REASON_CAPTURE_CUT_OFF;
	run->release = NULL;
	run->argc = 0;
	return run;
}
