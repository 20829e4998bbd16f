// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/attribution/pass.h"
#include "core/compare/compare.h"
#include "core/format/frame.h"
#include "core/format/meta.h"
#include "core/ledger/decode.h"
#include "core/ledger/held.h"
#include "core/util/arena.h"
#include "core/verdict/judge.h"

/* What is freed once the capture is read. */
struct loader {
	const char *name;
	struct ft_run *run;
	struct ft_arena *arena;
	struct ft_frames frames;
	struct ft_sites sites;
	struct ft_tasks tasks;
	struct ft_calls calls;
	struct ft_ledger ledger;
	struct ft_builder builder;
	struct ft_strings strings;
	struct ft_stacks stacks;
	struct ft_modules modules;
	struct ft_owners_found owners;
	struct ft_conservation_checker checker;
	struct ft_compare compare;
	const struct ft_analyse_options *opts; /* or NULL */
	bool keep_all;
	bool has_meta;
};

static void check_record(void *arg, struct ft_account *a, const struct ft_wire_event *e)
{
	struct loader *l = arg;

	ft_conservation_checker__record(&l->checker, a, e);
}

static bool is_commands(void *arg, uint32_t pid)
{
	struct loader *l = arg;

	return l->run->follows_all || ft_tasks__is_followed(&l->tasks, pid);
}

/* A folio that is freed while somebody outside has not put what it took is asked whose that was. */
static int check_closed(void *arg, struct ft_account *a)
{
	struct loader *l = arg;
	int code = ft_conservation_checker__account(&l->checker, a, false);

	if (!code && l->run->exact && !a->kept)
		a->kept = ft_account__is_held_by_other(a, l->run->exact_source, is_commands, l);
	return code;
}

static int loader__init(struct loader *l, int fd, const char *name,
			const struct ft_analyse_options *opts, struct ft_error *err)
{
	int code;

	*l = (struct loader){ .name = name,
			      .opts = opts,
			      .keep_all = opts && opts->keep_all_events };
	ft_ledger__init(&l->ledger, l->keep_all);
	l->arena = ft_arena__new();
	if (!l->arena)
		return -ENOMEM;
	l->run = ft_arena__alloc(l->arena, 1, sizeof(*l->run));
	if (!l->run || ft_sites__init(&l->sites, l->arena))
		return -ENOMEM;
	l->run->arena = l->arena;
	l->run->exit_status = -1;
	ft_tasks__init(&l->tasks, l->arena);
	ft_strings__init(&l->strings, l->arena);
	ft_stacks__init(&l->stacks, l->arena);
	ft_modules__init(&l->modules, l->arena);
	ft_owners_found__init(&l->owners, l->arena);
	ft_conservation_checker__init(&l->checker, l->run);
	l->ledger.arg = l;
	l->ledger.on_record = check_record;
	l->ledger.on_close = check_closed;
	l->builder = (struct ft_builder){
		.run = l->run,
		.arena = l->arena,
		.sites = &l->sites,
		.stacks = &l->stacks,
		.tasks = &l->tasks,
		.checker = &l->checker,
	};
	code = ft_frames__open(&l->frames, fd, name, err);
	if (!code)
		l->run->format_version = l->frames.version;
	return code;
}

static void loader__free(struct loader *l)
{
	ft_builder__free(&l->builder);
	ft_ledger__free(&l->ledger);
	ft_calls__free(&l->calls);
	ft_tasks__free(&l->tasks);
	ft_sites__free(&l->sites);
	ft_compare__free(&l->compare);
	ft_conservation_checker__free(&l->checker);
	ft_modules__free(&l->modules);
	ft_owners_found__free(&l->owners);
	ft_stacks__free(&l->stacks);
	ft_strings__free(&l->strings);
	ft_frames__close(&l->frames);
	ft_arena__free(l->arena);
}

static int read_frame(struct loader *l, const struct ft_frame *frame, struct ft_error *err)
{
	struct ft_meta meta = { l->name,    l->arena,	 l->run,      &l->sites,
				&l->stacks, &l->strings, &l->modules, &l->tasks };
	struct ft_decoder decoder = { l->run,	 &l->ledger, &l->tasks,	  &l->calls,
				      &l->sites, &l->stacks, &l->modules, &l->owners };
	int code;

	if (!l->has_meta && frame->type != FT_FRAME_META)
		return ft_fail(err, -EINVAL, FT_EXIT_FAILURE,
			       "%s: its first frame is not META; it was not written by folio-trace",
			       l->name);
	switch (frame->type) {
	case FT_FRAME_META:
		if (l->has_meta)
			return ft_fail(err, -EINVAL, FT_EXIT_FAILURE,
				       "%s: has two META frames; are two captures in one file?",
				       l->name);
		l->has_meta = true;
		code = ft_meta__read_meta(&meta, frame, err);
		/* the comparison needs the stacks, whose names come at the end */
		l->ledger.keep_all |= l->run->comparison.made;
		return code;
	case FT_FRAME_EVENTS:
		return ft_decode__events(&decoder, frame);
	case FT_FRAME_SYMBOLS:
		return ft_meta__read_symbols(&meta, frame, err);
	case FT_FRAME_END:
		return ft_meta__read_end(&meta, frame, err);
	}
	l->run->nr_skipped++;
	return 0;
}

