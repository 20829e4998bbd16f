/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The BPF side of one tracing session: loaded, armed, drained, torn down.
 *
 *   session__open      finds the hooks that this kernel has
 *   session__load      loads and verifies the programs, attaches none
 *   session__arm       attaches every hook, or keeps the error
 *   session__start     from here on losses count
 *   session__drain     passes records from the rings to the sink
 *   session__quiesce   reads all live folios once
 *   session__disarm    detaches everything
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
	uint32_t ring_bytes;	      /* per CPU, a power of two of pages */
	uint32_t max_folios;	      /* tracked at a time */
	bool all_tasks;		      /* from session__start() on track all processes but ours */
	bool adopt_any;		      /* also track folios that a tracked process had before */
	uint64_t orders;	      /* a bit each; 0: all */
	uint64_t pfn_first, pfn_last; /* both 0: all */
	bool follow_pids;	      /* session__follow() will be called */
	const char *kernel_btf;	      /* NULL: the running kernel's own */
	bool inline_sites, page_ref;  /* exact sources beside function entries and exits */
	uint32_t stack_depth;	      /* frames of their events; 0: none */
};

struct session;

/*
 * *k must stay until session__load() is done. The sink is called by session__drain(),
 * session__quiesce() and session__disarm(). The next three fill *err and return 0 or -errno.
 */
int session__open(struct session **out, const struct kernel *k, const struct session_options *opts,
		  ring_sink sink, void *sink_arg, struct ft_error *err);
int session__load(struct session *s, struct ft_error *err);
int session__arm(struct session *s, struct ft_error *err);
/*
 * Everything is armed: what is missed from now on is a loss. With all_tasks, all are tracked from
 * now on. To be called before session__follow() and session__join().
 */
void session__start(struct session *s);
/* Tells the program what a probe at site->probe means, by mapped__add_site(). */
int session__add_site(struct session *s, const struct ft_insn_site *site, uint32_t id);
/* Arms all probes of a tracefs event, by its number (probes__event_id()). */
int session__attach_sites(struct session *s, int event_id);
/* Makes the calling process a tracked one; async-signal-safe, 0 or -errno. */
int session__join(const struct session *s);
/* Makes a running process a tracked one, by a PID of our own namespace. */
int session__follow(struct session *s, int pid, struct ft_error *err);
/* As rings__poll_fd() and rings__drain(). */
int session__poll_fd(const struct session *s);
int session__drain(struct session *s);
/* Reads every live folio once; the number read, or -errno. */
int session__quiesce(struct session *s, uint32_t round);
void session__disarm(struct session *s);
/* Nothing is recorded from now on: then sources can be detached one after the other. */
void session__stop(struct session *s);
void session__close(struct session *s);

/* For session__follow(), which has a file of its own. */
struct folio_trace *session__skeleton(struct session *s);
/* By enum ft_hook. */
const struct hook_info *session__hook(const struct session *s, int hook);
uint64_t session__counter(const struct session *s, enum ft_counter which);
/* Complete after session__disarm(). */
const struct misses *session__misses(const struct session *s);
uint32_t session__tasks_left(const struct session *s);
uint64_t session__live_folios(const struct session *s);
uint64_t session__vmemmap_base(const struct session *s);

#endif /* FT_CAPTURE_ATTACH_SESSION_H */
