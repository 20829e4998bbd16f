/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Kprobes by tracefs: many probes belong to one event, so that one BPF link arms them all.
 * Definitions in tracefs outlive the process that made them. The name of the group has our PID and
 * start time, so that those of dead processes can be recognised.
 */
#ifndef FT_CAPTURE_SITES_PROBES_H
#define FT_CAPTURE_SITES_PROBES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"

struct probes {
	char root[64];	/* of tracefs */
	char group[64]; /* ft_PID_STARTTIME */
	int fd;		/* kprobe_events, for appending */
	int profile_fd; /* kprobe_profile */
	char *profile;	/* its contents as read last */
	size_t profile_room;
};

/* FT_EXIT_CANNOT_TRACE where there is no tracefs or no kprobe events in it. */
int probes__open(struct probes *p, struct ft_error *err);
/* Adds a probe at where ("_stext+0x123", "mod:sym+0x4") to an event of the
 * group. 0 or -errno: -EILSEQ no instruction, -EINVAL a function that must not
 * be traced, -EEXIST it has one already. */
int probes__define(const struct probes *p, const char *event, const char *where);
/* The number by which perf_event_open() knows the event, or -errno. */
int probes__event_id(const struct probes *p, const char *event);
/*
 * Reads kprobe_profile, for probes__hits(). From the second call on nothing is allocated and no new
 * page is touched, here or in the kernel, so that the reading itself hits no probe.
 */
int probes__read_profile(struct probes *p);
/* Hits and missed hits of all probes of an event, as read last. */
void probes__hits(const struct probes *p, const char *event, uint64_t *hits, uint64_t *missed);
/* Removes an event of the group; -EBUSY while something is attached. */
int probes__remove(const struct probes *p, const char *event);
void probes__close(struct probes *p);

/* Removes everything in the group of process pid, waiting while it is armed. */
int probes__remove_group(const struct probes *p, const char *group);
/* Removes the probes of processes that no longer exist; the number of events, or -errno. */
int probes__clean(const struct probes *p);

#endif /* FT_CAPTURE_SITES_PROBES_H */
