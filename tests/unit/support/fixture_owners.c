// SPDX-License-Identifier: GPL-2.0
/* A run with one folio of each sort of owner that a report has words for. */
#include <stdlib.h>

#include "core/util/arena.h"
#include "support/fixture_run.h"

#define START 1000000000ULL
#define MS 1000000ULL
#define FOLIOS 11

enum { PIN, PUT, MAP, GET, SEND, SPLICE, ALLOC };

static struct ft_site site_table[] = {
	[PIN] = { .id = 1, .function = "zoo_pin_get", .module = "folio_zoo", .offset = 0x12 },
	[PUT] = { .id = 2, .function = "zoo_put", .module = "folio_zoo", .offset = 0x34 },
	[MAP] = { .id = 3, .function = "insert_pmd" },
	[GET] = { .id = 4, .function = "zoo_get", .module = "folio_zoo", .offset = 0x56 },
	[SEND] = { .id = 5, .function = "skb_splice_from_iter", .offset = 0x78 },
	[SPLICE] = { .id = 6, .function = "generic_pipe_buf_get", .offset = 0x9a },
	[ALLOC] = { .id = 7, .function = "folio_add_file_rmap_ptes", .role = FT_ROLE_MAP },
};

static struct ft_found_owner found[] = {
	{ 1, FT_OWNER_MAPPING, 1, 136, 136, "drive" },
	{ 3, FT_OWNER_MAPPING, 1, 99, 99, "outer" },
	{ 9, FT_OWNER_MAPPING, 1, 136, 136, "drive" },
	{ 9, FT_OWNER_MAPPING, 1, 137, 137, "child" },
	{ 9, FT_OWNER_PIPE, 1, 99, 99, "outer" },
};

static struct ft_event *event(struct ft_folio *folio, double ms, uint8_t op, int site,
			      int32_t delta, int32_t refcount)
{
	struct ft_event *e;

	if (!folio->events) /* as many as a folio here may have: pointers into it stay */
		folio->events = calloc(8, sizeof(*folio->events));
	e = &folio->events[folio->nr_events++];
	*e = (struct ft_event){
		.t_ns = START + (uint64_t)(ms * 1e6),
		.site = &site_table[site],
		.comm = "drive",
		.pid = 136,
		.tgid = 136,
		.entry_seq = 7,
		.seq = (uint32_t)folio->nr_events,
		.op = op,
		.context = FT_CTX_TASK,
		.source = FT_SRC_INLINE,
		.delta = delta,
		.refcount = refcount,
		.mapcount = folio->final.mapcount,
		.flags = folio->final.flags,
	};
	return e;
}

static struct ft_lost *lose(struct ft_folio *folio, enum ft_owner_class whose,
			    const struct ft_event *e)
{
	struct ft_lost *l;

	if (!folio->lost)
		folio->lost = calloc(4, sizeof(*folio->lost));
	l = &folio->lost[folio->nr_lost++];
	*l = (struct ft_lost){ .put = e->delta < 0,
			       .class = whose,
			       .state = FT_OWNER_GONE,
			       .event = e,
			       .site = e->site,
			       .confidence = FT_CERTAIN,
			       .reason = { .code = FT_REASON_OTHERS_PAIRED } };
	return l;
}

static struct ft_folio *folio_at_rest(struct ft_run *run, uint32_t id, uint32_t order,
				      int32_t refcount, int32_t mapcount, int32_t pincount)
{
	struct ft_folio *folio = run->folios[id - 1];
	struct ft_reading *r = &folio->final;

	folio->order = (uint16_t)order;
	folio->kind = FT_KIND_ANON;
	folio->born = true;
	folio->born_ns = START;
	folio->verdict = FT_VERDICT_BALANCED;
	*r = (struct ft_reading){ .valid = true, .at_rest = true, .t_ns = START + 900 * MS };
	r->flags = FT_PF_ANON | FT_PF_MAPPING | FT_PF_SWAPBACKED | (order ? FT_PF_LARGE : 0);
	r->refcount = refcount;
	r->mapcount = mapcount;
	r->pincount = pincount;
	r->expected = ft_expected__of(folio->kind, r->flags, order, mapcount, pincount, 0);
	r->surplus = refcount - r->expected.total;
	return folio;
}

