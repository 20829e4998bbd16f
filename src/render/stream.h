/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FT_RENDER_STREAM_H
#define FT_RENDER_STREAM_H

#include <errno.h>
#include <stdio.h>

/* 0, or -errno of the last failed write: nothing else that a renderer does sets
 * errno, which it clears when it starts. */
static inline int stream__error(FILE *out)
{
	if (!ferror(out))
		return 0;
	return errno ? -errno : -EIO;
}

#endif /* FT_RENDER_STREAM_H */
