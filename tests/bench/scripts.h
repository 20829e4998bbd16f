/* SPDX-License-Identifier: GPL-2.0 */
/* The records that each kind of work on a folio makes. For generate.c alone. */
#ifndef FT_BENCH_SCRIPTS_H
#define FT_BENCH_SCRIPTS_H

#include "hooks.h"
#include "wire.h"

/* One record of a script, and how the state of the folio changes with it. */
struct step {
	uint8_t op;
	uint8_t hook; /* of a function entry or exit; 0: an operation at site */
	uint8_t site;
	int16_t refs, maps;
	uint32_t set, clear; /* flags */
};

#define MAPPED (FT_PF_ANON | FT_PF_MAPPING)
#define HOOK(op, fn) FT_OP_##op, FT_HOOK_##fn, 0
#define SITE(op, n) FT_OP_##op, 0, n

static const struct step fault[] = {
	{ HOOK(BORN, folio_add_new_anon_rmap), 1, 0, FT_PF_SWAPBACKED | FT_PF_UPTODATE, 0 },
	{ HOOK(RETURN, folio_add_new_anon_rmap), 0, 1, MAPPED, 0 },
	{ HOOK(ENTER, folio_add_lru), 0, 0, 0, 0 },
	{ SITE(GET, 1), 1, 0, 0, 0 },
	{ HOOK(RETURN, folio_add_lru), 0, 0, 0, 0 },
	{ SITE(PUT, 2), -1, 0, FT_PF_LRU, 0 },
};
static const struct step gup[] = {
	{ SITE(TRY_GET, 3), 1, 0, 0, 0 },
	{ SITE(PUT, 4), -1, 0, 0, 0 },
};
static const struct step lookup[] = {
	{ SITE(TRY_GET, 5), 1, 0, 0, 0 },
	{ SITE(PUT, 6), -1, 0, 0, 0 },
};
static const struct step isolate[] = {
	{ HOOK(ENTER, folio_isolate_lru), 0, 0, 0, 0 },
	{ SITE(GET, 7), 1, 0, 0, FT_PF_LRU },
	{ HOOK(RETURN, folio_isolate_lru), 0, 0, 0, 0 },
	{ HOOK(ENTER, folio_putback_lru), 0, 0, 0, 0 },
	{ SITE(GET, 1), 1, 0, 0, 0 },
	{ SITE(PUT, 8), -1, 0, 0, 0 },
	{ HOOK(RETURN, folio_putback_lru), 0, 0, 0, 0 },
	{ SITE(PUT, 2), -1, 0, FT_PF_LRU, 0 },
};
static const struct step fork_and_exit[] = {
	{ SITE(GET, 9), 1, 0, 0, 0 },
	{ HOOK(ENTER, folio_remove_rmap_ptes), 0, 1, 0, 0 },
	{ HOOK(RETURN, folio_remove_rmap_ptes), 0, -1, 0, 0 },
	{ SITE(SUB, 10), -1, 0, 0, 0 },
};
static const struct step zap[] = {
	{ HOOK(ENTER, folio_remove_rmap_ptes), 0, 0, 0, 0 },
	{ HOOK(RETURN, folio_remove_rmap_ptes), 0, -1, 0, 0 },
	{ SITE(SUB, 10), -1, 0, 0, FT_PF_LRU },
	{ HOOK(DIED, mm_page_free), 0, 0, 0, MAPPED },
};
static const struct step move_away[] = {
	{ HOOK(ENTER, folio_isolate_lru), 0, 0, 0, 0 },
	{ SITE(GET, 7), 1, 0, FT_PF_LOCKED, FT_PF_LRU },
	{ HOOK(RETURN, folio_isolate_lru), 0, 0, 0, 0 },
	{ HOOK(RETURN, folio_remove_rmap_ptes), 0, -1, 0, 0 },
	{ SITE(PUT, 11), -1, 0, 0, 0 },
	{ HOOK(ENTER, folio_migrate_mapping), 0, 0, 0, 0 },
	{ HOOK(RETURN, folio_migrate_mapping), 0, 0, 0, 0 },
	{ HOOK(MIGRATE, remove_migration_ptes), 0, 0, 0, 0 },
	{ SITE(PUT, 12), -1, 0, 0, FT_PF_LOCKED },
	{ HOOK(DIED, mm_page_free), 0, 0, 0, MAPPED },
};
static const struct step arrive[] = {
	{ HOOK(BORN, remove_migration_ptes), 1, 0, FT_PF_SWAPBACKED | FT_PF_UPTODATE, 0 },
	{ SITE(GET, 13), 1, 0, MAPPED, 0 },
	{ HOOK(RETURN, folio_add_anon_rmap_ptes), 0, 1, 0, 0 },
	{ SITE(GET, 1), 1, 0, 0, 0 },
	{ SITE(PUT, 14), -1, 0, 0, 0 },
	{ SITE(PUT, 2), -1, 0, FT_PF_LRU, 0 },
};
static const struct step fault_huge[] = {
	{ HOOK(BORN, folio_add_new_anon_rmap), 1, 0,
	  FT_PF_SWAPBACKED | FT_PF_UPTODATE | FT_PF_LARGE, 0 },
	{ HOOK(RETURN, folio_add_new_anon_rmap), 0, 1, MAPPED, 0 },
	{ SITE(GET, 1), 1, 0, 0, 0 },
	{ SITE(PUT, 2), -1, 0, FT_PF_LRU, 0 },
};
static const struct step split[] = {
	{ SITE(GET, 15), 1, 0, FT_PF_LOCKED, 0 },
	{ HOOK(RETURN, folio_remove_rmap_pmd), 0, -1, 0, 0 },
	{ SITE(SUB, 16), -1, 0, 0, 0 },
	{ HOOK(ENTER, folio_split), 0, 0, 0, 0 },
	{ SITE(FREEZE, 17), -1, 0, 0, 0 },
	{ HOOK(SPLIT, folio_split), 0, 0, 0, 0 },
};
static const struct step child[] = {
	{ HOOK(BORN, folio_split), 0, 0, FT_PF_SWAPBACKED | FT_PF_UPTODATE | MAPPED, 0 },
	{ SITE(UNFREEZE, 18), 1, 0, 0, 0 },
	{ SITE(GET, 13), 1, 0, 0, 0 },
	{ HOOK(RETURN, folio_add_anon_rmap_ptes), 0, 1, 0, 0 },
	{ SITE(PUT, 19), -1, 0, FT_PF_LRU, 0 },
};

#endif /* FT_BENCH_SCRIPTS_H */