static void judge(struct ft_run *run, struct ft_folio *folio, enum ft_verdict verdict,
		  struct ft_reason reason, struct ft_units ownerless)
{
	folio->verdict = verdict;
	folio->reason = reason;
	folio->ownerless = ownerless;
	run->count[verdict]++;
}

static void pins(struct ft_run *run)
{
	struct ft_folio *folio = folio_at_rest(run, 1, 0, 1025, 1, 0);

	lose(folio, FT_OWNER_PIN, event(folio, 10, FT_OP_ADD, PIN, 1024, 1025))->calls =
		(struct ft_lost_calls){ "zoo_ioctl", 4213, 4212, 1, 1, 0 };
	judge(run, folio, FT_VERDICT_LEAK,
	      (struct ft_reason){ FT_REASON_PINS_LOST, { 1 }, NULL, NULL },
	      (struct ft_units){ .pins = 1 });
	folio = folio_at_rest(run, 2, 9, 1, 1, 1);
	lose(folio, FT_OWNER_PIN, event(folio, 20, FT_OP_GET, PIN, 1, 2));
	folio->lost[0].other = event(folio, 21, FT_OP_PUT, PUT, -1, 1);
	folio->lost[0].other_site = &site_table[PUT];
	judge(run, folio, FT_VERDICT_LEAK,
	      (struct ft_reason){ FT_REASON_PIN_PUT_AS_REFERENCE, { 1 }, NULL, NULL },
	      (struct ft_units){ .references = -1, .pins = 1 });
}

static void mapping(struct ft_run *run)
{
	struct ft_folio *folio = folio_at_rest(run, 3, 9, 2, 2, 0);

	lose(folio, FT_OWNER_MAPPING, event(folio, 30, FT_OP_RETURN, MAP, 0, 2));
	judge(run, folio, FT_VERDICT_LEAK,
	      (struct ft_reason){ FT_REASON_MAPPINGS_LOST, { 1, 33 }, NULL, NULL },
	      (struct ft_units){ .mappings = 1 });
}

static void robbed(struct ft_run *run)
{
	struct ft_folio *folio = folio_at_rest(run, 4, 0, 1, 1, 0);
	struct ft_event *get = event(folio, 40, FT_OP_GET, SPLICE, 1, 2);

	get->comm = "outer";
	get->pid = get->tgid = 99;
	lose(folio, FT_OWNER_OTHER, event(folio, 41, FT_OP_PUT, PUT, -1, 1))->other = get;
	folio->lost[0].calls = (struct ft_lost_calls){ "zoo_ioctl", 21, 20, 0, 1, 2 };
	folio->lost[0].other_site = &site_table[SPLICE];
	judge(run, folio, FT_VERDICT_OVERPUT,
	      (struct ft_reason){ FT_REASON_ROBBED, { 1, 0, 1 }, NULL, NULL },
	      (struct ft_units){ .references = -1 });
}

/* Two taken of one folio, and put to another in the same call. */
static void wrong_folio(struct ft_run *run)
{
	struct ft_folio *folio = folio_at_rest(run, 5, 0, 3, 1, 0);

	lose(folio, FT_OWNER_GUP, event(folio, 50, FT_OP_GET, GET, 1, 2));
	lose(folio, FT_OWNER_GUP, event(folio, 51, FT_OP_GET, GET, 1, 3));
	judge(run, folio, FT_VERDICT_LEAK,
	      (struct ft_reason){ FT_REASON_SURPLUS, { 3, 1, 2 }, NULL, NULL },
	      (struct ft_units){ .references = 2 });
	folio = folio_at_rest(run, 6, 0, 1, 3, 0);
	lose(folio, FT_OWNER_OTHER, event(folio, 52, FT_OP_PUT, PUT, -1, 2));
	lose(folio, FT_OWNER_OTHER, event(folio, 53, FT_OP_PUT, PUT, -1, 1));
	judge(run, folio, FT_VERDICT_OVERPUT,
	      (struct ft_reason){ FT_REASON_BELOW_MAPCOUNT, { 1, 3 }, NULL, NULL },
	      (struct ft_units){ .references = -2 });
}

