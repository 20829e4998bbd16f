// SPDX-License-Identifier: GPL-2.0
#include "render/title.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "function.h"

struct words {
	const char *what, *of; /* "pin", " never unpinned" */
};

static struct words words_of(const struct ft_group *g)
{
	const struct ft_folio *folio = g->folios[0];
	const struct ft_units u = ft_folio__lost_units(folio);

	if (folio->reason.code == FT_REASON_GET_ON_FREED)
		return (struct words){ "get", " of a free page" };
	if (folio->reason.code == FT_REASON_PIN_PUT_AS_REFERENCE)
		return (struct words){ "pin", " put as a plain reference" };
	if (folio->verdict == FT_VERDICT_OVERPUT && u.mappings < 0)
		return (struct words){ "mapping", " removed too often" };
	if (folio->verdict == FT_VERDICT_OVERPUT && u.pins < 0)
		return (struct words){ "unpin", " had no pin" };
	if (folio->verdict == FT_VERDICT_OVERPUT)
		return (struct words){ "put", " had no get" };
	if (u.mappings > 0)
		return (struct words){ "mapping", " never removed" };
	if (u.pins > 0)
		return (struct words){ "pin", " never unpinned" };
	if (g->class == FT_OWNER_ISOLATION)
		return (struct words){ "isolation", " never put back" };
	return (struct words){ "get", " never put" };
}

struct title title__of(const struct ft_group *g)
{
	const struct ft_folio *folio = g->folios[0];
	const char *function = g->function ? g->function : "";
	const struct words w = words_of(g);
	struct title t;

	if (!g->function && folio->reason.site)
		function = folio->reason.site->function;
	snprintf(t.s, sizeof(t.s), "folio %s: %s%s%.*s%s (%s, order %u)",
		 folio->verdict == FT_VERDICT_LEAK ? "leak" : "over-put", w.what,
		 *function ? " in " : "", (int)ft_function__length(function), function, w.of,
		 ft_kind__name(folio->kind), folio->order);
	return t;
}

struct title title__key(const struct ft_group *g)
{
	struct title t;

	snprintf(t.s, sizeof(t.s), "%016" PRIx64, g->key);
	return t;
}
