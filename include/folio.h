/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A folio as the core rebuilds it: one lifetime, its events, readings and checkpoints,
 * and what is wrong with it.
 *
 * A lifetime is an address and a generation, as addresses are reused. Counts are
 * references, times CLOCK_MONOTONIC nanoseconds. All of it is owned by the run and
 * freed with it; renderers only read.
 */
#ifndef FT_FOLIO_H
#define FT_FOLIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hooks.h"
#include "owner.h"
#include "reason.h"
#include "wire.h"

enum ft_verdict {
	FT_VERDICT_NONE = 0, /* not judged */
	FT_VERDICT_BALANCED,
	FT_VERDICT_FREED,
	FT_VERDICT_INCONCLUSIVE,
	FT_VERDICT_LEAK,
	FT_VERDICT_OVERPUT,
};

/* What is wrong with a folio, the worst last. */
enum ft_severity {
	FT_SEVERITY_NONE = 0,
	FT_SEVERITY_SURPLUS,	 /* a reference too many on a folio in use */
	FT_SEVERITY_UNREACHABLE, /* ... on one that nothing maps and no cache has: memory is lost */
	FT_SEVERITY_FREED_MAPPED, /* freed while it was still mapped, or had references */
	FT_SEVERITY_OVERPUT,	  /* too few at rest: it will be freed while it is in use */
};

enum ft_run_verdict { FT_RUN_PASS, FT_RUN_INCONCLUSIVE, FT_RUN_FAIL };

enum ft_kind {
	FT_KIND_UNKNOWN = 0, /* owner unknown: never judged */
	FT_KIND_ANON,
	FT_KIND_KSM,
	FT_KIND_FILE,
	FT_KIND_SHMEM,
	FT_KIND_HUGETLB,
	FT_KIND_DEVICE_PRIVATE,
	FT_KIND_DEVICE_COHERENT,
	FT_KIND_FS_DAX,
	FT_KIND_DEVICE_GENERIC,
	FT_KIND_P2PDMA,
	FT_KIND_ZERO,	 /* shared zero page or huge zero folio */
	FT_KIND_MOVABLE, /* a driver's movable page */
	FT_KIND_TYPED,	 /* slab, page table, ... */
};

/* The terms of folio_expected_ref_count() (include/linux/mm.h), and what the function of
 * a checkpoint adds to them. Each is a number of references. */
enum ft_term {
	FT_TERM_MAPPINGS,
	FT_TERM_SWAP_CACHE,
	FT_TERM_PAGE_CACHE,
	FT_TERM_PRIVATE,
	FT_TERM_PRIVATE_2,
	FT_TERM_PINS,
	FT_TERM_IDLE,	     /* what an idle device page of this type holds */
	FT_TERM_FUNCTION,    /* at a checkpoint: the function's own reference */
	FT_TERM_LRU_BATCH,   /* at a checkpoint: seen going into a per-CPU batch */
	FT_TERM_FAULT,	     /* at a checkpoint: the CPU fault that migrates it */
	FT_TERM_FILE_SYSTEM, /* what its file system keeps beside private data, by its a_ops */
	FT_TERM_COUNT,
};

struct ft_expected {
	int64_t total;
	int64_t term[FT_TERM_COUNT];
};

/* A hook or an inline site; names are owned by the run. */
struct ft_site {
	uint32_t id;
	const char *function;
	const char *module; /* NULL: vmlinux */
	uint64_t offset;    /* 0 for hooks */
	enum ft_role role;  /* hooks only */
	bool returns;	    /* false: a void function, its value is garbage */
	bool attached;
	const char *why;  /* not attached: the reason; else NULL */
	uint64_t address; /* of the instruction, while tracing; 0: not known */
	bool inlined;	  /* of the inline source, whose ids are apart */
	bool after;	  /* offset and address are those behind a call in it */
};

/* A place in kernel text that a stack has. Function names are interned, of
 * sites and frames alike: equal names are equal pointers. */