static int read_frames(struct loader *l, struct ft_error *err)
{
	struct ft_frame frame;
	int code;

	while (!l->run->complete && (code = ft_frames__next(&l->frames, &frame, err)) > 0) {
		code = read_frame(l, &frame, err);
		if (code)
			return code;
	}
	if (!l->run->complete && code < 0)
		return code;
	if (!l->has_meta)
		return ft_fail(
			err, -EINVAL, FT_EXIT_FAILURE,
			"%s: was cut off before its first frame was whole; nothing can be read "
			"from it",
			l->name);
	l->run->bytes_dropped = l->frames.dropped;
	return 0;
}

/* Moves what was collected to the run. */
static int hand_over(struct loader *l)
{
	struct ft_run *run = l->run;

	ft_tasks__complete(&l->tasks);
	if (ft_tasks__export(&l->tasks, run) || ft_owners_found__export(&l->owners, run) ||
	    ft_calls__complete(&l->calls))
		return -ENOMEM;
	run->nr_calls = l->calls.nr;
	run->calls = ft_arena__adopt(l->arena, l->calls.list);
	l->calls.list = NULL;
	run->nr_sites = l->sites.nr;
	run->sites = ft_arena__adopt(l->arena, l->sites.all);
	l->sites.all = NULL;
	run->nr_modules = l->modules.nr;
	run->modules = ft_arena__adopt(l->arena, l->modules.list);
	l->modules.list = NULL;
	if (run->nr_modules && !run->modules)
		return -ENOMEM;
	if (ft_stacks__complete(&l->stacks, run))
		return -ENOMEM;
	if ((run->nr_calls && !run->calls) || (run->nr_sites && !run->sites))
		return -ENOMEM;
	return 0;
}

static bool wants_events(const struct loader *l, const struct ft_folio *folio)
{
	size_t i;

	if (l->keep_all)
		return true;
	if (folio->verdict >= FT_VERDICT_INCONCLUSIVE || folio->question ||
	    folio->reason.code == FT_REASON_STILL_ALLOCATED)
		return true;
	for (i = 0; i < folio->nr_checkpoints; i++)
		if (folio->checkpoints[i].surplus)
			return true;
	return false;
}

static bool is_unchecked(const struct ft_folio *folio)
{
	enum ft_conservation_state state = folio->conservation.state;

	if (folio->verdict != FT_VERDICT_BALANCED && !ft_folio__is_bad(folio))
		return false;
	return state == FT_CONSERVATION_UNCHECKED || state == FT_CONSERVATION_LOST;
}

static int build_folio(struct loader *l, struct ft_account *a)
{
	struct ft_analysis c;
	int code = ft_builder__build(&l->builder, a, &c);

	if (code)
		return code;
	ft_analysis__judge(&c);
	code = ft_compare__folio(&l->compare, &c);
	if (!code && wants_events(l, c.folio))
		code = ft_analysis__keep_events(&c);
	if (!code && ft_folio__is_bad(c.folio))
		code = ft_analysis__infer_lost(&c);
	if (code)
		return code;
	l->run->count[c.folio->verdict]++;
	l->run->loss.gaps += c.folio->lost_events;
	l->run->loss.death_unseen += c.folio->died && c.folio->how == FT_DIED_UNSEEN;
	l->run->nr_unchecked += is_unchecked(c.folio);
	l->run->folios[l->run->nr_folios++] = c.folio;
	return 0;
}

static int build_folios(struct loader *l)
{
	struct ft_run *run = l->run;
	const struct ft_slot *slot;
	uint64_t id;
	int code;

	run->count[FT_VERDICT_FREED] = l->ledger.freed;
	run->folios = ft_arena__alloc(l->arena, l->ledger.nr + 1, sizeof(*run->folios));
	if (!run->folios)
		return -ENOMEM;
	for (id = 0; (slot = ft_ledger__next(&l->ledger, &id)); id++) {
		if (!ft_slot__account(slot))
			continue;
		code = build_folio(l, ft_slot__account(slot));
		if (code)
			return code;
	}
	return 0;
}

/* A parent has the lower id: a damaged one cannot make a circle. */
static struct ft_account *parent_of(const struct loader *l, const struct ft_account *a)
{
	return a->parent < a->id ? ft_ledger__find(&l->ledger, a->parent) : NULL;
}

