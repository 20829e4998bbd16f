// SPDX-License-Identifier: GPL-2.0
#include "render/pairs.h"

#define FINDINGS_MAX 64

/* The operation that stands for all of what it lost: they are of one call. */
static const struct ft_event *call_of(const struct ft_folio *folio)
{
	const struct ft_event *e = folio->nr_lost ? folio->lost[0].event : NULL, *other;
	size_t i;

	if (!e || !folio->lost[0].site || !e->entry_seq)
		return NULL;
	for (i = 1; i < folio->nr_lost; i++) {
		other = folio->lost[i].event;
		if (!other || other->pid != e->pid || other->entry_seq != e->entry_seq)
			return NULL;
	}
	return e;
}

static bool belong_together(const struct ft_folio *leak, const struct ft_folio *overput)
{
	const struct ft_units *x = &leak->ownerless, *y = &overput->ownerless;
	const struct ft_event *a = call_of(leak), *b = call_of(overput);

	return a && b && a->pid == b->pid && a->entry_seq == b->entry_seq && x->references > 0 &&
	       x->references == -y->references;
}

const struct ft_folio *pairs__other(const struct ft_run *run, const struct ft_folio *folio)
{
	bool is_leak = folio->verdict == FT_VERDICT_LEAK;
	size_t i;

	if (!ft_folio__is_bad(folio) || run->count[FT_VERDICT_LEAK] > FINDINGS_MAX ||
	    run->count[FT_VERDICT_OVERPUT] > FINDINGS_MAX)
		return NULL;
	if (!run->count[is_leak ? FT_VERDICT_OVERPUT : FT_VERDICT_LEAK])
		return NULL;
	for (i = 0; i < run->nr_folios; i++) {
		const struct ft_folio *other = run->folios[i];

		if (!ft_folio__is_bad(other) || other->verdict == folio->verdict)
			continue;
		if (is_leak ? belong_together(folio, other) : belong_together(other, folio))
			return other;
	}
	return NULL;
}
