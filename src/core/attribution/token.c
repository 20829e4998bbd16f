// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/attribution/token.h"

/* How far the times of two CPUs put changes of one count in the wrong order. */
#define LOOK_AHEAD 6
#define LOOK_AHEAD_NS 200000

void ft_tokens__free(struct ft_tokens *t)
{
	free(t->list);
	*t = (struct ft_tokens){ 0 };
}

static int32_t count_before(const struct ft_ref *r)
{
	return r->count - r->delta;
}

/* Each count must follow from the one before. */
static void repair_order(struct ft_ref *refs, size_t nr)
{
	struct ft_ref moved;
	size_t i, j;

	for (i = 0; i + 1 < nr; i++) {
		if (count_before(&refs[i + 1]) == refs[i].count)
			continue;
		for (j = i + 2; j < nr && j < i + LOOK_AHEAD; j++) {
			if (count_before(&refs[j]) != refs[i].count ||
			    refs[j].t_ns > refs[i].t_ns + LOOK_AHEAD_NS)
				continue;
			moved = refs[j];
			memmove(&refs[i + 2], &refs[i + 1], (j - i - 1) * sizeof(*refs));
			refs[i + 1] = moved;
			break;
		}
	}
}

static int reserve(struct ft_tokens *t, size_t want)
{
	void *p;

	if (want <= t->room)
		return 0;
	want += want / 2;
	p = realloc(t->list, want * sizeof(*t->list));
	if (!p)
		return -ENOMEM;
	t->list = p;
	t->room = want;
	return 0;
}

static int add(struct ft_tokens *t, struct ft_classes *classes, const struct ft_ref *r, int32_t at,
	       int64_t delta)
{
	struct ft_token *new = &t->list[t->nr];
	int code;

	if (!delta)
		return 0;
	*new = (struct ft_token){
		.t_ns = r->t_ns,
		.stack = r->stack,
		.at = at,
		.number = r->number,
		.n = (uint32_t)(delta < 0 ? -delta : delta),
		.task = r->task,
		.entry_seq = r->entry_seq,
		.put = delta < 0,
		.lru = r->lru,
	};
	code = ft_classes__intern(classes, r->site, r->stack, &new->class);
	if (code)
		return code;
	new->place = classes->list[new->class].place;
	t->nr++;
	return 0;
}

static int add_pseudo(struct ft_tokens *t, struct ft_classes *classes, enum ft_hold hold, int64_t n,
		      bool put)
{
	static const char *const why[] = {
		[FT_HOLD_NONE] = "held",
		[FT_HOLD_MAP] = "mapped",
		[FT_HOLD_CACHE] = "cached",
		[FT_HOLD_PIN] = "pinned",
	};
	struct ft_token *new = &t->list[t->nr];
	int code;

	if (n <= 0)
		return 0;
	*new = (struct ft_token){
		.at = put ? FT_AT_END : FT_AT_START,
		.n = (uint32_t)n,
		.task = UINT32_MAX,
		.hold = (uint8_t)hold,
		.put = put,
	};
	code = ft_classes__intern_holder(classes, why[hold], &new->class);
	if (code)
		return code;
	new->place = classes->list[new->class].place;
	t->nr++;
	return 0;
}

/* What was held before the first change that is seen. */
static int add_start(struct ft_tokens *t, struct ft_classes *classes, const struct ft_ref *first)
{
	int64_t left = count_before(first), n;
	const struct {
		enum ft_hold hold;
		int32_t refs;
	} holders[] = {
		{ FT_HOLD_MAP, first->mapped },
		{ FT_HOLD_CACHE, first->cached },
		{ FT_HOLD_PIN, first->pinned },
		{ FT_HOLD_NONE, INT32_MAX },
	};
	size_t i;
	int code = 0;

	for (i = 0; !code && i < sizeof(holders) / sizeof(*holders); i++) {
		n = holders[i].refs < left ? holders[i].refs : left;
		code = add_pseudo(t, classes, holders[i].hold, n, false);
		if (n > 0)
			left -= n;
	}
	return code;
}

/* A freeze and what sets the count again are one change, by the difference. */
static int add_refs(struct ft_tokens *t, struct ft_classes *classes, const struct ft_ref *refs,
		    size_t nr)
{
	const struct ft_ref *frozen = NULL;
	size_t i;
	int code = 0;

	for (i = 0; !code && i < nr; i++) {
		const struct ft_ref *r = &refs[i];
		int64_t delta = r->delta;

		if (r->kind == FT_REF_FREEZE && !r->count) {
			frozen = r;
			continue;
		}
		if (r->kind == FT_REF_SET && frozen) {
			delta += frozen->delta;
			frozen = NULL;
		}
		code = add(t, classes, r, (int32_t)i, delta);
	}
	if (!code && frozen) /* it went to its end frozen */
		code = add(t, classes, frozen, (int32_t)(frozen - refs), frozen->delta);
	return code;
}

/*
 * References beyond what the folio accounts for, between a ref and the next. Who maps
 * several pages of a folio has a reference for one, and may take those for the others
 * only afterwards: then the next ref is of mappings that show already.
 */
