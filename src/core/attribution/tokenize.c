// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/attribution/closed.h"
#include "core/attribution/hold.h"
#include "core/attribution/shrink.h"
#include "core/attribution/tokenize.h"
#include "core/attribution/watermark.h"
#include "core/folio/holders.h"
#include "core/util/grow.h"

/* The clocks of two CPUs differ by less than this, and so few operations come between. */
#define LOOK_AHEAD 6
#define LOOK_AHEAD_NS 200000

#define BETWEEN_HALVES 64 /* refs that may come between both halves of a pin */

#define PSEUDO_TOKENS 9 /* of the holders at the start and at the end */

void ft_tokens__free(struct ft_tokens *t)
{
	free(t->list);
	free(t->whole);
	*t = (struct ft_tokens){ 0 };
}

/* Each count must follow from the one before: the ref that does comes next. */
static void repair_order(struct ft_ref *refs, size_t nr)
{
	struct ft_ref moved;
	size_t i, j;

	for (i = 0; i + 1 < nr; i++) {
		if (ft_ref__before(&refs[i + 1]) == refs[i].count)
			continue;
		for (j = i + 2; j < nr && j < i + LOOK_AHEAD; j++) {
			if (ft_ref__before(&refs[j]) != refs[i].count ||
			    refs[j].t_ns > refs[i].t_ns + LOOK_AHEAD_NS)
				continue;
			moved = refs[j];
			memmove(&refs[i + 2], &refs[i + 1], (j - i - 1) * sizeof(*refs));
			refs[i + 1] = moved;
			break;
		}
	}
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
		.owner = r->owner,
		.interrupt = r->interrupt,
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
	static const char *const holder[] = {
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
	code = ft_classes__intern_holder(classes, holder[hold], &new->class);
	if (code)
		return code;
	new->place = classes->list[new->class].place;
	t->nr++;
	return 0;
}

static int64_t refs_of_pin(const struct ft_ref *r)
{
	return r->single ? FT_PIN_BIAS : 1;
}

/* References from before the first operation, by the holders that the folio shows. */
static int add_start(struct ft_tokens *t, struct ft_classes *classes, const struct ft_ref *first)
{
	int64_t left = ft_ref__before(first), pin = refs_of_pin(first), n;
	const struct {
		enum ft_hold hold;
		int64_t refs, unit;
	} holders[] = {
		{ FT_HOLD_MAP, first->mapped, 1 },
		{ FT_HOLD_CACHE, first->cached, 1 },
		{ FT_HOLD_PIN, first->pinned - first->pins * pin, pin },
		{ FT_HOLD_MAP, first->became_mapped, 1 },
		{ FT_HOLD_NONE, INT32_MAX, 1 },
	};
	size_t i;
	int code = 0;

	for (i = 0; !code && i < sizeof(holders) / sizeof(*holders); i++) {
		n = holders[i].refs < left ? holders[i].refs : left;
		code = add_pseudo(t, classes, holders[i].hold, n / holders[i].unit, false);
		if (n > 0)
			left -= n;
	}
	return code;
}

/* Others may come between both halves, as many as there is time for. */
static bool is_first_half_of_pin(const struct ft_ref *r, const struct ft_ref *end)
{
	const struct ft_ref *next;

	for (next = r + 1; r->delta == 1 && r->single && next < end && next <= r + BETWEEN_HALVES;
	     next++)
		if (next->task == r->task && next->entry_seq == r->entry_seq &&
		    next->interrupt == r->interrupt)
			return next->delta == FT_PIN_BIAS - 1;
	return false;
}

/*
 * A freeze (folio_ref_freeze()) and the set that ends it are one change, by the
 * difference: between them the count is 0 and nobody can take or put a reference.
 */
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
		if (r->pins)
			delta = r->pins;
		else if (is_first_half_of_pin(r, refs + nr))
			continue;
		code = add(t, classes, r, (int32_t)i, r->maps);
		if (!code && r->maps)
			t->list[t->nr - 1].hold = FT_HOLD_MAP;
		if (!code)
			code = add(t, classes, r, (int32_t)i, delta - r->maps);
	}
	if (!code && frozen) /* never unfrozen: it was freed */
		code = add(t, classes, frozen, (int32_t)(frozen - refs), frozen->delta);
	return code;
}

