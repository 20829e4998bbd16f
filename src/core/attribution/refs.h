/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The operations on the refcount of one folio lifetime, read from its events: each with
 * the count after it and the references that the folio accounted for at that moment.
 */
#ifndef FT_CORE_ATTRIBUTION_REFS_H
#define FT_CORE_ATTRIBUTION_REFS_H

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
	uint8_t owner; /* enum ft_owner_class, by where it is */
	uint8_t kind; /* enum ft_ref_kind */
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

/*
 * The references at the end of a lifetime: what is expected, and what differs from it. A
 * pin is one unit here, also of a single page, where it is FT_PIN_BIAS references.
 */
struct ft_ref_end {
	int64_t mapped, cached, pinned;
	int64_t unowned_pins; /* that the folio shows, and nobody can have any more */
	int64_t kept;	      /* the baseline of an adopted folio, what is found: not reported */
	int64_t in_pipes, in_sockets; /* of those kept: found at the end */
	int64_t surplus;	      /* negative: an over-put */
};

/* What one call of a function of mm/rmap.c did to the mapcount. */
struct ft_rmap_step {
	uint32_t task, entry_seq;
	bool interrupt, large; /* large: the folio */
	int32_t n;	      /* mappings added; negative: removed */
	int32_t left;	      /* of those, without a reference of the same call */
	uint32_t from, until; /* refs before its entry, and before its return */
};

/* A buffer that is filled again for each folio; zeroed at first. */
struct ft_refs {
	struct ft_ref *list;
	const struct ft_event **events; /* by the number of a ref */
	size_t nr, room, room_events;
	struct ft_rmap_step *steps;
	size_t nr_steps, room_steps;
};

/*
 * Fills refs with the operations among events that the run's exact source saw. kind: of
 * the folio, for events that do not show it. 0 or -ENOMEM.
 */
int ft_refs__read(struct ft_refs *refs, struct ft_callers *callers, enum ft_kind kind,
		  const struct ft_event *events, size_t nr);
/* Whether nothing was lost of this lifetime and it ended without a surplus: then each of
 * its gets has its put among refs, and others can be learned from them. */
bool ft_refs__is_balanced(const struct ft_refs *refs, const struct ft_folio *folio);
/* What a balanced lifetime ends with. */
struct ft_ref_end ft_refs__end_of_balanced(const struct ft_refs *refs,
					   const struct ft_folio *folio);
/* What a lifetime with a surplus ends with. False if its operations do not lead to that
 * count: then not all of them were seen. */
bool ft_refs__end(const struct ft_refs *refs, const struct ft_folio *folio, struct ft_ref_end *end);
void ft_refs__free(struct ft_refs *refs);

#endif /* FT_CORE_ATTRIBUTION_REFS_H */