/* The timeline of a bad folio starts with that of the folio it was split from. */
static int keep_ancestors(struct loader *l, struct ft_account *a)
{
	struct ft_analysis c;
	int code;

	for (a = parent_of(l, a); a && !a->folio->events; a = parent_of(l, a)) {
		code = ft_builder__build(&l->builder, a, &c);
		if (!code)
			code = ft_analysis__keep_events(&c);
		if (code)
			return code;
	}
	return 0;
}

static int link_folios(struct loader *l)
{
	const struct ft_slot *slot;
	struct ft_account *a, *to;
	uint64_t id;
	int code;

	for (id = 0; (slot = ft_ledger__next(&l->ledger, &id)); id++) {
		a = ft_slot__account(slot);
		if (!a)
			continue;
		to = parent_of(l, a);
		a->folio->parent = to ? to->folio : NULL;
		to = ft_ledger__find(&l->ledger, a->migrated_to);
		a->folio->migrated_to = to ? to->folio : NULL;
		code = ft_folio__is_bad(a->folio) ? keep_ancestors(l, a) : 0;
		if (code)
			return code;
	}
	return 0;
}

/* Lifetimes at one address so far. */
struct place {
	uint64_t address;
	uint32_t lifetimes;
};

static bool is_at(const void *places, uint32_t number, const void *address)
{
	return ((const struct place *)places)[number].address == *(const uint64_t *)address;
}

static uint32_t find_place(const struct ft_hash *index, const struct place *places,
			   uint64_t address)
{
	return ft_hash__find(index, ft_hash__of(address), is_at, places, &address);
}

/* Only addresses of folios that are kept are counted for: a capture may have millions. */
static int add_places(const struct ft_run *run, struct ft_hash *index, struct place *places)
{
	size_t i;

	for (i = 0; i < run->nr_folios; i++) {
		uint64_t address = run->folios[i]->address;

		if (!address || find_place(index, places, address) != FT_HASH_NONE)
			continue;
		places[index->nr].address = address;
		if (ft_hash__add(index, ft_hash__of(address), index->nr))
			return -ENOMEM;
	}
	return 0;
}

/* Ids are given in the order of birth, and forgotten lifetimes count as well. */
static void count_generations(const struct ft_ledger *ledger, const struct ft_hash *index,
			      struct place *places)
{
	const struct ft_slot *slot;
	struct ft_account *a;
	uint32_t nr, number;
	uint64_t id;

	for (id = 0; (slot = ft_ledger__next(ledger, &id)); id++) {
		a = ft_slot__account(slot);
		number = find_place(index, places, ft_slot__address(slot));
		nr = number == FT_HASH_NONE ? 1 : ++places[number].lifetimes;
		if (a)
			a->folio->generation = nr;
	}
}

static int number_generations(struct loader *l)
{
	struct place *places = calloc(l->run->nr_folios + 1, sizeof(*places));
	struct ft_hash index = { 0 };
	int code = places ? add_places(l->run, &index, places) : -ENOMEM;

	if (!code)
		count_generations(&l->ledger, &index, places);
	ft_hash__free(&index);
	free(places);
	return code;
}

static int name_lost(struct loader *l)
{
	const struct ft_pass pass = {
		.run = l->run,
		.arena = l->arena,
		.builder = &l->builder,
		.ledger = &l->ledger,
		.opts = l->opts,
		.fd = l->frames.fd,
		.again = !l->frames.stream,
	};

	return ft_pass__name_lost(&pass);
}

static int analyse(struct loader *l)
{
	int code = hand_over(l);

	if (!code)
		code = build_folios(l);
	if (!code)
		code = link_folios(l);
	if (!code)
		code = number_generations(l);
	if (!code)
		code = ft_conservation_checker__complete(&l->checker, l->run, &l->sites, l->arena);
	if (!code)
		code = ft_compare__complete(&l->compare, l->run, l->arena);
	if (!code)
		code = name_lost(l);
	if (!code)
		ft_run__weigh_owners(l->run);
	if (!code)
		ft_run__judge(l->run);
	if (!code)
		code = ft_run__group(l->run);
	return code;
}

int ft_run__load(int fd, const char *name, const struct ft_analyse_options *opts,
		 struct ft_run **out, struct ft_error *err)
{
	struct loader l;
	struct ft_error local = { 0 };
	int code;

	*out = NULL;
	code = loader__init(&l, fd, name, opts, &local);
	if (!code)
		code = read_frames(&l, &local);
	if (!code)
		code = analyse(&l);
	if (!code) {
		*out = l.run;
		l.arena = NULL;
	} else if (!local.code) {
		ft_fail(&local, code, FT_EXIT_FAILURE, "%s: %s", name, strerror(-code));
	}
	loader__free(&l);
	if (code && err)
		*err = local;
	return code;
}

void ft_run__free(struct ft_run *run)
{
	if (run)
		ft_arena__free(run->arena);
}
