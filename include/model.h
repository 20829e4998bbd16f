/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the core makes of a capture: the run, its folios' lives, and what is
 * wrong with them. Owned by struct ft_run and freed with it; renderers only
 * read. Counts are references, times CLOCK_MONOTONIC nanoseconds.
 */
#ifndef FT_MODEL_H
#define FT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "comparison.h"
#include "error.h"
#include "hooks.h"
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
	FT_SEVERITY_FREED_MAPPED, /* freed while it was still mapped, or held */
	FT_SEVERITY_OVERPUT,	  /* too few at rest: what uses it will be freed under its hands */
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

/* folio_expected_ref_count() taken apart (include/linux/mm.h). */
enum ft_term {
	FT_TERM_MAPPINGS,
	FT_TERM_SWAP_CACHE,
	FT_TERM_PAGE_CACHE,
	FT_TERM_PRIVATE,
	FT_TERM_PRIVATE_2,
	FT_TERM_PINS,
	FT_TERM_IDLE,	   /* what an idle device page of this type holds */
	FT_TERM_FUNCTION,  /* at a checkpoint: the function's own reference */
	FT_TERM_LRU_BATCH, /* at a checkpoint: seen going into a per-CPU batch */
	FT_TERM_FAULT,	   /* at a checkpoint: the CPU fault that migrates it */
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

/* A place in kernel text that stood in a stack. Function names are interned, of
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
	bool cut; /* the kernel's own stack went on */
};

struct ft_task {
	uint32_t pid, tgid;
	const char *comm; /* the last known name */
};

/* One record of a life, in order of seq. */
struct ft_event {
	uint64_t t_ns;
	uint64_t mapping;
	int64_t value;
	uint64_t aux;
	const struct ft_site *site; /* never NULL; an unknown id gets a nameless one */
	const char *comm;	    /* of the task at that time; "" if unknown */
	uint32_t seq, pid, tgid;
	uint32_t stack;	    /* index into run->stacks; 0: none */
	uint32_t entry_seq; /* which call of the outermost frame, per task */
	int32_t delta, refcount, mapcount, entire_mapcount, pincount;
	uint32_t flags;
	uint16_t cpu;
	uint8_t op, context, order, source;
	bool followed; /* the task is one of the command's */
};

struct ft_checkpoint {
	enum ft_checkpoint_at at;
	const struct ft_site *in; /* __migrate_device_finalize or its form */
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

/* A reading outside any event, by the settle pass or at birth. */
struct ft_reading {
	bool valid, at_rest; /* at rest: two readings agreed, no event between */
	uint64_t t_ns;
	int32_t refcount, mapcount, entire_mapcount, pincount;
	uint32_t flags;
	struct ft_expected expected;
	int64_t surplus;
};

/*
 * The law of exact sources: first stable count + sum of deltas = count at rest.
 * Between, overlapping operations of two CPUs may read each other's counts
 * early or late; what cancels is an overlap, what stays is an error.
 */
enum ft_conservation_state {
	FT_CONSERVATION_UNCHECKED = 0, /* boundaries only, or no two counts to check with */
	FT_CONSERVATION_HOLDS,
	FT_CONSERVATION_PROVEN, /* events are missing, but the account in the map adds up */
	FT_CONSERVATION_LOST,	/* events are missing: the loss explains what is off */
	FT_CONSERVATION_BROKEN, /* nothing is known to be missing, and it does not add up */
};

struct ft_conservation {
	enum ft_conservation_state state;
	int64_t off;		/* count at rest - (first + sum) */
	uint32_t overlaps;	/* that cancelled */
	uint32_t anchor, until; /* numbers (seq) of first and last count */
	/* broken: numbers around the first step that does not fit and stays so */
	uint32_t before, after;
};

/* Broken lives by the sites around that step. */
struct ft_violation {
	const struct ft_site *before, *after;
	int64_t off; /* of the first of them */
	uint64_t folios;
	uint32_t example; /* id of one */
};

enum ft_confidence { FT_CERTAIN, FT_LIKELY, FT_AMBIGUOUS };

/* One that may be it. The rest of its class is as good: alike of them in all. */
struct ft_candidate {
	const struct ft_event *event;
	const struct ft_site *site;   /* where; of a tracepoint: its caller */
	const struct ft_stack *stack; /* frame 0 is the site's; or NULL */
	double p;
	uint32_t alike;
};

/* A reference without its other half, and who is to be asked about it. */
struct ft_lost {
	bool put;		      /* a put too many, else a get never put */
	const struct ft_event *event; /* the get; inferred: first reading with it */
	const struct ft_event *after; /* inferred: last reading without it; or NULL */
	const struct ft_site *in;     /* innermost function seen open then; or NULL */
	enum ft_confidence confidence;
	double p;	    /* 0: not computed */
	const char *reason; /* one sentence, owned by the run */

