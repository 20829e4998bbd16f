// SPDX-License-Identifier: GPL-2.0
/* The conservation check of all lifetimes, of forgotten ones too. */
#include <errno.h>
#include <stdlib.h>

#include "core/ledger/conservation.h"
#include "core/ledger/conservation_check.h"
#include "core/util/grow.h"

#define KEEP_MAX 1000 /* lifetimes with a violation that are kept to be shown */
#define WAIT_MAX 1000 /* lifetimes that stay open for a late record */

/* A site by its wire number, as its name is read later. */
struct place {
	uint8_t source;
	uint32_t site;
};

struct ft_violation_row {
	struct place before, after;
	int64_t off;
	uint64_t folios;
	uint32_t example;
};

void ft_conservation_checker__init(struct ft_conservation_checker *checker,
				   const struct ft_run *run)
{
	*checker = (struct ft_conservation_checker){ .run = run };
}

void ft_conservation_checker__free(struct ft_conservation_checker *checker)
{
	ft_records__free(&checker->records);
	free(checker->rows);
	*checker = (struct ft_conservation_checker){ 0 };
}

/*
 * The tracepoint of a plain store (page_ref_set) has the new count only. BPF takes its
 * delta from the sum it keeps, in which both sources count: make it from the records.
 */
static void mend_stores(const struct ft_records *records)
{
	int32_t count = FT_UNKNOWN;
	size_t i;

	for (i = 0; i < records->nr; i++) {
		struct ft_wire_event *e = records->list[i];
		bool operation = ft_op__is_operation(e->head.op);

		if (operation && e->source != FT_SRC_PAGE_REF)
			continue;
		if (count == FT_UNKNOWN) {
			count = e->refcount;
			continue;
		}
		if (operation && e->head.op == FT_OP_SET)
			e->delta = e->refcount - count;
		if (operation)
			count += e->delta;
	}
}

static struct place place_of(const struct ft_records *records, uint32_t seq)
{
	size_t i;

	for (i = 0; i < records->nr; i++)
		if (records->list[i]->seq == seq)
			return (struct place){ records->list[i]->source, records->list[i]->site };
	return (struct place){ 0 };
}

static bool same(const struct place *a, const struct place *b)
{
	return a->source == b->source && a->site == b->site;
}

static int note_broken(struct ft_conservation_checker *checker, const struct ft_account *a)
{
	struct ft_violation_row row = {
		.before = place_of(&checker->records, a->conservation.before),
		.after = place_of(&checker->records, a->conservation.after),
		.off = a->conservation.off,
		.folios = 1,
		.example = a->id,
	};
	size_t i;

	for (i = 0; i < checker->nr_rows; i++) {
		if (!same(&checker->rows[i].before, &row.before) ||
		    !same(&checker->rows[i].after, &row.after))
			continue;
		checker->rows[i].folios++;
		return 0;
	}
	if (FT_GROW(checker->rows, checker->rows_room, checker->nr_rows + 1))
		return -ENOMEM;
	checker->rows[checker->nr_rows++] = row;
	return 0;
}

void ft_conservation_checker__record(const struct ft_conservation_checker *checker,
				     struct ft_account *a, const struct ft_wire_event *e)
{
	struct ft_running_check *r = &a->running;
	const struct ft_run *run = checker->run;
	bool operation = ft_op__is_operation(e->head.op);
	int64_t count;

	if (r->failed || !run->exact)
		return;
	r->failed = e->seq != a->max_seq + 1 || run->comparison.made ||
		    (operation && e->source != run->exact_source);
	if (r->failed || e->refcount == FT_UNKNOWN || (e->flags & FT_PF_TAIL)) {
		/* there is no count to check its delta with */
		r->failed |= operation && e->delta;
		return;
	}
	count = (int64_t)r->count + (operation ? e->delta : 0);
	if (!r->anchor)
		r->anchor = e->seq;
	else if (count != e->refcount)
		r->failed = true;
	r->until = e->seq;
	r->count = e->refcount;
}

/* All counts agree so far: the first is the anchor, and there is no overlap. */
static bool holds_so_far(struct ft_account *a)
{
	const struct ft_running_check *r = &a->running;

	if (r->failed || a->nr != a->max_seq)
		return false;
	if (r->anchor != r->until)
		a->conservation = (struct ft_conservation){
			.state = FT_CONSERVATION_HOLDS,
			.anchor = r->anchor,
			.until = r->until,
		};
	return true;
}

int ft_conservation_checker__account(struct ft_conservation_checker *checker, struct ft_account *a,
				     bool last)
{
	struct ft_records *records = &checker->records;

	if (!checker->run->exact || a->checked)
		return 0;
	a->checked = true;
	if (holds_so_far(a))
		return 0;
	if (ft_records__gather(records, a))
		return -ENOMEM;
	if (checker->run->comparison.made)
		mend_stores(records);
	ft_conservation__check(checker->run, (const struct ft_wire_event *const *)records->list,
			       records->nr, &a->conservation);
	if (a->conservation.state == FT_CONSERVATION_BROKEN && !last &&
	    checker->waited < WAIT_MAX) {
		checker->waited++;
		a->checked = false;
		return 1;
	}
	checker->overlaps += a->conservation.overlaps;
	if (a->conservation.state != FT_CONSERVATION_BROKEN)
		return 0;
	if (checker->errors++ < KEEP_MAX)
		a->kept = true;
	return note_broken(checker, a);
}

static int compare_rows(const void *pa, const void *pb)
{
	const struct ft_violation_row *a = pa, *b = pb;

	if (a->folios != b->folios)
		return a->folios > b->folios ? -1 : 1;
	return a->example < b->example ? -1 : a->example > b->example;
}

int ft_conservation_checker__complete(struct ft_conservation_checker *checker, struct ft_run *run,
				      const struct ft_sites *sites, struct ft_arena *arena)
{
	size_t i;

	run->loss.conservation_errors += checker->errors;
	run->loss.overlaps += checker->overlaps;
	if (!checker->nr_rows)
		return 0;
	qsort(checker->rows, checker->nr_rows, sizeof(*checker->rows), compare_rows);
	run->violations = ft_arena__alloc(arena, checker->nr_rows, sizeof(*run->violations));
	if (!run->violations)
		return -ENOMEM;
	run->nr_violations = checker->nr_rows;
	for (i = 0; i < checker->nr_rows; i++) {
		const struct ft_violation_row *r = &checker->rows[i];

		run->violations[i] = (struct ft_violation){
			.before = ft_sites__get(sites, r->before.source, r->before.site),
			.after = ft_sites__get(sites, r->after.source, r->after.site),
			.off = r->off,
			.folios = r->folios,
			.example = r->example,
		};
	}
	return 0;
}
