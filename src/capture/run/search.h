/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The search for living owners of what is left at the end: who maps the folios that are mapped more
 * often than when they were first seen, and which pipes, sockets and rings hold folios with
 * references that nothing shows the owner of. Made only if there are such folios.
 */
#ifndef FT_CAPTURE_RUN_SEARCH_H
#define FT_CAPTURE_RUN_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "capture/attach/session.h"
#include "capture/record/recorder.h"
#include "capture/run/open_files.h"
#include "capture/run/page_tables.h"
#include "capture/run/readings.h"

struct search_options {
	const struct kernel *kernel;
	const char *kernel_btf; /* NULL: the running kernel's own */
	int64_t bound_ns;	/* for the page tables */
};

struct search {
	const struct search_options *opts;
	struct session *session;
	struct recorder_search result;
	struct mapped_folio *folios;
	struct page_tables tables;
	struct open_files files;
	bool mapping_missing; /* all was read, and a suspect has mappings that nobody has */
};

/* Looks for owners of what rests. 0 or -ENOMEM. To be ended by search__free(), also then. */
int search__make(struct search *f, struct session *s, const struct readings *r,
		 const struct search_options *opts);
/* Writes what was found. */
void search__record(const struct search *f, struct recorder *r);
void search__free(struct search *f);

#endif /* FT_CAPTURE_RUN_SEARCH_H */