	/* With exact events only. site and stack as in a candidate. */
	const struct ft_site *site;
	const struct ft_stack *stack;
	struct ft_candidate *candidates; /* best first, itself among them */
	size_t nr_candidates;
	/* What answers such a get on balanced folios of this run. */
	const struct ft_site *answered_by;     /* NULL: none shows it */
	const struct ft_stack *answered_stack; /* of one such put, frame 0 is its site's; or NULL */
	const struct ft_site *answered_in;     /* function that was open around it; or NULL */
	uint64_t answered;		       /* so often */
	const char *answer;		       /* the missing put in words; or NULL */
	const char *call; /* what ran after it in its call and did not put it; or NULL */
};

struct ft_folio {
	uint32_t id;
	uint32_t generation; /* nth life at this address in this capture, from 1 */
	uint64_t address;
	uint64_t pfn;	/* FT_NO_PFN if vmemmap_base is not known */
	uint16_t order; /* at birth */
	enum ft_kind kind;
	bool born; /* its start was seen; else adopted */
	bool died;
	enum ft_died how;
	uint64_t born_ns, died_ns;
	struct ft_folio *parent;      /* split from; may be NULL */
	uint32_t parent_id;	      /* also when the parent is not in the capture */
	struct ft_folio *migrated_to; /* may be NULL */
	uint32_t children;	      /* born of it by split */

	struct ft_event *events; /* NULL if not kept (balanced, freed) */
	size_t nr_events;
	struct ft_checkpoint *checkpoints;
	size_t nr_checkpoints;

	struct ft_reading first; /* first stable one: the baseline of the adopted */
	struct ft_reading final; /* at rest, or the last one there is */
	uint32_t lost_events;	 /* gaps in seq */
	struct ft_conservation conservation;
	int64_t baseline; /* surplus that was there before we looked */

	enum ft_verdict verdict;
	bool free_while_mapped;
	bool free_while_held; /* freed with a count above 0 */
	bool hidden;	      /* by ft_run__select(): not to be shown */
	const char *reason;   /* for inconclusive, leak, overput: one sentence */
	struct ft_lost *lost;
	size_t nr_lost;
};

#define FT_NO_PFN UINT64_MAX

/* Something that happened in a task, with no folio of its own. */
struct ft_call {
	uint64_t t_ns;
	const struct ft_site *site;
	uint32_t pid;
	uint16_t cpu;
	bool returned; /* else entered */
	int64_t value;
};

struct ft_loss {
	uint64_t ring, recursion, missed, tracked_full, tracked_busy, tasks_full;
	uint64_t index_left, child_left, spool;
	uint64_t death_unseen; /* lives whose last put is all that shows their end */
	uint64_t conservation_errors, overlaps;
	uint64_t other; /* sum of causes that this reader has no name for */
	uint64_t gaps;	/* events missing by sequence number, all lives */
	/* of missed: hits of the inline source and operations of page_ref; the rest are births
	 * or deaths */
	uint64_t missed_probes, missed_refs;
};

/* A module loaded while tracing. */
struct ft_module {
	const char *name;
	uint64_t loaded_ns; /* 0: not seen */
	bool armed;
	uint32_t sites;
	uint64_t window_ns; /* from load to armed */
};

/* A module that was there at the end, to find its debug files by. */
struct ft_build {
	const char *module, *build_id;
	struct ft_build *next;
};

/* Of the inline source: hits = entered + missed; entered = recorded + lost (for want
 * of room, or of a call's arguments) + filtered + false_sites. */
struct ft_probe_accounting {
	bool there;
	bool exact; /* hits and entered were read at one quiet moment */
	uint64_t hits, missed, entered, recorded, lost, filtered, false_sites, stack_missed;
};

struct ft_run {
	/* from META and END; strings are owned by the run */
	uint32_t format_version;
	const char *tool_version, *release, *kernel_version, *machine, *build_id;
	char **argv;
	int argc;
	const char *target; /* whose folios, and which, in words; NULL: the command's */
	int exit_status;    /* -1: unknown */
	int exit_signal;    /* 0: none */
	const char *source;
	uint64_t started_ns, ended_ns; /* CLOCK_MONOTONIC */
	int64_t started_realtime_ns;
	uint32_t cpus;
	uint32_t page_size, sizeof_page;
	uint64_t vmemmap_base; /* 0: unknown */
	uint64_t stext;	       /* where _stext was; 0: unknown */
	struct ft_build *builds;
	bool hugetlb_cache_is_one; /* 6.1: the page cache holds 1, not nr_pages */
	bool zone_idle_is_one;	   /* before 6.15: FS_DAX and P2PDMA idle at 1 */
	bool complete;		   /* END was there */
	bool drained;		   /* LRU batches were drained before the readings */
	bool flushed;		   /* no journal had to be committed for them, or all were */
	uint32_t tasks_left;	   /* processes of the command still alive at the end */
	uint64_t bytes_dropped;	   /* after the last whole frame */

