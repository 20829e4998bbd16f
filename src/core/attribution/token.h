/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The gets and puts of one life as the attribution sees them: in the order of
 * the count, without what changes nothing, each with the holder that the folio
 * shows for it, and with pseudo-tokens for what was held before and after.
 */
#ifndef FT_CORE_ATTRIBUTION_TOKEN_H
#define FT_CORE_ATTRIBUTION_TOKEN_H

#include "core/attribution/class.h"

enum ft_ref_kind { FT_REF_CHANGE, FT_REF_FREEZE, FT_REF_SET };

/* One change of a refcount, and what the folio showed just then. */
struct ft_ref {
	uint64_t t_ns;
	const struct ft_site *site;
	const struct ft_stack *stack; /* or NULL */
	uint32_t task, entry_seq;
	int32_t delta, count;		/* count: after it */
	int32_t mapped, cached, pinned; /* references that the folio accounts for */
	uint8_t kind;			/* enum ft_ref_kind */
	bool lru;
	uint32_t number; /* the caller's own; refs may change places */
};

/* What is expected at the end, and what there is beyond it. */
struct ft_ref_end {
	int64_t mapped, cached, pinned;
	int64_t kept;	 /* was there before anybody looked, and may stay */
	int64_t surplus; /* negative: an over-put */
};

/* Who holds a reference, as the folio itself shows. */
enum ft_hold {
	FT_HOLD_NONE = 0,
	FT_HOLD_MAP,
	FT_HOLD_CACHE, /* page cache, swap cache, private data */
	FT_HOLD_PIN,
	FT_HOLD_BATCH,
	FT_HOLD_OPEN_BATCH, /* into a batch, and nobody saw it come out */
	FT_HOLD_ISOLATION,
};

#define FT_AT_START (-1)
#define FT_AT_END INT32_MAX

struct ft_token {
	uint64_t t_ns;
	const struct ft_stack *stack;
	int32_t at;	 /* index of its ref, or FT_AT_*: then nobody did it */
	uint32_t number; /* of its ref */
	uint32_t n;	 /* references */
	uint32_t class, place;
	uint32_t task, entry_seq;
	uint8_t hold; /* enum ft_hold */
	bool put;
	bool lru;
	bool cleared; /* by the count: it was in order after it (a put: before it) */
	bool unput;   /* its holder was seen to go, and no put went with it */
};

static inline bool ft_token__is_pseudo(const struct ft_token *t)
{
	return t->at == FT_AT_START || t->at == FT_AT_END;
}

/* By a holder that the folio itself accounts for. */
static inline bool ft_token__is_shown(const struct ft_token *t)
{
	return t->hold == FT_HOLD_MAP || t->hold == FT_HOLD_CACHE || t->hold == FT_HOLD_PIN;
}

/* Above this many references a token is one block, which is never told apart. */
#define FT_BLOCK 24
/* The assignment takes at most this many gets, and as many puts. */
#define FT_UNITS_MAX 150

struct ft_tokens {
	struct ft_token *list;
	size_t nr, room;
	int64_t surplus, kept;
	int32_t watermark; /* index of the ref; -1: none */
	int32_t breaks;	   /* counts that do not follow from each other, after it */
	bool coarse;	   /* too long: pairs that belong together were taken out */
};

/*
 * Repairs the order of refs in place (their times may be wrong by a little) and
 * makes tokens of them. tokens is reused from call to call, zeroed at first.
 */
int ft_tokens__of(struct ft_tokens *tokens, struct ft_classes *classes, struct ft_ref *refs,
		  size_t nr, const struct ft_ref_end *end);
void ft_tokens__free(struct ft_tokens *tokens);

/* Steps of it, in files of their own. */
void ft_tokens__mark_holders(struct ft_tokens *tokens, const struct ft_classes *classes,
			     const struct ft_ref *refs, size_t nr, const struct ft_ref *rest);
void ft_tokens__shrink(struct ft_tokens *tokens);

#endif /* FT_CORE_ATTRIBUTION_TOKEN_H */
