/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Debug info of the kernel that a capture is of, by libdw. What a renderer asks
 * for is looked up once per address; files are looked for when first needed.
 */
#ifndef FT_DEBUGINFO_DEBUGINFO_H
#define FT_DEBUGINFO_DEBUGINFO_H

#include "error.h"
#include "lines.h"
#include "model.h"

struct debuginfo;

struct debuginfo_options {
	const char *vmlinux; /* this file, which must be of the capture's build; NULL: search */
	const char *dir;     /* in place of /usr/lib/debug; or NULL */
};

/* run must outlive it. Fails if opts->vmlinux cannot be read or is of another build. */
int debuginfo__open(struct debuginfo **out, const struct ft_run *run,
		    const struct debuginfo_options *opts, struct ft_error *err);
struct ft_line_finder debuginfo__finder(struct debuginfo *d);
void debuginfo__close(struct debuginfo *d);

/* The package that brings the debug info of a kernel, by the words of its release and
 * version; NULL: not known. */
const char *debuginfo__package(const char *release, const char *version, char *buf, size_t size);

#endif /* FT_DEBUGINFO_DEBUGINFO_H */
