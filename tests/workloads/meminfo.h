/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/meminfo, read when nothing is on its way to the LRU lists. */
#ifndef MEMINFO_H
#define MEMINFO_H

#include <sys/syscall.h>

#include "workload.h"

/*
 * Puts what waits in every CPU's LRU batches on the lists, and every CPU's
 * differences into the totals.  move_pages(2) with target nodes drains all CPUs
 * on any kernel, and the page moves nowhere.
 */
static inline void meminfo__quiesce(void)
{
	void *page = memory__map_small(PAGE);
	int node = 0, status;

	*(volatile char *)page = 1;
	/* ENOENT: all pages were where they should be */
	if (syscall(SYS_move_pages, 0, 1UL, &page, &node, &status, 0) < 0 && errno != ENOENT)
		DIE("move_pages");
	TRY(munmap(page, PAGE));
	number__read("/proc/sys/vm/stat_refresh");
}

/* In KiB; dies if there is no such line. */
static inline long meminfo__read(const char *key)
{
	FILE *file = fopen("/proc/meminfo", "re");
	size_t key_len = strlen(key);
	char line[128];
	long value = -1;

	if (!file)
		DIE("/proc/meminfo");
	while (value < 0 && fgets(line, sizeof(line), file))
		if (!strncmp(line, key, key_len) && line[key_len] == ':')
			value = strtol(line + key_len + 1, NULL, 10);
	fclose(file);
	CHECK(value >= 0);
	return value;
}

#endif
