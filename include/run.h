/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A run as the core reads it from a capture: what was traced, how, what was lost,
 * its folios, and the verdict. Owned by struct ft_run and freed with it.
 */
#ifndef FT_RUN_H
#define FT_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "comparison.h"
#include "error.h"
#include "folio.h"
#include "pairs.h"
#include "reason.h"

/* Folios whose conservation check failed between the same two sites. */
struct ft_violation {
	const struct ft_site *before, *after;
	int64_t off; /* of the first folio; see struct ft_conservation */
	uint64_t folios;
	uint32_t example; /* id of one */
};

/* Entry to or return from a function that has no folio as its argument. */
struct ft_call {
	uint64_t t_ns;
	const struct ft_site *site;
	uint32_t pid, entry_seq;
	uint16_t cpu;
	bool returned; /* else entered */
	int64_t value;
};

struct ft_loss {
	uint64_t ring, recursion, missed, tracked_full, tracked_busy, tasks_full;
	uint64_t index_left, child_left, spool;
	uint64_t death_unseen; /* lifetimes of which the last put alone shows the end */
	uint64_t conservation_errors, overlaps;
	uint64_t other; /* sum of causes that this reader has no name for */
	uint64_t gaps;	/* events missing by sequence number, all lifetimes */
	/* parts of missed: hits of the inline source and operations of page_ref; the rest are
	 * births and deaths */
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

/* The build id of a module that was loaded at the end, to find its debug files by. */
struct ft_build {
	const char *module, *build_id;
	struct ft_build *next;
};

/* A struct address_space_operations of a file system, by which its folios are told. */
struct ft_operations {
	uint64_t address;
	const char *name, *module; /* module NULL: the kernel's own */
};

/* Of the inline source: hits = entered + missed; entered = recorded + lost (for want
 * of room, or of a call's arguments) + filtered + false_sites. */
struct ft_probe_accounting {
	bool there;
	bool exact; /* hits and entered were read at one quiet moment */
	uint64_t hits, missed, entered, recorded, lost, filtered, false_sites, stack_missed;
};

/* A living owner of a folio that was found at the end. */
struct ft_found_owner {
	uint32_t folio; /* its id */
	enum ft_owner_class class;
	uint32_t units;
	uint32_t pid, tgid;
	const char *comm;
};

/*
 * The search for living owners at the end. It is made if a folio needs it; what it proves
 * of a folio holds if the readings before and after it agree.
 */
struct ft_search {
	bool known; /* the capture says; else it is of a version without a search */
	/* Page tables: of how many processes; whole: of all there are, to the end. */
	uint32_t processes;
	bool page_tables, page_tables_whole;
	uint32_t pipes; /* that were looked into */
	bool pipes_whole;
	/* Files that may hold references which are not looked for one by one. */
	uint32_t sockets; /* with data on their way, or of a kind without count of them */
	uint32_t rings;	  /* io_uring's */
	bool files_whole; /* the counts are of all processes */
	const char *why;  /* what was left out, in words; NULL: nothing */
};

/*
 * A finding: the leaked or over-put folios that have one key, so that one story tells all.
 * What is in the key, and in none of its counts, times or addresses: src/core/verdict/groups.c.
 */
struct ft_group {
	uint64_t key;		  /* the same in every run, on every machine */
	struct ft_folio **folios; /* by id; some may be hidden */
	size_t nr_all;
	enum ft_owner_class class; /* of the first unit that is lost; with function */
	const char *function;	   /* that took it, or put it; NULL: not known */
	bool put;

	/* Of those that are not hidden; see ft_run__select(). */
	size_t nr;
	const struct ft_folio *story; /* the one whose name is surest; NULL: all are hidden */
	struct ft_units units;	      /* that all of them lost */
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
	struct ft_operations *operations; /* by address */
	size_t nr_operations;		  /* 0: none is known, as in captures of older versions */
	bool hugetlb_cache_is_one;	  /* 6.1: the page cache holds 1, not nr_pages */
	bool zone_idle_is_one;		  /* before 6.15: FS_DAX and P2PDMA idle at 1 */
	bool complete;			  /* END was there */
	bool drained;			  /* LRU batches were drained before the readings */
	bool flushed;			  /* no journal had to be committed for them, or all were */
	uint32_t tasks_left;		  /* processes of the command still alive at the end */
	bool follows_all;		  /* record -a: every task is of the command, and lives */
	struct ft_search search;
	struct ft_found_owner *found_owners; /* by folio */
	size_t nr_found_owners;
	uint64_t bytes_dropped; /* after the last whole frame */

