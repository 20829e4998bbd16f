/* SPDX-License-Identifier: GPL-2.0 */
/* A scene of the zoo, and the memory that it is played with. */
#ifndef ZOO_MEMORY_H
#define ZOO_MEMORY_H

#include <fcntl.h>

#include "../modules/folio_zoo/abi.h"
#include "workload.h"

static const char *dir, *disk;

enum memory { NONE, SMALL, HUGE, PTE, HUGETLB, SHMEM, DISK_FILE, KEPT, KEPT_HUGE };

struct scene {
	const char *name;
	int (*play)(const struct scene *s);
	enum zoo_scene does;
	enum memory memory;
	unsigned int pages;
	enum zoo_who who;
	bool good;
	unsigned long arg;
	unsigned int guards, pins; /* of its kept page, from before the run */
};

extern const struct scene scenes[];
extern const size_t n_scenes;

static size_t index_of(const struct scene *s)
{
	return s - scenes;
}

/*
 * A scene's pages of the kept files: the one that it uses, and another one.
 */
static size_t kept_page(const struct scene *s, bool other)
{
	return 2 * index_of(s) + other;
}

static char *path_in(const char *where, const char *name)
{
	static char path[256];

	CHECK(snprintf(path, sizeof(path), "%s/%s", where, name) < (int)sizeof(path));
	return path;
}

/* Its own file on the disk. */
static int open_disk_file(const struct scene *s, int flags)
{
	return TRY(open(path_in(disk, s->name), flags | O_RDWR | O_CLOEXEC, 0600));
}

static int open_kept(bool huge)
{
	return TRY(open(path_in(dir, huge ? "huge/pages" : "pages"), O_RDWR | O_CREAT | O_CLOEXEC,
			0600));
}

static char *reserve_aligned(size_t len)
{
	char *at = TRY(mmap(NULL, len + THP, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	return (char *)(((uintptr_t)at + THP - 1) & ~(THP - 1));
}

static char *map_kept(const struct scene *s, bool other)
{
	bool huge = s->memory == KEPT_HUGE;
	size_t len = huge ? THP : PAGE;
	int fd = open_kept(huge);
	off_t at = kept_page(s, other) * len;
	char *kept = TRY(mmap(reserve_aligned(len), len, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_FIXED, fd, at));

	TRY(close(fd));
	return kept;
}

static char *map_huge(size_t len)
{
	len = (len + THP - 1) & ~(THP - 1);
	char *at = TRY(mmap(reserve_aligned(len), len, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));

	TRY(madvise(at, len, MADV_HUGEPAGE));
	pattern__fill(at, len, 1);
	return at;
}

static char *map_hugetlb(void)
{
	char *at = mmap(NULL, THP, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);

	if (at == MAP_FAILED)
		SKIP("no free huge page");
	pattern__fill(at, THP, 1);
	return at;
}

static char *map_shmem(size_t len)
{
	int fd = TRY(memfd_create("zoo", MFD_CLOEXEC));
	char *at;

	TRY(ftruncate(fd, len));
	at = TRY(mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	TRY(close(fd));
	pattern__fill(at, len, 1);
	return at;
}

static char *map_disk_file(const struct scene *s, size_t len)
{
	int fd = open_disk_file(s, 0);
	char *at = TRY(mmap(NULL, len, PROT_READ, MAP_SHARED, fd, 0));

	TRY(close(fd));
	return at;
}

static char *make_memory(const struct scene *s)
{
	size_t len = s->pages * PAGE;
	char *at;

	switch (s->memory) {
	case NONE:
		break;
	case SMALL:
		at = memory__map_small(len);
		pattern__fill(at, len, 1);
		return at;
	case HUGE:
		return map_huge(len);
	case PTE:
		/* Other rights for one page split the PMD, and leave the folio whole. */
		at = map_huge(THP);
		TRY(mprotect(at + THP - PAGE, PAGE, PROT_READ));
		return at;
	case HUGETLB:
		return map_hugetlb();
	case SHMEM:
		return map_shmem(len);
	case DISK_FILE:
		return map_disk_file(s, len);
	case KEPT:
	case KEPT_HUGE:
		at = map_kept(s, false);
		*(volatile char *)at = 1;
		return at;
	}
	return NULL;
}

#endif
