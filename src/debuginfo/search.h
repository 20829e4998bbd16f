/* SPDX-License-Identifier: GPL-2.0 */
/* Search for the debug file of a build: by build id, by name, by debuginfod. */
#ifndef FT_DEBUGINFO_SEARCH_H
#define FT_DEBUGINFO_SEARCH_H

#include <stdbool.h>

#define SEARCH_DIR "/usr/lib/debug"

struct search {
	const char *dir;      /* SEARCH_DIR, or another in its place */
	const char *release;  /* of the kernel; may be NULL */
	const char *module;   /* NULL: vmlinux */
	const char *build_id; /* in hex */
	/* out */
	char *path;	  /* of what was found; to be freed */
	bool unreachable; /* DEBUGINFOD_URLS is set, and this libdw has no client */
};

/* An open file of that build id, or -ENOENT, -ENOMEM. */
int search__find(struct search *s);

#endif /* FT_DEBUGINFO_SEARCH_H */
