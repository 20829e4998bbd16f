/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One account per life, with its records as they came.
 *
 * The rings of several CPUs are read in bursts, so records of one life arrive
 * in any order: a record of its end may come before that of its birth. Nothing
 * is concluded here from the order of arrival. An account is closed when its
 * end is known and no number is missing up to it; if it has nothing to tell then,
 * its memory goes back at once. What stays grows with the folios that live, not
 * with the events.
 */
#ifndef FT_CORE_LEDGER_LEDGER_H
#define FT_CORE_LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/ledger/conservation.h"
#include "core/util/pool.h"
#include "wire.h"

#define FT_CHUNK_EVENTS 6 /* the median life has 4 */

/* All but an account's last are full: its nr tells how many that one has. */
struct ft_chunk {
	struct ft_chunk *next;
	struct ft_wire_event event[FT_CHUNK_EVENTS];
};

struct ft_folio;

struct ft_account {
	/* What every record needs, in one cache line. */
	struct ft_chunk *last, *first; /* first word: see ft_pool__put() */
	uint32_t id;
	uint32_t nr;	  /* records seen */
	uint32_t max_seq; /* the highest number among them */
	uint32_t parent;  /* id, or 0 */
	int64_t kids;	  /* split children not yet closed */
	bool ended;	  /* DIED or SPLIT was seen */
	bool kept;	  /* has a checkpoint, or died mapped: keep it */
	bool closed;
	bool checked;
	struct ft_running_check running;
	uint32_t migrated_to; /* id, or 0: known once built */
	uint64_t address;
	struct ft_folio *folio; /* once built */
	struct ft_conservation conservation;
};

_Static_assert(offsetof(struct ft_account, migrated_to) <= 64, "one cache line");

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
	struct ft_conservation_checker *checker; /* NULL: not checked */
	/* Called for every account that is closed, before it is forgotten; or NULL. */
	int (*on_close)(void *arg, struct ft_account *account);
	void *on_close_arg;
	struct ft_slot **pages; /* by id >> FT_SLOT_BITS */
	size_t nr_pages;
	struct ft_pool chunks, accounts;
	uint64_t freed; /* accounts closed and forgotten */
	uint64_t late;	/* records of such accounts */
	size_t nr;	/* accounts that are there */
};

void ft_ledger__init(struct ft_ledger *ledger, bool keep_all);
void ft_ledger__free(struct ft_ledger *ledger);
/* -ENOMEM, or -EINVAL for a record that no life can have. */
int ft_ledger__add(struct ft_ledger *ledger, const struct ft_wire_event *e);
struct ft_account *ft_ledger__find(const struct ft_ledger *ledger, uint32_t id);
/* Brings near what a record of this life will need; stages 0, 1, 2 in turn, some
 * records apart. Changes nothing. */
void ft_ledger__prefetch(const struct ft_ledger *ledger, uint32_t id, int stage);
/* A folio dies at 0. Of a device page the driver decides what is idle, and what was
 * not seen to end says nothing. */
static inline bool ft_ledger__dies_held(int64_t how, int32_t refcount, uint32_t flags)
{
	return (how == FT_DIED_FREED || how == FT_DIED_HUGETLB) && refcount > 0 &&
	       !(flags & (FT_PF_TAIL | FT_PF_TYPED | FT_PF_ZONE_DEVICE));
}

/* The slot with the lowest id from *id on that was seen; sets *id. NULL: none. */
const struct ft_slot *ft_ledger__next(const struct ft_ledger *ledger, uint64_t *id);

#endif /* FT_CORE_LEDGER_LEDGER_H */
