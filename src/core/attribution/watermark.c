// SPDX-License-Identifier: GPL-2.0
#include "core/attribution/watermark.h"

/*
 * References beyond what the folio accounts for, between a ref and the next. A function
 * that maps several pages of a folio may raise the mapcount first and take the references
 * afterwards (folio_ref_add() behind the loop): mappings that the next ref is taken for
 * do not count yet.
 */
static int64_t unexplained(const struct ft_ref *r, const struct ft_ref *next)
{
	int64_t early = next->mapped - r->mapped - 1, mapped = next->mapped;

	if (early > 0 && next->delta > 0)
		mapped -= early < next->delta ? early : next->delta;
	return ft_ref__before(next) - mapped - next->cached - next->pinned;
}

/* Before a set that ends a freeze, the count is 0 by itself and says nothing. */
static bool is_frozen(const struct ft_ref *next)
{
	return next->kind == FT_REF_SET && ft_ref__before(next) <= 0;
}

/*
 * A leak: while the count had no surplus, nothing was lost. The last such moment clears
 * all gets before it. An over-put: once as many references are missing as at the end,
 * the wrong puts have been done. The first such moment clears all puts behind it.
 */
static void find_watermark(struct ft_tokens *t, const struct ft_ref *refs, size_t nr)
{
	int64_t surplus;
	size_t i;

	t->watermark = t->surplus < 0 ? (int32_t)nr : -1;
	for (i = 0; i + 1 < nr; i++) {
		const struct ft_ref *next = &refs[i + 1];

		if (is_frozen(next) || next->mapped < 0)
			continue;
		surplus = unexplained(&refs[i], next) - t->kept;
		if (t->surplus > 0 && surplus <= 0 && surplus >= -t->kept)
			t->watermark = (int32_t)i;
		if (t->surplus < 0 && surplus <= t->surplus) {
			t->watermark = (int32_t)i;
			break;
		}
	}
}

/* Of a lost pin only pins count, and of a lost reference what no holder shows. */
static bool counts(const struct ft_tokens *t, const struct ft_token *token)
{
	if (token->closed || token->at == FT_AT_END)
		return false;
	return t->unowned_pins ? token->hold == FT_HOLD_PIN : !ft_token__is_shown(token);
}

/*
 * The same by what is open: what is closed by number comes and goes without hiding when
 * nothing was lost yet.
 */
static void find_open_watermark(struct ft_tokens *t)
{
	int64_t open = -t->kept;
	int32_t found = t->watermark;
	size_t i;

	for (i = 0; i < t->nr; i++) {
		const struct ft_token *token = &t->list[i];

		if (!counts(t, token))
			continue;
		open += ft_token__units(token);
		if (t->surplus > 0 && open <= 0 && token->at > found)
			found = token->at;
		if (t->surplus < 0 && open <= t->surplus) {
			found = token->at < found ? token->at : found;
			break;
		}
	}
	t->watermark = found;
}

static void count_breaks(struct ft_tokens *t, const struct ft_ref *refs, size_t nr)
{
	size_t i;

	t->breaks = 0;
	for (i = t->watermark < 0 || t->surplus < 0 ? 0 : (size_t)t->watermark; i + 1 < nr; i++)
		t->breaks += ft_ref__before(&refs[i + 1]) != refs[i].count;
}

static int32_t shown_for(const struct ft_ref *r, enum ft_hold hold)
{
	return hold == FT_HOLD_MAP   ? r->mapped :
	       hold == FT_HOLD_CACHE ? r->cached :
	       hold == FT_HOLD_PIN   ? r->pinned :
				       0;
}

/*
 * Whether a holder went away after the watermark; *unput: how many of its references no
 * put went with. Puts that come later count, too: unmapping a range puts the folios only
 * when its batch is flushed (tlb_flush_mmu()).
 */
static bool is_released(const struct ft_tokens *t, const struct ft_ref *refs, size_t nr,
			const struct ft_ref *rest, enum ft_hold hold, int64_t *unput)
{
	size_t i = t->watermark < 0 ? 0 : (size_t)t->watermark + 1;
	int32_t first = -1;

	*unput = 0;
	for (; i < nr; i++) {
		int32_t before = shown_for(&refs[i], hold),
			after = shown_for(i + 1 < nr ? &refs[i + 1] : rest, hold);

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
 * A reference whose holder the folio shows is in order as long as it is shown, wherever
 * the watermark is. It can only be lost later, when the holder goes without a put: the
 * watermark does not clear the gets of a holder that was released behind it.
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
	/* a pin is shown as long as it is there, whether somebody has it or not */
	for (i = 0; t->unowned_pins && i < t->nr; i++) {
		if (t->list[i].hold != FT_HOLD_PIN || t->list[i].put)
			continue;
		t->list[i].cleared = false;
		t->list[i].unput = true;
		t->list[i].unowned = true;
	}
	for (hold = FT_HOLD_MAP; t->surplus > 0 && hold <= FT_HOLD_PIN; hold++) {
		if (!is_released(t, refs, nr, rest, hold, &unput))
			continue;
		for (i = 0; i < t->nr; i++) {
			if (t->list[i].hold != hold || t->list[i].put)
				continue;
			t->list[i].cleared = false;
			t->list[i].unput = unput > 0;
		}
	}
}

void ft_tokens__clear(struct ft_tokens *t, const struct ft_ref *refs, size_t nr,
		      const struct ft_ref *rest)
{
	find_watermark(t, refs, nr);
	find_open_watermark(t);
	count_breaks(t, refs, nr);
	clear(t, refs, nr, rest);
}