struct ft_frame_name {
	const char *function;
	const char *module; /* NULL: vmlinux */
	uint64_t offset;    /* of the return address; frame 0: behind the site */
	uint64_t address;
};

/* Innermost first; addresses without a name (BPF trampolines) are left out. */
struct ft_stack {
	const struct ft_frame_name **frames;
	uint32_t depth;
	bool cut; /* the kernel's stack is deeper than what was recorded */
};

struct ft_task {
	uint32_t pid, tgid;
	const char *comm; /* the last known name */
	bool followed;	  /* belongs to the traced command */
	bool ended;	  /* it was not there any more at the end; false: it was, or is not known */
	uint32_t last_entry; /* the last entry_seq of its events */
};

/*
 * One record of a folio lifetime, or (op ENTER and RETURN) of a call around it. Counts
 * are those read beside the operation, FT_UNKNOWN if they could not be; an operation's
 * refcount is the one after it.
 */
struct ft_event {
	uint64_t t_ns;
	uint64_t mapping;
	int64_t value;
	uint64_t aux;
	const struct ft_site *site; /* never NULL; an unknown id gets a nameless one */
	const char *comm;	    /* of the task at that time; "" if unknown */
	uint32_t seq, pid, tgid;
	uint32_t stack;	    /* index into run->stacks; 0: none */
	uint32_t entry_seq; /* which entry of the task into the kernel */
	int32_t delta, refcount, mapcount, entire_mapcount, pincount;
	uint32_t flags;
	uint16_t cpu;
	uint8_t op, context, order, source;
	bool followed; /* the task belongs to the traced command */
};

/*
 * A reading in __migrate_device_finalize() (mm/migrate_device.c), which has one reference
 * to each source and destination until it puts them back. surplus is beyond that.
 */
struct ft_checkpoint {
	enum ft_checkpoint_at at;
	const struct ft_site *in; /* the function, or what the compiler made of it */
	bool dst, migrate, src_is_dst, compound;
	int64_t index;
	uint64_t t_ns;
	uint32_t pid;
	const char *comm;
	uint16_t order;
	int32_t refcount, mapcount;
	struct ft_expected expected;
	int64_t surplus;
};

/*
 * The counts of a folio and the ones it should have. At rest: two snapshots of the
 * quiesce pass at the end agree, and there is no event between or after them.
 */
struct ft_reading {
	bool valid, at_rest;
	uint64_t t_ns;
	int32_t refcount, mapcount, entire_mapcount, pincount;
	uint32_t flags;
	struct ft_expected expected;
	int64_t surplus;
};

/*
 * The conservation check of exact sources: first stable count + sum of deltas = count at
 * rest. In between, an operation may read the count after another CPU has changed it
 * again. Such a difference goes away with the next records: an overlap. One that stays
 * is a violation.
 */
enum ft_conservation_state {
	FT_CONSERVATION_UNCHECKED = 0, /* boundaries only, or no two counts to check with */
	FT_CONSERVATION_HOLDS,
	FT_CONSERVATION_PROVEN, /* events are missing, but the sum kept in BPF is right */
	FT_CONSERVATION_LOST,	/* events are missing, which may explain the difference */
	FT_CONSERVATION_BROKEN, /* no event is known to be missing, and it does not add up */
};

struct ft_conservation {
	enum ft_conservation_state state;
	int64_t off;		/* count at rest - (first + sum) */
	uint32_t overlaps;	/* differences that went away */
	uint32_t anchor, until; /* seq of the first and the last count */
	/* broken: seq of the records between which the lasting difference came up */
	uint32_t before, after;
};

enum ft_confidence { FT_CERTAIN, FT_LIKELY, FT_AMBIGUOUS };

/*
 * An operation that may be the lost reference. Others of the same site and callers may
 * be so just as well: alike is how many, this one included.
 */
struct ft_candidate {
	const struct ft_event *event;
	const struct ft_site *site;   /* of a tracepoint: the function that called it */
	const struct ft_stack *stack; /* frame 0 is the site's; or NULL */
	double p;
	uint32_t alike;
};

