/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One account per folio lifetime, with its records as they came.
 *
 * The rings of several CPUs are read in turn, so the records of one lifetime arrive in
 * any order: that of its end may come before that of its birth. An account is closed when
 * its end is known and no number is missing up to it. If nothing requires to keep it
 * then, its memory is freed at once, so memory grows with the living folios and not with
 * the events.
 */
#ifndef FT_CORE_LEDGER_LEDGER_H
#define FT_CORE_LEDGER_LEDGER_H

#include "core/ledger/account.h"
#include "core/util/pool.h"

/* An account, or what is left of a forgotten one: its address, made odd. 0: this
 * id was never seen. */
struct ft_slot {
	uintptr_t word;
};

static inline struct ft_account *ft_slot__account(const struct ft_slot *slot)
{
	return slot->word & 1 ? NULL : (struct ft_account *)slot->word;
}

static inline uint64_t ft_slot__address(const struct ft_slot *slot)
{
	const struct ft_account *a = ft_slot__account(slot);

	return a ? a->address : slot->word & ~1ULL;
}

#define FT_SLOT_BITS 10
#define FT_SLOTS (1U << FT_SLOT_BITS)

struct ft_ledger {
	bool keep_all;
	/* Each may be NULL. Before a record is appended to its account: */
	void (*on_record)(void *arg, struct ft_account *account, const struct ft_wire_event *e);
	/* When all records of a lifetime are there, before it is forgotten. 1: it stays open
	 * for records that may come late; < 0: an error, which ft_ledger__add() returns. */
	int (*on_close)(void *arg, struct ft_account *account);
	void *arg;
	struct ft_slot **pages; /* by id >> FT_SLOT_BITS */
	size_t nr_pages;
	struct ft_pool chunks, accounts;
	uint64_t freed; /* accounts closed and forgotten */
	uint64_t late;	/* records of such accounts */
	size_t nr;	/* accounts that are there */
};

void ft_ledger__init(struct ft_ledger *ledger, bool keep_all);
void ft_ledger__free(struct ft_ledger *ledger);
/* 0, -ENOMEM, -EINVAL for a record without id or number, or what on_close returned. */
int ft_ledger__add(struct ft_ledger *ledger, const struct ft_wire_event *e);
struct ft_account *ft_ledger__find(const struct ft_ledger *ledger, uint32_t id);
/* Prefetches what ft_ledger__add() will need of this lifetime. Stages 0, 1, 2 in turn,
 * some records apart. */
void ft_ledger__prefetch(const struct ft_ledger *ledger, uint32_t id, int stage);
/*
 * Whether somebody had it when it was freed: its count was above 0, it was pinned
 * (_pincount of a large folio), or in the swap cache. A device page that goes back to its
 * driver may have a reference, and where the death was not seen the counts are not those
 * of the death.
 */
static inline bool ft_ledger__dies_held(int64_t how, int32_t refcount, int32_t pincount,
					uint32_t flags)
{
	if ((how != FT_DIED_FREED && how != FT_DIED_HUGETLB) ||
	    (flags & (FT_PF_TAIL | FT_PF_TYPED | FT_PF_ZONE_DEVICE)))
		return false;
	return refcount > 0 || ((flags & FT_PF_LARGE) && pincount > 0) ||
	       ((flags & FT_PF_ANON) && (flags & FT_PF_SWAPCACHE));
}

/* Whether the mapcount was below 0 then: only of a device page, as others may have the
 * type of their next use where the mapcount was. */
static inline bool ft_mapcount__is_below_zero(int32_t mapcount, uint32_t flags)
{
	return mapcount < 0 && mapcount != FT_UNKNOWN && (flags & FT_PF_ZONE_DEVICE) &&
	       !(flags & (FT_PF_TAIL | FT_PF_TYPED));
}

/* The slot with the lowest id from *id on that was seen; sets *id. NULL: none. */
const struct ft_slot *ft_ledger__next(const struct ft_ledger *ledger, uint64_t *id);

#endif /* FT_CORE_LEDGER_LEDGER_H */