	struct ft_site **sites;
	size_t nr_sites;
	struct ft_stack *stacks; /* [0]: none, of depth 0 */
	size_t nr_stacks;
	struct ft_task *tasks;
	size_t nr_tasks;
	/* By id, which is the short name too (F<id>), so that it does not change
	 * with the options. A folio that was freed and has nothing to tell (no
	 * checkpoint, no living child) is only counted. */
	struct ft_folio **folios;
	size_t nr_folios;
	struct ft_call *calls; /* by time */
	size_t nr_calls;

	uint64_t nr_events;    /* records decoded */
	uint64_t nr_skipped;   /* records and frames of a type not known here */
	uint64_t nr_malformed; /* records that cannot be right: our fault, a loss */
	uint64_t count[FT_VERDICT_OVERPUT + 1]; /* lives by verdict */
	struct ft_loss loss;
	struct ft_probe_accounting probe_accounting;
	struct ft_module *modules;
	size_t nr_modules;
	struct ft_comparison comparison;
	struct ft_violation *violations; /* one a pair of sites, most first */
	size_t nr_violations;
	/* of the balanced, leaked and over-put: law neither held nor broken */
	uint64_t nr_unchecked;
	bool exact;	      /* operations are seen, by page_ref or inline */
	uint8_t exact_source; /* enum ft_source: whose operations count */
	enum ft_run_verdict verdict;
	bool selected;	    /* by ft_run__select(): some lives are hidden */
	const char *reason; /* for inconclusive */
	const char *doubt;  /* why it could not pass if no folio were bad; or NULL */
	void *arena;	    /* owner of all of the above */
};

struct ft_analyse_options {
	bool keep_all_events; /* also of balanced and freed folios */
};

/*
 * Reads the capture at fd from its start and judges it. fd stays the caller's.
 * On success *out is to be freed by ft_run__free(). A damaged tail is no error:
 * run->complete is false then and the verdict at most inconclusive.
 */
int ft_run__load(int fd, const char *name, const struct ft_analyse_options *opts,
		 struct ft_run **out, struct ft_error *err);
void ft_run__free(struct ft_run *run);

/*
 * Every event of the capture at fd that the run was made of, in the file's order (one
 * CPU's by time), in constant memory: those of folios that were forgotten, too. id 0: an
 * event without folio. Of the task it has the last name; it has no stack. e is gone
 * after the call. What is malformed is left out, as the run's counts say. fn's
 * result, if not 0, ends it and is returned.
 */
typedef int (*ft_event_fn)(void *arg, uint32_t id, const struct ft_event *e);
int ft_run__stream(const struct ft_run *run, int fd, const char *name, ft_event_fn fn, void *arg,
		   struct ft_error *err);

/* One of FT_OP_GET to FT_OP_SET. */
static inline bool ft_event__is_operation(const struct ft_event *e)
{
	return e->op >= FT_OP_GET && e->op <= FT_OP_SET;
}

/* References that the folio has too many at rest, less than 0: too few; beyond what
 * was there before the run. 0 if it is balanced. */
int64_t ft_folio__surplus(const struct ft_folio *folio);

/* Where the reference was lost, as exactly as it is known; NULL: it is not. */
const struct ft_site *ft_lost__site(const struct ft_lost *lost);

/* Never NULL: one without frames, if none was taken. */
const struct ft_stack *ft_run__stack(const struct ft_run *run, const struct ft_event *e);
/* Index into the frames of e's stack of the function that did the operation: behind
 * the tracepoint's own frames, if a tracepoint saw it. */
uint32_t ft_run__operator(const struct ft_run *run, const struct ft_event *e);

/*
 * Who holds a folio at a moment: refcount 3 = 1 mapping + 1 isolation + 1 taken at
 * X, never put. refs add up to the refcount of that moment.
 */
struct ft_holder {
	int64_t refs;	    /* negative: put too often by then */
	const char *holder; /* "mapping", "LRU batch", "GUP", ...; NULL: no table knows it */
	/* Of a reference that was seen being taken; else NULL. */
	const struct ft_event *get, *put; /* put NULL: it never was, as far as was seen */
	const struct ft_site *site;	  /* where it was taken, or who has it */
	const struct ft_stack *stack;	  /* frame 0 is the site's; or NULL */
};

/*
 * at: one of the life's events; the count is the one after it. Needs the life's
 * events; without them, or where the count is unknown or 0 (free or frozen), *nr
 * is 0. What the report names as lost is never put here either. The list is the
 * run's. -ENOMEM.
 */
int ft_folio__holders_at(const struct ft_run *run, const struct ft_folio *folio,
			 const struct ft_event *at, struct ft_holder **list, size_t *nr);
/* "1 mapping + 1 taken at X, never put", cut off at size. */
const char *ft_holders__text(const struct ft_holder *list, size_t nr, char *buf, size_t size);

/* Which folios to show; 0 and NULL: all. */
#define FT_FILTER_PFNS 64
struct ft_filter {
	uint64_t orders; /* bit N: order N at birth */
	uint32_t kinds;	 /* bit of enum ft_kind */
	unsigned int nr_pfns;
	struct {
		uint64_t first, last;
	} pfn[FT_FILTER_PFNS];
	const char *comm; /* glob; needs keep_all_events */
};

/* Lists with commas; 0 or -EINVAL. */
int ft_filter__orders(struct ft_filter *f, const char *list);
int ft_filter__kinds(struct ft_filter *f, const char *list);
int ft_filter__pfns(struct ft_filter *f, const char *list);
bool ft_filter__is_empty(const struct ft_filter *f);
bool ft_filter__matches(const struct ft_filter *f, const struct ft_folio *folio);
/* Hides what does not match; verdict and counts stay those of all. How many are left. */
size_t ft_run__select(struct ft_run *run, const struct ft_filter *f);

/* Of a leaked or over-put folio; of any other FT_SEVERITY_NONE. */
enum ft_severity ft_folio__severity(const struct ft_folio *folio);

/* The words of the JSON and of the text. */
const char *ft_severity__name(enum ft_severity s);			   /* "unreachable", ... */
const char *ft_conservation_state__name(enum ft_conservation_state state); /* "holds", ... */
const char *ft_verdict__name(enum ft_verdict v);			   /* "leak", ... */
const char *ft_run_verdict__name(enum ft_run_verdict v);		   /* "pass", ... */
const char *ft_kind__name(enum ft_kind k);				   /* "anon", ... */
const char *ft_term__name(enum ft_term t);				   /* "mappings", ... */
const char *ft_op__name(const struct ft_event *e);			   /* "get", "map", ... */
const char *ft_checkpoint__name(enum ft_checkpoint_at at); /* "remove_migration_ptes:entry" */
const char *ft_confidence__name(enum ft_confidence c);

/* What this kernel's layout says about expected counts. */
#define FT_RULE_HUGETLB_CACHE_ONE (1U << 0) /* hugetlb_cache_is_one */
#define FT_RULE_ZONE_IDLE_ONE (1U << 1)	    /* zone_idle_is_one */

/* The kind that a reading shows, and the count it should have (folio-refcounts
 * §2.3). rules: FT_RULE_*, see ft_run__rules(). */
enum ft_kind ft_kind__of(uint32_t flags);
bool ft_kind__is_judged(enum ft_kind kind);
struct ft_expected ft_expected__of(enum ft_kind kind, uint32_t flags, uint32_t order,
				   int32_t mapcount, int32_t pincount, unsigned int rules);
unsigned int ft_run__rules(const struct ft_run *run);

#endif /* FT_MODEL_H */
