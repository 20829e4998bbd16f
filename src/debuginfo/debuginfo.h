/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Debug info of the traced kernel, by libdw. A file is searched for when the first line of
 * vmlinux or of a module is wanted; an address is looked up once.
 */
#ifndef FT_DEBUGINFO_DEBUGINFO_H
#define FT_DEBUGINFO_DEBUGINFO_H

#include "error.h"
#include "lines.h"
#include "model.h"

struct debuginfo;

struct debuginfo_options {
	const char *vmlinux; /* must be of the capture's build; NULL: search */
	const char *dir;     /* search here, not in /usr/lib/debug; or NULL */
};

/* run must outlive it. Fails if opts->vmlinux cannot be read or is of another build. */
int debuginfo__open(struct debuginfo **out, const struct ft_run *run,
		    const struct debuginfo_options *opts, struct ft_error *err);
struct ft_line_finder debuginfo__finder(struct debuginfo *d);
void debuginfo__close(struct debuginfo *d);

/* The distribution's package with the debug info of a kernel, by `uname -r` and `uname -v`; in
 * buf. NULL: not known. */
const char *debuginfo__package(const char *release, const char *version, char *buf, size_t size);

#endif /* FT_DEBUGINFO_DEBUGINFO_H */
