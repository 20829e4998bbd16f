// SPDX-License-Identifier: GPL-2.0
/*
 * libdw loads libdebuginfod by dlopen() in a constructor. In a static binary that would load a
 * second libc, which must be of the same version as the one that is linked in. So dlopen()
 * fails here; the finder's hint mentions it if DEBUGINFOD_URLS is set.
 */
#ifdef FT_STATIC
#include <stddef.h>

void *__wrap_dlopen(const char *file, int flags);

void *__wrap_dlopen(const char *file, int flags)
{
	(void)file, (void)flags;
	return NULL;
}
#endif
