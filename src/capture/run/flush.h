/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes file systems let go of what their journals hold.
 *
 * Between an operation and the commit of its transaction a journal keeps pages of
 * the page cache: ext4 those of its free-space maps (ext4_mb_free_metadata() to
 * ext4_process_freed_data()). sync(2) commits. It can take long, and cannot be
 * given up by who calls it, so a child does.
 */
#ifndef FT_CAPTURE_RUN_FLUSH_H
#define FT_CAPTURE_RUN_FLUSH_H

#include <stdbool.h>
#include <sys/types.h>

struct flush {
	pid_t pid; /* 0: not started, or over */
	bool started, done;
};

/* Starts it, once. */
void flush__start(struct flush *f);
/* True if it does not run, or not any more. */
bool flush__is_over(struct flush *f);
/* Gives it up if it is not over. */
void flush__stop(struct flush *f);

#endif /* FT_CAPTURE_RUN_FLUSH_H */
