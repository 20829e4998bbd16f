/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records on their way from the rings to the capture: gathered per CPU into frames, with META before
 * and END after them. First and last readings of folios are also passed to a callback, which decides
 * when the folios are quiescent (run/quiesce.c).
 */
#ifndef FT_CAPTURE_RECORD_RECORDER_H
#define FT_CAPTURE_RECORD_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/attach/session.h"
#include "capture/kernel/kernel.h"
#include "capture/kernel/symbols.h"
#include "capture/record/address_set.h"
#include "capture/record/ended.h"
#include "capture/record/writer.h"
#include "wire.h"

struct json_t;

typedef void (*recorder_watch)(void *arg, const struct ft_wire_event *e);

struct recorder {
	struct writer *writer;
	struct cpu_buffer *buffers;
	int nr_cpus;
	uint64_t records, bytes;
	struct ft_wire_module *modules; /* loaded while tracing, not yet asked for */
	size_t nr_modules;
	struct address_set frames;     /* of all stacks */
	struct address_set operations; /* a_ops of folios */
	struct seen_tasks tasks;
	recorder_watch watch; /* for FT_OP_ADOPTED and FT_OP_SNAPSHOT events; may be NULL */
	void *watch_arg;
};

struct recorder_meta {
	const struct kernel *kernel;
	const struct session *session;
	const char *tool_version, *mode, *source;
	char *const *argv;  /* NULL: none */
	const char *target; /* which folios, if not just those of the command; "": just those */
	bool follows_all;   /* everybody is of the command */
	int cpus;
};

/* What was looked for at the end, of living owners, and where (struct ft_search of include/run.h). */
struct recorder_search {
	uint32_t processes, pipes, sockets, rings;
	bool page_tables, page_tables_whole, pipes_whole, files_whole;
	char why[512]; /* "": nothing was left out */
};

struct inline_source;
struct probe_accounting;

struct recorder_end {
	const struct inline_source *inlined;		 /* NULL: not used */
	const struct probe_accounting *probe_accounting; /* with inlined */
	int exit_status;				 /* -1: unknown */
	int exit_signal;				 /* 0: none */
	int rounds;
	bool bound_reached, drained, flushed;
	const char *drain; /* how the LRU batches were */
	const struct recorder_search *search;
	uint32_t tasks_left; /* when the last readings began */
};

int recorder__open(struct recorder *r, struct writer *w, int nr_cpus, struct ft_error *err);
int recorder__meta(struct recorder *r, const struct recorder_meta *m, struct ft_error *err);
/* A SYMBOLS frame: the sites so far, and why the kernel refused some. */
int recorder__sites(struct recorder *r, const struct inline_source *src, struct ft_error *err);
/*
 * A SYMBOLS frame: the frames of all stacks, and the a_ops of folios. s: NULL: /proc/kallsyms was
 * not read yet; it is if there are frames, or if names of a_ops are needed.
 */
int recorder__frames(struct recorder *r, const struct symbols *s, bool need_operations,
		     struct ft_error *err);
/* Modules that were loaded while tracing, oldest first; false: no more. */
bool recorder__next_module(struct recorder *r, struct ft_wire_module *out);
/* A ring_sink; arg is the recorder. */
void recorder__sink(void *arg, unsigned int cpu, const void *rec, size_t size);
/* Of our own making, without a ring. */
void recorder__owner(struct recorder *r, const struct ft_wire_owner *o);
void recorder__flush(struct recorder *r);
/* To be called after session__disarm(), when every counter stands still. */
int recorder__end(struct recorder *r, const struct session *s, const struct recorder_end *e,
		  struct ft_error *err);
/* A frame of JSON; takes the reference to root, NULL: memory ran out on the way. */
int recorder__json(struct recorder *r, enum ft_frame_type type, struct json_t *root,
		   struct ft_error *err);
void recorder__close(struct recorder *r);

#endif /* FT_CAPTURE_RECORD_RECORDER_H */
