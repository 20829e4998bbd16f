/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The BPF side of one tracing session: loaded, armed, drained, torn down.
 *
 *   session__open      what this kernel has of the hook table
 *   session__load      verified by the kernel, nothing armed yet
 *   session__arm       every hook attached, or listed with the reason
 *   session__start     from here on it counts
 *   session__drain     records from the rings to the sink
 *   session__quiesce    one round of readings of the live folios
 *   session__disarm    nothing of us left in the kernel's text
 *   session__close
 */
#ifndef FT_CAPTURE_ATTACH_SESSION_H
#define FT_CAPTURE_ATTACH_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/attach/hook_set.h"
#include "capture/attach/misses.h"
#include "capture/attach/rings.h"
#include "capture/kernel/kernel.h"
#include "error.h"
#include "site.h"
#include "wire.h"

struct session_options {
	uint32_t ring_bytes; /* per CPU, a power of two of pages */
	uint32_t max_folios; /* tracked at a time */
	bool all_tasks, adopt_any;
	uint64_t orders;	      /* a bit each; 0: all */
	uint64_t pfn_first, pfn_last; /* both 0: all */
	bool follow_pids;	      /* session__follow() will be called */
	const char *kernel_btf;	      /* NULL: the running kernel's own */
	bool inline_sites, page_ref;  /* exact sources beside the boundaries */
	uint32_t stack_depth;	      /* frames of their events; 0: none */
};

struct session;

int session__open(struct session **out, const struct kernel *k, const struct session_options *opts,
		  ring_sink sink, void *sink_arg, struct ft_error *err);
int session__load(struct session *s, struct ft_error *err);
int session__arm(struct session *s, struct ft_error *err);
/*
 * All is armed: what is missed from now on is a loss, and everybody is followed
 * if that was asked for. Before the first task is followed.
 */
void session__start(struct session *s);
/* Says what a probe at site->probe means. No bpf(2) call: the table is mmapped. */
int session__add_site(struct session *s, const struct ft_insn_site *site, uint32_t id);
/* Arms all probes of a tracefs event, by its number. */
int session__attach_sites(struct session *s, int event_id);
/* Makes the calling process a tracked one; async-signal-safe, 0 or -errno. */
int session__join(const struct session *s);
/* Makes a running process a tracked one, by a PID of our own namespace. */
int session__follow(struct session *s, int pid, struct ft_error *err);
/* Readable when a ring is half full. */
int session__poll_fd(const struct session *s);
int session__drain(struct session *s);
/* Reads every live folio once; the number read, or -errno. */
int session__quiesce(struct session *s, uint32_t round);
void session__disarm(struct session *s);
/* From now on nothing is recorded: sources can go one after the other. */
void session__stop(struct session *s);
void session__close(struct session *s);

/* For what of the session stands in a file of its own. */
struct folio_trace *session__skeleton(struct session *s);
/* By enum ft_hook. */
const struct hook_info *session__hook(const struct session *s, int hook);
uint64_t session__counter(const struct session *s, enum ft_counter which);
/* Whole after session__disarm(). */
const struct misses *session__misses(const struct session *s);
uint32_t session__tasks_left(const struct session *s);
uint64_t session__live_folios(const struct session *s);
uint64_t session__vmemmap_base(const struct session *s);

#endif /* FT_CAPTURE_ATTACH_SESSION_H */
