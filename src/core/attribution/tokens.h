/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tokens: the gets and puts of one folio lifetime as the assignment sees them, in the
 * order of the count. Each has the class of its site and the holder that the folio shows
 * for it. Pseudo-tokens stand for references that were there before the first operation
 * (gets) and for those that are expected at the end (puts). Types only; tokenize.h makes
 * them.
 */
#ifndef FT_CORE_ATTRIBUTION_TOKENS_H
#define FT_CORE_ATTRIBUTION_TOKENS_H

#include "core/attribution/class.h"

/* Who holds a reference, as the folio itself shows. */
enum ft_hold {
	FT_HOLD_NONE = 0,
	FT_HOLD_MAP,
	FT_HOLD_CACHE, /* page cache, swap cache, private data */
	FT_HOLD_PIN,
	FT_HOLD_BATCH,
	FT_HOLD_OPEN_BATCH, /* went into a per-CPU batch, and no put by a batch follows */
	FT_HOLD_ISOLATION,
	FT_HOLD_COUNT
};

#define FT_AT_START (-1)
#define FT_AT_END INT32_MAX

struct ft_token {
	uint64_t t_ns;
	const struct ft_stack *stack;
	int32_t at;	 /* index of its ref; FT_AT_*: a pseudo-token */
	uint32_t number; /* of its ref */
	uint32_t rank;	 /* how many tokens before it are not closed */
	uint32_t n;	 /* references */
	uint32_t class, place;
	uint32_t task, entry_seq;
	uint8_t hold;  /* enum ft_hold */
	uint8_t owner; /* enum ft_owner_class, by where it is */
	bool interrupt;
	uint8_t shown; /* enum ft_hold, by the readings alone */
	bool closed;   /* by number: of its call, or of its holder, as much was put as taken */
	bool put;
	bool lru;
	bool cleared;  /* by the count, which was in order after it (of a put: before it) */
	bool unowned;  /* a pin, and pins are left that nobody has */
	bool isolated; /* for an isolation, and the folio never went back to an LRU list */
	bool unput;    /* its holder went away, and no put went with it */
};

static inline bool ft_token__is_pseudo(const struct ft_token *t)
{
	return t->at == FT_AT_START || t->at == FT_AT_END;
}

/* What it is that hands such a reference from task to task; FT_OWNER_OTHER: nothing. */
static inline enum ft_owner_class ft_token__passed_by(const struct ft_token *t)
{
	switch ((enum ft_owner_class)t->owner) {
	case FT_OWNER_PIPE:
	case FT_OWNER_BIO:
	case FT_OWNER_SOCKET:
	case FT_OWNER_IO_URING:
	case FT_OWNER_FILE:
		return (enum ft_owner_class)t->owner;
	default:
		return FT_OWNER_OTHER;
	}
}

/* By a holder that the folio itself accounts for. */
static inline bool ft_token__is_shown(const struct ft_token *t)
{
	return t->hold == FT_HOLD_MAP || t->hold == FT_HOLD_CACHE || t->hold == FT_HOLD_PIN;
}

/* Of a put negative. */
static inline int64_t ft_token__units(const struct ft_token *t)
{
	return t->put ? -(int64_t)t->n : (int64_t)t->n;
}

/* Both by one task itself, or both in interrupts that came to it. */
static inline bool ft_token__is_same_task(const struct ft_token *a, const struct ft_token *b)
{
	return a->task == b->task && a->interrupt == b->interrupt;
}

/* Both in one entry of one task into the kernel. */
static inline bool ft_token__is_same_call(const struct ft_token *a, const struct ft_token *b)
{
	return ft_token__is_same_task(a, b) && a->entry_seq == b->entry_seq;
}

/* For qsort(): those of one call beside each other. */
static inline int ft_token__compare_calls(const struct ft_token *a, const struct ft_token *b)
{
	if (a->task != b->task)
		return a->task < b->task ? -1 : 1;
	if (a->entry_seq != b->entry_seq)
		return a->entry_seq < b->entry_seq ? -1 : 1;
	return a->interrupt - b->interrupt;
}

/* A token of more references than this is a block: its references are interchangeable. */
#define FT_BLOCK 24
/* The assignment takes at most this many references on each side. */
#define FT_UNITS_MAX 150

struct ft_tokens {
	struct ft_token *list;
	size_t nr, room;
	struct ft_token *whole; /* before it was shortened; nr_whole 0: it was not */
	size_t nr_whole, room_whole;
	int64_t surplus, kept; /* as in struct ft_ref_end */
	int32_t watermark;     /* index of the ref; -1: none */
	int32_t breaks;	       /* counts behind it that do not follow from the one before */
	bool unowned_pins;     /* pins are left that nobody can have: as in struct ft_ref_end */
	bool mixed;	       /* shortened by pairs of different tasks */
	bool coarse;	       /* shortened at the cost of certainty, see shrink.h */
};

#endif /* FT_CORE_ATTRIBUTION_TOKENS_H */