	struct ft_site **sites;
	size_t nr_sites;
	struct ft_stack *stacks; /* [0]: none, of depth 0 */
	size_t nr_stacks;
	struct ft_task *tasks;
	size_t nr_tasks;
	/* In order of id, which is the short name too (F<id>). A folio that was freed in
	 * order and has no checkpoint and no living child is only counted. */
	struct ft_folio **folios;
	size_t nr_folios;
	struct ft_group *groups; /* the worst first, then by their first folio */
	size_t nr_groups;
	struct ft_call *calls; /* by time */
	size_t nr_calls;

	uint64_t nr_events;			/* records decoded */
	uint64_t nr_skipped;			/* records and frames of a type not known here */
	uint64_t nr_malformed;			/* records that cannot be right, left out: a loss */
	uint64_t count[FT_VERDICT_OVERPUT + 1]; /* lifetimes by verdict */
	struct ft_loss loss;
	struct ft_probe_accounting probe_accounting;
	struct ft_module *modules;
	size_t nr_modules;
	struct ft_comparison comparison;
	struct ft_violation *violations; /* one a pair of sites, most first */
	size_t nr_violations;
	/* of the balanced, leaked and over-put: not checked for conservation, or lost */
	uint64_t nr_unchecked;
	bool exact;	      /* operations are seen, by page_ref or inline */
	uint8_t exact_source; /* enum ft_source: whose operations count */
	enum ft_run_verdict verdict;
	bool selected;		 /* by ft_run__select(): some folios are hidden */
	struct ft_reason reason; /* for inconclusive */
	struct ft_reason doubt;	 /* why it could not pass if no folio were bad */
	struct ft_pairs pairs;	 /* as this run's balanced folios show; only if asked for */
	void *arena;		 /* owner of all of the above */
};

struct ft_analyse_options {
	bool keep_all_events; /* also of balanced and freed folios */
	bool learn_pairs;     /* fills the run's pairs */
	/*
	 * What other runs taught, for references that this run alone cannot name: of an expectation,
	 * and what is shipped for a kernel of this release. known may be NULL; shipped may be, and may
	 * return NULL, it is asked at most once, and only if there is something to name.
	 */
	const struct ft_pairs *known;
	const struct ft_pairs *(*shipped)(void *arg, const char *release);
	void *arg;
};

/*
 * Reads the capture at fd from its start and judges it. fd stays the caller's.
 * On success *out is to be freed by ft_run__free(). A damaged tail is no error:
 * run->complete is false then and the verdict at most inconclusive.
 */
int ft_run__load(int fd, const char *name, const struct ft_analyse_options *opts,
		 struct ft_run **out, struct ft_error *err);
void ft_run__free(struct ft_run *run);

/* Makes run->groups of the folios that are judged; ft_run__load() has done so. 0 or -ENOMEM. */
int ft_run__group(struct ft_run *run);

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

/* Never NULL: one without frames, if none was taken. */
const struct ft_stack *ft_run__stack(const struct ft_run *run, const struct ft_event *e);
/* Index into the frames of e's stack of the function that did the operation: behind
 * the tracepoint's own frames, if a tracepoint saw it. */
uint32_t ft_run__operator(const struct ft_run *run, const struct ft_event *e);

/* Whether e changed the refcount, as the run's exact source saw it. */
static inline bool ft_run__is_operation(const struct ft_run *run, const struct ft_event *e)
{
	return e->source == run->exact_source && ft_event__is_operation(e);
}

/* FT_RULE_* of the kernel that was traced. */
unsigned int ft_run__rules(const struct ft_run *run);

#endif /* FT_RUN_H */
