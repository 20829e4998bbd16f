/* SPDX-License-Identifier: GPL-2.0 */
/* Looks for tracked folios in the pipes, sockets and io_uring rings that the living tasks have open. */
#ifndef FT_CAPTURE_RUN_OPEN_FILES_H
#define FT_CAPTURE_RUN_OPEN_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/attach/session.h"
#include "files.h"

/* What one pipe, socket or ring has of one folio. */
struct held_by {
	struct ft_held first;
	uint32_t units;
};

struct open_files {
	struct ft_files counts;
	struct held_by *held;
	size_t nr_held;
	bool whole; /* nothing was left out */
};

/* 0 or -errno: the kernel cannot, or memory ran out. */
int open_files__read(struct open_files *f, struct session *s, const char *kernel_btf);
void open_files__free(struct open_files *f);

#endif /* FT_CAPTURE_RUN_OPEN_FILES_H */
