/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Commits the journals of file systems.
 *
 * A journal holds references on page cache folios from an operation to the commit of its
 * transaction, ext4 for example on its free-space maps (ext4_mb_free_metadata() to
 * ext4_process_freed_data()). sync(2) commits. It can take long and cannot be interrupted, so a
 * child process calls it.
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