/*
 * Of a large folio: _pincount follows the reference, and where both had been lowered again
 * before the next operation, no reading shows the pin. Where pins are left, what
 * get_user_pages() took is one of them.
 */
static void mark_pins(struct ft_tokens *t, const struct ft_classes *classes, int64_t left)
{
	int64_t pins = 0;
	size_t i;

	for (i = 0; i < t->nr; i++)
		if (t->list[i].hold == FT_HOLD_PIN)
			pins += ft_token__units(&t->list[i]);
	if (pins >= left) /* all of them were seen */
		return;
	for (i = 0; i < t->nr; i++) {
		struct ft_token *token = &t->list[i];
		const struct ft_class *class = &classes->list[token->class];
		const struct ft_site *site = class->site;

		if (ft_token__is_pseudo(token) || token->hold != FT_HOLD_NONE ||
		    ft_class__hardly(class->pinned, class->seen_large))
			continue;
		if (token->put ? ft_holders__is_unpin(site, token->stack) :
				 ft_holders__class(site, token->stack) == FT_OWNER_GUP)
			token->hold = FT_HOLD_PIN;
	}
}

/*
 * Of what was put into a pipe or a socket the last is found there: its get is answered.
 * Returns how many were.
 */
static int64_t take_out_found(struct ft_tokens *t, const struct ft_classes *classes,
			      enum ft_owner_class class, int64_t units)
{
	int64_t left = units;
	size_t i;

	for (i = t->nr; left > 0 && i--;) {
		const struct ft_token *token = &t->list[i];

		if (token->put || token->n > left || ft_token__is_pseudo(token) ||
		    ft_holders__class(classes->list[token->class].site, token->stack) != class)
			continue;
		left -= token->n;
		memmove(&t->list[i], &t->list[i + 1], (--t->nr - i) * sizeof(*t->list));
	}
	return units - left;
}

int ft_tokens__read(struct ft_tokens *t, struct ft_classes *classes, struct ft_ref *refs, size_t nr,
		    const struct ft_ref_end *end)
{
	struct ft_ref rest = { .mapped = (int32_t)end->mapped, .cached = (int32_t)end->cached };
	int64_t kept = end->kept;
	int code;

	t->nr = t->nr_whole = 0;
	t->coarse = t->mixed = false;
	t->surplus = end->surplus;
	t->kept = end->kept;
	t->unowned_pins = end->unowned_pins > 0;
	if (!nr)
		return 0;
	if (FT_GROW(t->list, t->room, 2 * nr + PSEUDO_TOKENS)) /* one may be for two holders */
		return -ENOMEM;
	repair_order(refs, nr);
	rest.pinned = (int32_t)((end->pinned + end->unowned_pins) * refs_of_pin(&refs[0]));
	rest.lru = refs[nr - 1].lru;
	code = add_start(t, classes, &refs[0]);
	if (!code)
		code = add_refs(t, classes, refs, nr);
	if (code)
		return code;
	ft_tokens__mark_holders(t, classes, refs, nr, &rest);
	if (end->unowned_pins > 0 && !refs[0].single)
		mark_pins(t, classes, end->pinned + end->unowned_pins);
	kept -= take_out_found(t, classes, FT_OWNER_PIPE, end->in_pipes);
	kept -= take_out_found(t, classes, FT_OWNER_SOCKET, end->in_sockets);
	code = add_pseudo(t, classes, FT_HOLD_MAP, end->mapped, true);
	if (!code)
		code = add_pseudo(t, classes, FT_HOLD_CACHE, end->cached, true);
	if (!code)
		code = add_pseudo(t, classes, FT_HOLD_PIN, end->pinned, true);
	if (!code)
		code = add_pseudo(t, classes, FT_HOLD_NONE, kept, true);
	if (code)
		return code;
	code = ft_tokens__close(t);
	if (code)
		return code;
	ft_tokens__clear(t, refs, nr, &rest);
	return 0;
}

int ft_tokens__of(struct ft_tokens *t, struct ft_classes *classes, struct ft_ref *refs, size_t nr,
		  const struct ft_ref_end *end)
{
	int code = ft_tokens__read(t, classes, refs, nr, end);

	return code ? code : ft_tokens__shrink(t);
}