/* A call of a function that has returned. */
struct ft_returned {
	const struct ft_site *site;
	int64_t value; /* as it was in the register; garbage of a void function */
};

/*
 * What calls of a function around a lost operation take and put of one folio, by what the
 * folios of the run show. A call that works on several folios is one for each.
 */
struct ft_lost_calls {
	const char *function;	  /* NULL: none shows what such a call does */
	uint64_t calls, balanced; /* balanced: that put as many as they took */
	uint32_t each;		  /* what every balanced one took and put; 0: they differ */
	uint32_t took, put;	  /* by the call of the lost operation, one of calls */
};

/* A get that was never put, or a put too many, and how sure that is. */
struct ft_lost {
	bool put;		   /* a put too many */
	enum ft_owner_class class; /* whose reference it was */
	enum ft_owner_state state; /* whether that one can still exist */
	/* Of a put: the get whose reference it took, if that is another owner's; of a pin: the
	 * put that released it as a plain reference. NULL: none, or from before. */
	const struct ft_event *other;
	const struct ft_site *other_site;
	const struct ft_event *event; /* the get; inferred: first reading with it */
	const struct ft_event *after; /* inferred: last reading without it; or NULL */
	const struct ft_site *in;     /* innermost function seen open then; or NULL */
	enum ft_confidence confidence;
	double p; /* 0: not computed */
	struct ft_reason reason;
	/*
	 * Functions that ran from start to return, in the order of their returns: after
	 * the get in its call and did not put it; inferred: between the two readings.
	 */
	struct ft_returned *returned;
	size_t nr_returned;

	/* With exact events only. site and stack as in a candidate. */
	const struct ft_site *site;
	const struct ft_stack *stack;
	struct ft_candidate *candidates; /* best first, itself among them */
	size_t nr_candidates;
	/* The put that follows such a get on balanced folios of this run. */
	const struct ft_site *answered_by;     /* NULL: no folio shows one */
	const struct ft_stack *answered_stack; /* of one such put, frame 0 is its site's; or NULL */
	const struct ft_site *answered_in;     /* function that was open around it; or NULL */
	const char *answered_caller;	       /* of such puts; or NULL */
	uint64_t answered;		       /* on so many folios */
	struct ft_reason answer;	       /* of a get: how, or that none is known */
	struct ft_lost_calls calls;	       /* what its call should have done */
};

/* What the counts of a folio leave open, and its operations can tell. */
enum ft_question {
	FT_QUESTION_NONE = 0,
	FT_QUESTION_WHOSE,   /* of a surplus: can its owner still exist? */
	FT_QUESTION_BALANCE, /* of a count in order: did each put what it had taken? */
};

struct ft_group;

struct ft_folio {
	uint32_t id;
	uint32_t generation; /* nth lifetime at this address in this capture, from 1 */
	uint64_t address;
	uint64_t pfn;	/* FT_NO_PFN if vmemmap_base is not known */
	uint16_t order; /* at birth */
	enum ft_kind kind;
	bool born; /* its allocation was seen; else it was there before tracing */
	bool died;
	enum ft_died how;
	uint64_t born_ns, died_ns;
	struct ft_folio *parent;      /* split from; may be NULL */
	uint32_t parent_id;	      /* also when the parent is not in the capture */
	struct ft_folio *migrated_to; /* may be NULL */
	uint32_t children;	      /* that it was split into */

	struct ft_event *events; /* NULL if not kept (balanced, freed) */
	size_t nr_events;
	struct ft_checkpoint *checkpoints;
	size_t nr_checkpoints;

	struct ft_reading first; /* the first stable one */
	struct ft_reading final; /* at rest, or the last one there is */
	uint32_t lost_events;	 /* missing by seq */
	struct ft_conservation conservation;
	int64_t baseline; /* surplus from before tracing; 0 if born is true */