static int64_t unexplained(const struct ft_ref *r, const struct ft_ref *next)
{
	int64_t early = next->mapped - r->mapped - 1, mapped = next->mapped;

	if (early > 0 && next->delta > 0)
		mapped -= early < next->delta ? early : next->delta;
	return (int64_t)count_before(next) - mapped - next->cached - next->pinned;
}

static bool is_frozen(const struct ft_ref *next)
{
	return next->kind == FT_REF_SET && count_before(next) <= 0;
}

/*
 * When the count was in order. While it had no reference too many, none was lost: the
 * last such moment clears all gets before it. And once it has as many too few as in
 * the end, all that was wrong has happened: the first such moment clears the puts
 * behind it.
 */
static void find_watermark(struct ft_tokens *t, const struct ft_ref *refs, size_t nr)
{
	int64_t over;
	size_t i;

	t->watermark = t->surplus < 0 ? (int32_t)nr : -1;
	for (i = 0; i + 1 < nr; i++) {
		const struct ft_ref *next = &refs[i + 1];

		if (is_frozen(next) || next->mapped < 0)
			continue;
		over = unexplained(&refs[i], next) - t->kept;
		if (t->surplus > 0 && over <= 0 && over >= -t->kept)
			t->watermark = (int32_t)i;
		if (t->surplus < 0 && over <= t->surplus) {
			t->watermark = (int32_t)i;
			break;
		}
	}
	t->breaks = 0;
	for (i = t->watermark < 0 || t->surplus < 0 ? 0 : (size_t)t->watermark; i + 1 < nr; i++)
		t->breaks += count_before(&refs[i + 1]) != refs[i].count;
}

static int32_t held_by(const struct ft_ref *r, enum ft_hold hold)
{
	return hold == FT_HOLD_MAP   ? r->mapped :
	       hold == FT_HOLD_CACHE ? r->cached :
	       hold == FT_HOLD_PIN   ? r->pinned :
				       0;
}

/* Whether a holder let go of references after the watermark, and of how many that
 * no put went with, then or later (what a zap unmaps is put at the end of its batch). */
static bool let_go(const struct ft_tokens *t, const struct ft_ref *refs, size_t nr,
		   const struct ft_ref *rest, enum ft_hold hold, int64_t *unput)
{
	size_t i = t->watermark < 0 ? 0 : (size_t)t->watermark + 1;
	int32_t first = -1;

	*unput = 0;
	for (; i < nr; i++) {
		int32_t before = held_by(&refs[i], hold),
			after = held_by(i + 1 < nr ? &refs[i + 1] : rest, hold);

		if (before <= after || after < 0)
			continue;
		first = first < 0 ? (int32_t)i : first;
		*unput += before - after;
	}
	for (i = 0; i < t->nr; i++)
		if (t->list[i].put && !ft_token__is_pseudo(&t->list[i]) &&
		    (t->list[i].hold == hold ?
			     t->list[i].at > t->watermark :
			     t->list[i].hold == FT_HOLD_NONE && t->list[i].at > first))
			*unput -= t->list[i].n;
	return first >= 0;
}

/*
 * A reference of a holder that the folio shows is not too many while it does: it is
 * lost when the holder goes and does not put it.
 */
static void clear(struct ft_tokens *t, const struct ft_ref *refs, size_t nr,
		  const struct ft_ref *rest)
{
	enum ft_hold hold;
	int64_t unput;
	size_t i;

	for (i = 0; i < t->nr; i++)
		t->list[i].cleared = t->surplus < 0 ? t->list[i].at > t->watermark :
						      t->list[i].at <= t->watermark;
	for (hold = FT_HOLD_MAP; t->surplus > 0 && hold <= FT_HOLD_PIN; hold++) {
		if (!let_go(t, refs, nr, rest, hold, &unput))
			continue;
		for (i = 0; i < t->nr; i++) {
			if (t->list[i].hold != hold || t->list[i].put)
				continue;
			t->list[i].cleared = false;
			t->list[i].unput = unput > 0;
		}
	}
}

int ft_tokens__of(struct ft_tokens *t, struct ft_classes *classes, struct ft_ref *refs, size_t nr,
		  const struct ft_ref_end *end)
{
	struct ft_ref rest = {
		.mapped = (int32_t)end->mapped,
		.cached = (int32_t)end->cached,
		.pinned = (int32_t)end->pinned,
	};
	int code;

	t->nr = 0;
	t->coarse = false;
	t->surplus = end->surplus;
	t->kept = end->kept;
	code = reserve(t, nr + 8);
	if (code || !nr)
		return code;
	repair_order(refs, nr);
	rest.lru = refs[nr - 1].lru;
	code = add_start(t, classes, &refs[0]);
	if (!code)
		code = add_refs(t, classes, refs, nr);
	if (code)
		return code;
	ft_tokens__mark_holders(t, classes, refs, nr, &rest);
	code = add_pseudo(t, classes, FT_HOLD_MAP, end->mapped, true);
	if (!code)
		code = add_pseudo(t, classes, FT_HOLD_CACHE, end->cached, true);
	if (!code)
		code = add_pseudo(t, classes, FT_HOLD_PIN, end->pinned, true);
	if (!code)
		code = add_pseudo(t, classes, FT_HOLD_NONE, end->kept, true);
	if (code)
		return code;
	find_watermark(t, refs, nr);
	clear(t, refs, nr, &rest);
	ft_tokens__shrink(t);
	return 0;
}
