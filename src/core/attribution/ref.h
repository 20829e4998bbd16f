/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Refs: the operations on the refcount of one folio lifetime, each with the count after it
 * and the references that the folio accounted for at that moment. Types only; refs.h reads
 * them from events.
 */
#ifndef FT_CORE_ATTRIBUTION_REF_H
#define FT_CORE_ATTRIBUTION_REF_H

#include "core/attribution/caller.h"

enum ft_ref_kind { FT_REF_CHANGE, FT_REF_FREEZE, FT_REF_SET };

/* One change of a refcount. Counts are references. */
struct ft_ref {
	uint64_t t_ns;
	const struct ft_site *site;
	const struct ft_stack *stack; /* or NULL */
	uint32_t task, entry_seq;
	int32_t delta, count;		/* count: after it */
	int32_t mapped, cached, pinned; /* references that the folio accounts for */
	int32_t peak;			/* of mapped until the next ref; 0: not higher */
	int32_t pins; /* of a single page: the pins that delta is; 0: plain references */
	int32_t maps; /* of delta: what mappings took or gave back in the same call */
	/* mappings that may have come and gone until the next ref without a reference of
	 * their own call */
	int32_t raised, lowered;
	int32_t became_mapped; /* of the first ref: references from before that mappings took */
	uint8_t owner;	       /* enum ft_owner_class, by where it is */
	uint8_t kind;	       /* enum ft_ref_kind */
	bool lru;
	bool interrupt;	 /* in one: no part of the call that it came into */
	bool no_mapping; /* never a mapping's, by where it is */
	bool unpin;	 /* puts pins, by where it is */
	bool single;	 /* one page: a pin is FT_PIN_BIAS references */
	uint32_t number; /* the caller's own; the order of refs may be repaired */
};

/* The count before it. */
static inline int64_t ft_ref__before(const struct ft_ref *r)
{
	return (int64_t)r->count - r->delta;
}

/* What one call of a function of mm/rmap.c did to the mapcount. */
struct ft_rmap_step {
	uint32_t task, entry_seq;
	bool interrupt, large; /* large: the folio */
	int32_t n;	       /* mappings added; negative: removed */
	int32_t left;	       /* of those, without a reference of the same call */
	uint32_t from, until;  /* refs before its entry, and before its return */
};

/* A buffer that is filled again for each folio; zeroed at first. */
struct ft_refs {
	struct ft_ref *list;
	const struct ft_event **events; /* by the number of a ref */
	size_t nr, room, room_events;
	struct ft_rmap_step *steps;
	size_t nr_steps, room_steps;
};

#endif /* FT_CORE_ATTRIBUTION_REF_H */
