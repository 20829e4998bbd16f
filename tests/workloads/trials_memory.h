/* SPDX-License-Identifier: GPL-2.0 */
/* The memory of a trial. */
#ifndef TRIALS_MEMORY_H
#define TRIALS_MEMORY_H

#include <fcntl.h>

#include "pagemap.h"
#include "trials_plan.h"

#define KSM_PATIENCE 500 /* looks, 10 ms apart */

static const char *dir, *disk;

struct memory {
	char *at;
	size_t len;
	int fd; /* of the file, or -1 */
	size_t index;
};

static char *path_in(const char *where, const char *name, unsigned int nr)
{
	static char path[256];

	CHECK(snprintf(path, sizeof(path), "%s/%s.%u", where, name, nr) < (int)sizeof(path));
	return path;
}

/* What a guard is on before the run must be there before the run. */
static const char *where_kept(const struct plan *p)
{
	return p->kind == SHMEM ? dir : disk;
}

static int open_file(const struct plan *p)
{
	size_t len = kinds[p->kind].pages * PAGE;
	int fd;

	if (p->kept)
		fd = open(path_in(where_kept(p), "kept", p->nr), O_RDWR | O_CREAT | O_CLOEXEC,
			  0600);
	else if (p->kind == SHMEM)
		fd = memfd_create("trial", MFD_CLOEXEC);
	else
		fd = open(path_in(disk, "trial", p->nr), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	TRY(fd);
	TRY(ftruncate(fd, len));
	return fd;
}

static void memory__of_file(struct memory *m, const struct plan *p)
{
	m->fd = open_file(p);
	m->at = TRY(mmap(NULL, m->len, PROT_READ | PROT_WRITE, MAP_SHARED, m->fd, 0));
	pattern__fill(m->at, m->len, p->nr);
}

static bool is_merged(const struct memory *m)
{
	size_t n = m->len / PAGE;
	uint64_t entries[16];

	pagemap__read(m->at, entries, n);
	for (size_t i = 0; i < n; i++)
		if (!(entries[i] & PAGEMAP_PRESENT) || ((entries[i] ^ entries[0]) & PAGEMAP_PFN))
			return false;
	return true;
}

/* All pages in one, which is no other trial's. */
static void memory__merge(struct memory *m, const struct plan *p)
{
	for (size_t i = 0; i < m->len; i += PAGE)
		pattern__fill(m->at + i, PAGE, 1000 + p->nr);
	TRY(madvise(m->at, m->len, MADV_MERGEABLE));
	for (int i = 0; i < KSM_PATIENCE && !is_merged(m); i++)
		usleep(10000);
}

static void memory__make(struct memory *m, const struct plan *p)
{
	*m = (struct memory){ .fd = -1, .len = kinds[p->kind].pages * PAGE };
	switch (p->kind) {
	case SHMEM:
	case DISK_FILE:
		memory__of_file(m, p);
		return;
	case HUGE:
	case PTE:
		m->at = memory__map_thp();
		break;
	case HUGETLB:
		m->at = TRY(mmap(NULL, m->len, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0));
		break;
	default:
		m->at = memory__map_small(m->len);
	}
	if (p->kind == KSM) {
		memory__merge(m, p);
		return;
	}
	pattern__fill(m->at, m->len, p->nr);
	/* Other rights for one page split the PMD, and leave the folio whole. */
	if (p->kind == PTE) {
		TRY(mprotect(m->at + m->len - PAGE, PAGE, PROT_READ));
		TRY(mprotect(m->at + m->len - PAGE, PAGE, PROT_READ | PROT_WRITE));
	}
}

static void memory__end(struct memory *m, const struct plan *p)
{
	TRY(munmap(m->at, m->len));
	if (p->kind == DISK_FILE && p->dropped && !p->kept)
		TRY(unlink(path_in(disk, "trial", p->nr)));
	if (m->fd >= 0)
		TRY(close(m->fd));
}

#endif
