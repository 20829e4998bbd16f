// SPDX-License-Identifier: GPL-2.0
/*
 * The holder table: the only place of the core that knows kernel functions by
 * name. A row says what the caller of a function must hold for the call to make
 * sense; one too few here makes a folio look worse, one too many would hide a
 * leak, so only what the kernel's own checks imply is in it.
 */
#include <string.h>

#include "core/folio/holders.h"
#include "core/index/calls.h"

struct holder {
	const char *function;
	uint8_t op;
	const char *inside; /* only when called from there; NULL: from anywhere */
	bool isolated;	    /* only if PG_lru went away since this task entered it */
	int refs;
};

static const struct holder holders[] = {
	/* Whoever unmaps or moves a folio has it by a reference of its own:
	 * migrate_vma_collect's, an isolation, or the splitter's. */
	{ "set_pmd_migration_entry", FT_OP_ENTER, NULL, false, 1 },
	{ "set_pmd_migration_entry", FT_OP_RETURN, NULL, false, 1 },
	/* folio_ref_count() == expected + 1 is what both of them test. */
	{ "folio_migrate_mapping", FT_OP_ENTER, NULL, false, 1 },
	{ "__folio_migrate_mapping", FT_OP_ENTER, NULL, false, 1 },
	/* migrate_device_unmap() still holds collect's, and puts it afterwards. */
	{ "folio_isolate_lru", FT_OP_ENTER, "migrate_device_unmap", false, 1 },
	{ "isolate_lru_page", FT_OP_ENTER, "migrate_device_unmap", false, 1 },
	{ "folio_isolate_lru", FT_OP_RETURN, "migrate_device_unmap", true, 2 },
	{ "isolate_lru_page", FT_OP_RETURN, "migrate_device_unmap", true, 2 },
};

/* Whoever clears PG_lru has isolated the folio; return values differ by release. */
static bool has_isolated(const struct ft_event *e, const struct ft_event *before)
{
	return before && before->op == FT_OP_ENTER && before->site == e->site &&
	       before->pid == e->pid && (before->flags & FT_PF_LRU) && !(e->flags & FT_PF_LRU);
}

int ft_holders__at(const struct ft_run *run, const struct ft_event *e,
		   const struct ft_event *before)
{
	size_t i;

	/* can_split_folio(): folio_ref_count() - 1 == expected, the one is the
	 * caller's; a split that failed leaves it to him. */
	if (e->site->role == FT_ROLE_SPLIT) {
		if (e->op == FT_OP_ENTER)
			return 1;
		return e->op == FT_OP_RETURN && e->site->returns && e->value ? 1 : -1;
	}
	for (i = 0; i < sizeof(holders) / sizeof(*holders); i++) {
		const struct holder *h = &holders[i];

		if (h->op != e->op || strcmp(h->function, e->site->function))
			continue;
		if (h->isolated && !has_isolated(e, before))
			continue;
		if (!h->inside || ft_run__is_inside(run, e->pid, e->t_ns, h->inside))
			return h->refs;
	}
	return -1;
}

bool ft_holders__is_migration(const struct ft_event *e)
{
	static const char *const functions[] = { "move_to_new_folio", "folio_migrate_mapping",
						 "__folio_migrate_mapping" };
	size_t i;

	for (i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (!strcmp(functions[i], e->site->function))
			return true;
	return false;
}

bool ft_holders__adds_to_batch(const struct ft_event *e)
{
	return e->op == FT_OP_RETURN && !e->order &&
	       (!strcmp(e->site->function, "folio_add_lru") ||
		!strcmp(e->site->function, "folio_putback_lru"));
}
