// SPDX-License-Identifier: GPL-2.0
#include "capture/run/drain.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_NODES 1024
#define MPOL_F_MEMS_ALLOWED (1 << 2)
#define MPOL_MF_MOVE (1 << 1)

/* A node that we may use: move_pages(2) refuses others. Node 0 where nobody says. */
static int allowed_node(void)
{
	unsigned long mask[MAX_NODES / (8 * sizeof(long))] = { 0 };

	if (syscall(SYS_get_mempolicy, NULL, mask, (unsigned long)MAX_NODES, NULL,
		    MPOL_F_MEMS_ALLOWED))
		return 0;
	for (int i = 0; i < MAX_NODES; i++)
		if (mask[i / (8 * sizeof(long))] >> i % (8 * sizeof(long)) & 1)
			return i;
	return 0;
}

/*
 * move_pages(2) on one of our own pages calls lru_cache_disable() (do_pages_move(), 6.1 to 7.3),
 * which drains those of all CPUs. Unlike drop_caches or compaction this leaves the folios of other
 * processes alone.
 */
static bool by_move_pages(void *page)
{
	int node = allowed_node(), status = 0;

	return syscall(SYS_move_pages, 0, 1UL, &page, &node, &status, MPOL_MF_MOVE) >= 0;
}

static bool lock_here(void *page, size_t size)
{
	return !mlock(page, size) && !munlock(page, size);
}

/* mlock(2) calls lru_add_drain(), which drains those of the CPU that it runs on. */
static bool by_mlock(void *page, size_t size)
{
	int cpus = (int)sysconf(_SC_NPROCESSORS_CONF);
	size_t bytes = CPU_ALLOC_SIZE(cpus);
	cpu_set_t *before = CPU_ALLOC(cpus), *one = CPU_ALLOC(cpus);
	bool all = before && one && !sched_getaffinity(0, bytes, before);

	for (int i = 0; all && i < cpus; i++) {
		CPU_ZERO_S(bytes, one);
		CPU_SET_S(i, bytes, one);
		if (!sched_setaffinity(0, bytes, one))
			all = lock_here(page, size);
		else if (errno != EINVAL) /* not there, or not online: nothing is left in its */
			all = false;
	}
	if (before && one)
		sched_setaffinity(0, bytes, before);
	CPU_FREE(before);
	CPU_FREE(one);
	return all;
}

const char *drain__lru_batches(void)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	const char *how = NULL;

	if (page == MAP_FAILED)
		return NULL;
	if (by_move_pages(page))
		how = "move_pages";
	else if (by_mlock(page, size)) /* without CONFIG_NUMA */
		how = "mlock on each CPU";
	munmap(page, size);
	return how;
}
