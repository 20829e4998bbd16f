// SPDX-License-Identifier: GPL-2.0
#include "capture/run/page_tables.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/types.h>

#include "capture/kernel/util.h"

#define PAGE_BYTES 4096ULL
#define WORDS 16384ULL /* read at a time */
#define REGIONS 512
#define SPARSE_BYTES (64ULL << 30) /* a larger mapping is not read page by page */
#define TICK_NS 5000000

/* include/uapi/linux/fs.h since 6.7 */
struct region {
	__u64 start, end, categories;
};

struct scan {
	__u64 size, flags, start, end, walk_end, vec, vec_len, max_pages;
	__u64 category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define PAGEMAP_SCAN _IOWR('f', 16, struct scan)
#define PAGE_IS_FILE (1 << 2)
#define PAGE_IS_PRESENT (1 << 3)
#define PAGE_IS_SWAPPED (1 << 4)

#define KCMP_VM 1

struct reader {
	struct page_tables *t;
	uint64_t *words;
	struct region *regions;
	int pagemap;
	bool scan; /* the kernel has PAGEMAP_SCAN */
	int64_t tick;
};

/* False: time is up. */
static bool may_go_on(struct reader *r)
{
	int64_t now = now_ns();

	if (now >= r->tick) {
		r->tick = now + TICK_NS;
		if (r->t->meanwhile)
			r->t->meanwhile(r->t->arg);
	}
	if (now >= r->t->until)
		r->t->late = true;
	return !r->t->late;
}

/* -errno, also if time is up. */
static int read_range(struct reader *r, uint64_t start, uint64_t end)
{
	while (start < end) {
		uint64_t want = (end - start) / PAGE_BYTES;
		ssize_t got;

		if (!may_go_on(r))
			return -ETIME;
		got = pread(r->pagemap, r->words, (want < WORDS ? want : WORDS) * 8,
			    (off_t)(start / PAGE_BYTES * 8));
		if (got <= 0)
			return got ? -errno : -ESRCH;
		for (ssize_t i = 0; i < got / 8; i++)
			entries__add(&r->t->entries, start + i * PAGE_BYTES, r->words[i]);
		start += got / 8 * PAGE_BYTES;
	}
	return 0;
}

static void choose(const struct entries *e, struct scan *s)
{
	s->category_anyof_mask = PAGE_IS_PRESENT | (e->any_device ? PAGE_IS_SWAPPED : 0);
	s->return_mask = PAGE_IS_PRESENT | PAGE_IS_SWAPPED;
	if (e->any_anon == e->any_other)
		return;
	s->category_mask = PAGE_IS_FILE;
	s->category_inverted = e->any_anon ? PAGE_IS_FILE : 0;
}

/* The kernel tells where there are entries. */
static int read_scanned(struct reader *r)
{
	struct scan s = {
		.size = sizeof(s),
		.end = 0x7ffffffff000,
		.vec = (uintptr_t)r->regions,
		.vec_len = REGIONS,
	};

	choose(&r->t->entries, &s);
	while (s.start < s.end) {
		int nr, rc;

		if (!may_go_on(r))
			return -ETIME;
		nr = ioctl(r->pagemap, PAGEMAP_SCAN, &s);
		if (nr < 0)
			return -errno;
		for (int i = 0; i < nr; i++) {
			rc = read_range(r, r->regions[i].start, r->regions[i].end);
			if (rc)
				return rc;
		}
		if (s.walk_end <= s.start)
			break;
		s.start = s.walk_end;
	}
	return 0;
}

/* One mapping of /proc/PID/smaps. */
struct area {
	unsigned long long start, end;
	unsigned long long resident; /* in KiB */
};

static int read_area(struct reader *r, const struct area *a)
{
	if (!a->resident)
		return 0;
	if (a->end - a->start > SPARSE_BYTES) {
		r->t->sparse = true;
		return 0;
	}
	return read_range(r, a->start, a->end);
}

/* True: the line begins another mapping. */
static bool take_line(const char *line, struct area *a)
{
	static const char *const sizes[] = { "Rss:", "Shared_Hugetlb:", "Private_Hugetlb:" };
	unsigned long long start, end;

	if (sscanf(line, "%llx-%llx", &start, &end) == 2) {
		*a = (struct area){ start, end, 0 };
		return true;
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (!strncmp(line, sizes[i], strlen(sizes[i])))
			a->resident += strtoull(line + strlen(sizes[i]), NULL, 10);
	return false;
}

/* ... or else /proc/PID/smaps: of what is only reserved there can be terabytes. */
static int read_mappings(struct reader *r, const char *dir)
{
	struct area last = { 0 }, now = { 0 };
	char path[64], *line = NULL;
	size_t size = 0;
	FILE *smaps;
	int rc = 0;

	snprintf(path, sizeof(path), "%s/smaps", dir);
	smaps = fopen(path, "re");
	if (!smaps)
		return -errno;
	while (!rc && getline(&line, &size, smaps) > 0) {
		if (take_line(line, &now))
			rc = read_area(r, &last);
		last = now;
	}
	if (!rc)
		rc = read_area(r, &last);
	free(line);
	fclose(smaps);
	return rc;
}

/* 0; -ESRCH: it has no memory (any more); -errno. */
static int read_task(struct reader *r, const char *dir)
{
	char path[64];
	uint64_t word;
	ssize_t got;
	int rc;

	snprintf(path, sizeof(path), "%s/pagemap", dir);
	r->pagemap = open(path, O_RDONLY | O_CLOEXEC);
	if (r->pagemap < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	/* nothing without memory. The ioctl of such a file crashes kernels from 6.7 on: do not
	 * leave this out. A file that has memory now keeps it. */
	got = pread(r->pagemap, &word, sizeof(word), 0);
	if (got != sizeof(word)) {
		rc = got < 0 ? -errno : -ESRCH;
	} else {
		rc = r->scan ? read_scanned(r) : -ENOTTY;
		if (rc == -ENOTTY || rc == -EINVAL) {
			r->scan = false;
			entries__forget(&r->t->entries);
			rc = read_mappings(r, dir);
		}
	}
	close(r->pagemap);
	return rc;
}

/* A process whose first thread has ended has its memory all the same. */
static int read_threads(struct reader *r, uint32_t pid, uint32_t *thread)
{
	char path[64];
	struct dirent *d;
	int rc = -ESRCH;
	DIR *all;

	snprintf(path, sizeof(path), "/proc/%u/task", pid);
	all = opendir(path);
	while (all && rc == -ESRCH && (d = readdir(all))) {
		*thread = (uint32_t)strtoul(d->d_name, NULL, 10);
		if (!*thread || *thread == pid)
			continue;
		snprintf(path, sizeof(path), "/proc/%u/task/%u", pid, *thread);
		rc = read_task(r, path);
	}
	if (all)
		closedir(all);
	return rc;
}

/* Processes that share their memory (CLONE_VM) are one owner. */
static bool is_known(const struct page_tables *t, uint32_t pid, uint64_t units)
{
	for (uint32_t i = 0; i < t->nr; i++)
		if (t->units[i] == units && !syscall(SYS_kcmp, t->pids[i], pid, KCMP_VM, 0, 0))
			return true;
	return false;
}

static bool grow(struct page_tables *t)
{
	uint32_t room = t->room ? 2 * t->room : 64;
	uint32_t *pids = reallocarray(t->pids, room, sizeof(*pids)), *threads;
	uint64_t *units;

	if (pids)
		t->pids = pids;
	threads = reallocarray(t->threads, room, sizeof(*threads));
	if (threads)
		t->threads = threads;
	units = reallocarray(t->units, room, sizeof(*units));
	if (units)
		t->units = units;
	if (!pids || !threads || !units)
		return false;
	t->room = room;
	return true;
}

static bool keep(struct page_tables *t, uint32_t pid, uint32_t thread)
{
	struct entries *e = &t->entries;
	uint64_t pages = 0;

	for (uint32_t i = 0; i < e->nr_touched; i++)
		pages += e->folio[e->touched[i]].pages;
	if (!pages || is_known(t, pid, pages)) {
		entries__forget(e);
		return true;
	}
	if (t->nr == t->room && !grow(t))
		return false;
	entries__end(e, t->nr);
	t->pids[t->nr] = pid;
	t->threads[t->nr] = thread;
	t->units[t->nr++] = pages;
	return !e->out_of_memory;
}

static bool read_process(struct reader *r, uint32_t pid)
{
	struct page_tables *t = r->t;
	uint32_t thread = pid;
	char dir[32];
	int rc;

	snprintf(dir, sizeof(dir), "/proc/%u", pid);
	rc = read_task(r, dir);
	if (rc == -ESRCH) {
		entries__forget(&t->entries);
		rc = read_threads(r, pid, &thread);
	}
	if (!rc) {
		t->processes++;
		return keep(t, pid, thread);
	}
	entries__forget(&t->entries);
	if (rc != -ESRCH && rc != -ETIME && rc != -ENOENT)
		t->unread++;
	return true;
}

bool page_tables__read(struct page_tables *t)
{
	struct reader r = { .t = t, .scan = true };
	struct dirent *d;
	bool ok = true;
	DIR *proc;

	r.words = malloc(WORDS * sizeof(*r.words));
	r.regions = malloc(REGIONS * sizeof(*r.regions));
	proc = opendir("/proc");
	if (!proc)
		t->unread++;
	ok = r.words && r.regions;
	while (ok && proc && t->entries.left && !t->late && (d = readdir(proc))) {
		uint32_t pid = isdigit((unsigned char)d->d_name[0]) ?
				       (uint32_t)strtoul(d->d_name, NULL, 10) :
				       0;

		if (pid) /* ours are among them: we map the C library as others do */
			ok = read_process(&r, pid);
	}
	if (proc)
		closedir(proc);
	free(r.words);
	free(r.regions);
	return ok;
}

void page_tables__close(struct page_tables *t)
{
	entries__close(&t->entries);
	free(t->pids);
	free(t->threads);
	free(t->units);
}
