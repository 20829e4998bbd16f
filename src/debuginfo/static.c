// SPDX-License-Identifier: GPL-2.0
/*
 * In the static binary, libdw loads no libdebuginfod. It would by dlopen() before
 * main(), which brings a second libc into the process, and needs it to be of the
 * very version that the binary was linked with. debuginfo__open() says so if
 * DEBUGINFOD_URLS is set.
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