static void possible(struct ft_run *run)
{
	struct ft_folio *folio = folio_at_rest(run, 7, 0, 2, 1, 0);

	lose(folio, FT_OWNER_SOCKET, event(folio, 70, FT_OP_GET, SEND, 1, 2))->state =
		FT_OWNER_POSSIBLE;
	judge(run, folio, FT_VERDICT_INCONCLUSIVE,
	      (struct ft_reason){ FT_REASON_MAY_HAVE_LIVING_HOLDER,
				  { 1, FT_OWNER_SOCKET },
				  NULL,
				  NULL },
	      (struct ft_units){ 0 });
	folio = folio_at_rest(run, 8, 0, 2, 1, 0);
	event(folio, 80, FT_OP_GET, GET, 1, 2);
	judge(run, folio, FT_VERDICT_INCONCLUSIVE,
	      (struct ft_reason){ FT_REASON_HELD_BY_OTHER_TASK,
				  { 1, 99 },
				  &site_table[GET],
				  "out\033er" },
	      (struct ft_units){ 0 });
}

static void allocated(struct ft_run *run, uint32_t id, uint32_t order)
{
	struct ft_folio *folio = folio_at_rest(run, id, order, 1, 0, 0);

	folio->kind = FT_KIND_UNKNOWN;
	folio->final.flags = order ? FT_PF_LARGE : 0;
	event(folio, 5, FT_OP_BORN, ALLOC, 0, 1);
	judge(run, folio, FT_VERDICT_BALANCED,
	      (struct ft_reason){ FT_REASON_STILL_ALLOCATED, { 1 << order }, NULL, NULL },
	      (struct ft_units){ 0 });
}

struct ft_run *fixture__owners(void)
{
	static struct ft_site *sites[sizeof(site_table) / sizeof(*site_table)];
	static struct ft_stack none;
	struct ft_run *run = calloc(1, sizeof(*run));
	uint32_t i;

	for (i = 0; i < sizeof(sites) / sizeof(*sites); i++) {
		site_table[i].attached = true;
		sites[i] = &site_table[i];
	}
	run->arena = ft_arena__new();
	run->format_version = 1;
	run->tool_version = "0.1.0";
	run->target = "the processes 136, 137";
	run->exit_status = -1;
	run->source = "inline";
	run->exact = run->complete = run->drained = run->flushed = true;
	run->exact_source = FT_SRC_INLINE;
	run->started_ns = START;
	run->ended_ns = START + 1000 * MS;
	run->cpus = 2;
	run->page_size = 4096;
	run->sites = sites;
	run->nr_sites = sizeof(sites) / sizeof(*sites);
	run->stacks = &none;
	run->nr_stacks = 1;
	run->search = (struct ft_search){ .known = true,
					  .processes = 33,
					  .page_tables = true,
					  .page_tables_whole = true,
					  .pipes = 4,
					  .pipes_whole = true,
					  .sockets = 2,
					  .files_whole = true };
	run->found_owners = found;
	run->nr_found_owners = sizeof(found) / sizeof(*found);
	run->folios = calloc(FOLIOS, sizeof(*run->folios));
	run->nr_folios = FOLIOS;
	for (i = 0; i < FOLIOS; i++) {
		run->folios[i] = calloc(1, sizeof(struct ft_folio));
		run->folios[i]->id = i + 1;
		run->folios[i]->generation = 1;
		run->folios[i]->pfn = 0x12000 + i;
	}
	pins(run);
	mapping(run);
	robbed(run);
	wrong_folio(run);
	possible(run);
	folio_at_rest(run, 9, 0, 3, 2, 0);
	run->count[FT_VERDICT_BALANCED]++;
	allocated(run, 10, 0);
	allocated(run, 11, 2);
	run->verdict = FT_RUN_FAIL;
	return run;
}
