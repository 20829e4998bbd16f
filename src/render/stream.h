/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FT_RENDER_STREAM_H
#define FT_RENDER_STREAM_H

#include <errno.h>
#include <stdio.h>

/* 0, or -errno of the last write that failed. A renderer clears errno when it starts, and
 * does nothing else that sets it. */
static inline int stream__error(FILE *out)
{
	if (!ferror(out))
		return 0;
	return errno ? -errno : -EIO;
}

#endif /* FT_RENDER_STREAM_H */