	enum ft_verdict verdict;
	bool free_while_mapped;
	bool free_while_held;	 /* freed with a count above 0, pinned, or in the swap cache */
	bool hidden;		 /* by ft_run__select(): not to be shown */
	struct ft_reason reason; /* for inconclusive, leak, overput; a still allocated page */
	/*
	 * At rest without an owner that can still exist; below 0: taken from one that does. Those
	 * of pins and mappings count as such, and not as references. A pin that was released as
	 * a plain reference is one pin and -1 references.
	 */
	struct ft_units ownerless;
	enum ft_question question; /* what the names of its operations have to decide */
	struct ft_lost *lost;
	size_t nr_lost;
	const struct ft_group *group; /* of a leaked or over-put one; see run.h */
};

#define FT_NO_PFN UINT64_MAX

/* A pin of a folio of one page adds this much to its refcount: GUP_PIN_COUNTING_BIAS,
 * include/linux/mm.h. Large folios count pins apart, in _pincount. */
#define FT_PIN_BIAS 1024

/* An operation on _refcount, of FT_OP_GET to FT_OP_SET. */
static inline bool ft_op__is_operation(uint8_t op)
{
	return op >= FT_OP_GET && op <= FT_OP_SET;
}

/* tgid of the owner of the mm that a function of rmap works on, if not the task's own; else 0. */
static inline uint32_t ft_event__mm_owner(const struct ft_event *e)
{
	return e->op == FT_OP_ENTER ? (uint32_t)e->aux : 0;
}

static inline bool ft_event__is_operation(const struct ft_event *e)
{
	return ft_op__is_operation(e->op);
}

/*
 * What a function returned, of its return register. One that returns an int leaves the
 * upper half undefined; mostly it is 0, and -12 reads as 4294967284.
 */
static inline int64_t ft_value__returned(int64_t value)
{
	return value >> 32 == 0 ? (int32_t)value : value;
}

/* The -errno among these, as IS_ERR_VALUE() of include/linux/err.h has it; 0: none. */
static inline int64_t ft_value__error(int64_t value)
{
	value = ft_value__returned(value);
	return value < 0 && value >= -4095 ? value : 0;
}

/* Leaked or over-put. */
static inline bool ft_folio__is_bad(const struct ft_folio *folio)
{
	return folio->verdict == FT_VERDICT_LEAK || folio->verdict == FT_VERDICT_OVERPUT;
}

/* The surplus at rest beyond the baseline; below 0: references are missing. 0 if the
 * folio is balanced. */
int64_t ft_folio__surplus(const struct ft_folio *folio);

/* Units that are lost: those of ownerless; where no owner is known, the surplus. */
struct ft_units ft_folio__lost_units(const struct ft_folio *folio);

/* The site of the lost reference, else the function it was lost in; NULL: not known. */
const struct ft_site *ft_lost__site(const struct ft_lost *lost);

/* Of a leaked or over-put folio; of any other FT_SEVERITY_NONE. */
enum ft_severity ft_folio__severity(const struct ft_folio *folio);

/* In what the expected counts of kernels differ. */
#define FT_RULE_HUGETLB_CACHE_ONE (1U << 0) /* hugetlb_cache_is_one */
#define FT_RULE_ZONE_IDLE_ONE (1U << 1)	    /* zone_idle_is_one */

/* The kind that the flags (FT_PF_*) of a reading show. */
enum ft_kind ft_kind__of(uint32_t flags);
/* False for kinds whose owner alone knows the count: such a folio is never a leak. */
bool ft_kind__is_judged(enum ft_kind kind);
/* As folio_expected_ref_count() (include/linux/mm.h), and for the kinds that it leaves
 * out. mapcount and pincount may be FT_UNKNOWN; rules: see ft_run__rules(). */
struct ft_expected ft_expected__of(enum ft_kind kind, uint32_t flags, uint32_t order,
				   int32_t mapcount, int32_t pincount, unsigned int rules);

#endif /* FT_FOLIO_H */
