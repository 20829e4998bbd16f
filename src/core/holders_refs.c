// SPDX-License-Identifier: GPL-2.0
/*
 * The holder table of exact events: places that take a reference for a list, or
 * put one from it. Beside holders.c the only place of the core with names of
 * kernel functions; a place that is not in it is attributed all the same.
 */
#include <string.h>

#include "core/holders.h"

struct ref_holder {
	const char *function; /* of the site; NULL: of one of its two callers, too */
	const char *caller;
	enum ft_class_role role;
};

static const struct ref_holder table[] = {
	/* mm/swap.c: into a per-CPU batch, which has a reference of its own ... */
	{ "__folio_batch_add_and_move", NULL, FT_CLASS_BATCH_GET },
	{ "folio_add_lru", NULL, FT_CLASS_BATCH_GET }, /* 6.1 */
	{ "folio_activate", NULL, FT_CLASS_BATCH_GET },
	{ "folio_rotate_reclaimable", NULL, FT_CLASS_BATCH_GET },
	{ "deactivate_file_folio", NULL, FT_CLASS_BATCH_GET },
	{ "deactivate_page", NULL, FT_CLASS_BATCH_GET },
	{ "folio_deactivate", NULL, FT_CLASS_BATCH_GET },
	{ "mark_page_lazyfree", NULL, FT_CLASS_BATCH_GET },
	{ "folio_mark_lazyfree", NULL, FT_CLASS_BATCH_GET },
	/* mm/mlock.c */
	{ "mlock_folio", NULL, FT_CLASS_BATCH_GET },
	{ "mlock_new_folio", NULL, FT_CLASS_BATCH_GET },
	{ "mlock_new_page", NULL, FT_CLASS_BATCH_GET },
	{ "munlock_folio", NULL, FT_CLASS_BATCH_GET },
	{ "munlock_page", NULL, FT_CLASS_BATCH_GET },
	/* ... and out of it. */
	{ NULL, "folio_batch_move_lru", FT_CLASS_BATCH_PUT },
	{ NULL, "mlock_folio_batch", FT_CLASS_BATCH_PUT },
	{ NULL, "mlock_pagevec", FT_CLASS_BATCH_PUT },
	/* They get first and clear PG_lru afterwards. */
	{ "folio_isolate_lru", NULL, FT_CLASS_ISOLATES },
	{ "isolate_lru_page", NULL, FT_CLASS_ISOLATES },
	{ "isolate_lru_folios", NULL, FT_CLASS_ISOLATES },
	{ "isolate_lru_pages", NULL, FT_CLASS_ISOLATES },
	{ "isolate_migratepages_block", NULL, FT_CLASS_ISOLATES },
};

static bool is_in(const struct ft_class *c, const char *function)
{
	return !strcmp(c->site->function, function) ||
	       (c->caller[0] && !strcmp(c->caller[0], function)) ||
	       (c->caller[1] && !strcmp(c->caller[1], function));
}

enum ft_class_role ft_holders__role_of(const struct ft_class *c)
{
	size_t i;

	if (!c->site->function)
		return FT_CLASS_PLAIN;
	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].function ? !strcmp(c->site->function, table[i].function) :
					is_in(c, table[i].caller))
			return table[i].role;
	return FT_CLASS_PLAIN;
}
