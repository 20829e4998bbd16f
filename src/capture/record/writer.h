/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes a capture file, frame by frame (include/capture.h).
 *
 * Frames are complete: if the disk is full or the limit of the spool is reached, the file is
 * truncated to its last complete frame. Later events are dropped and counted; the END frame is
 * written if possible.
 */
#ifndef FT_CAPTURE_RECORD_WRITER_H
#define FT_CAPTURE_RECORD_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/aio_abi.h>

#include "capture.h"
#include "error.h"
#include "pack.h"

struct writer {
	int fd;		  /* readable too: the analysis reads it back */
	const char *name; /* for messages */
	uint64_t size, limit;
	uint64_t dropped; /* bytes of records, unpacked, that were not written */
	int error;	  /* the first -errno, 0 if none; -EFBIG: the bound */
	struct ft_pack *pack;
	void *packed; /* room for a frame */
	size_t room;
	aio_context_t aio; /* 0: none */
	uint64_t synced;   /* bytes that are on the disk, or asked to be */
	int64_t sync_ns;   /* when that was */
	bool syncing;
};

/*
 * path NULL: an unnamed spool file, bounded by limit bytes (0: no bound). A named
 * file is created 0600, never through a symlink, and belongs to the user who
 * called sudo.
 */
int writer__open(struct writer *w, const char *path, uint64_t limit, struct ft_error *err);
void writer__frame(struct writer *w, enum ft_frame_type type, const void *data, size_t size);
/*
 * Has what is in a named file by now written to the disk, without waiting for it: once a second
 * if it is called that often.
 */
void writer__sync(struct writer *w);
void writer__close(struct writer *w);

#endif /* FT_CAPTURE_RECORD_WRITER_H */
