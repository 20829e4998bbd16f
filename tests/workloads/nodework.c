// SPDX-License-Identifier: GPL-2.0
/*
 * nodework [ROUNDS]: memory moves between nodes, by move_pages(2), mbind(2) and
 * migrate_pages(2): anonymous, huge and small, alone and shared with a child, and a
 * memfd's. Needs two nodes.
 */
#include <sys/syscall.h>

#include "workload.h"

#define PAGES 128
#define LEN (PAGES * PAGE)

/* include/uapi/linux/mempolicy.h */
#define MPOL_BIND 2
#define MPOL_MF_MOVE (1 << 1)
#define MPOL_MF_MOVE_ALL (1 << 2)

struct range {
	char *at;
	size_t len;
	unsigned int seed;
};

static bool has_node(int node)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d", node);
	return !access(path, F_OK);
}

/* Each page may be refused: somebody else holds it at that moment. */
static void move_pages(const struct range *r, int node)
{
	size_t step = r->len == THP ? THP : PAGE, n = r->len / step;
	void *pages[PAGES];
	int nodes[PAGES], status[PAGES];

	for (size_t i = 0; i < n; i++) {
		pages[i] = r->at + i * step;
		nodes[i] = node;
	}
	TRY(syscall(SYS_move_pages, 0, n, pages, nodes, status, MPOL_MF_MOVE));
}

static void bind(const struct range *r, int node, int flags)
{
	unsigned long mask = 1UL << node;

	/* EIO: some could not be moved */
	if (syscall(SYS_mbind, r->at, r->len, MPOL_BIND, &mask, 8 * sizeof(mask), flags))
		CHECK(errno == EIO);
}

static void migrate_all(int from, int to)
{
	unsigned long old = 1UL << from, new = 1UL << to;

	TRY(syscall(SYS_migrate_pages, 0, 8 * sizeof(old), &old, &new));
}

static void check(const struct range *r)
{
	CHECK(pattern__holds(r->at, r->len, r->seed));
}

/* With a mapping of each page in two processes. */
static void move_shared(void *arg)
{
	const struct range *r = arg;

	check(r);
	bind(r, 1, MPOL_MF_MOVE_ALL);
	check(r);
	bind(r, 0, MPOL_MF_MOVE_ALL);
	check(r);
}

static void move(struct range *r)
{
	pattern__fill(r->at, r->len, r->seed);
	for (int node = 1; node >= 0; node--) {
		move_pages(r, node);
		check(r);
		bind(r, !node, MPOL_MF_MOVE);
		check(r);
		migrate_all(!node, node);
		check(r);
	}
	child__run(move_shared, r);
	check(r);
	TRY(munmap(r->at, r->len));
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? argument__number(argv[1]) : 1;

	if (!has_node(1))
		SKIP("one memory node");
	while (rounds--) {
		struct range small = { memory__map_small(LEN), LEN, 1 };
		struct range huge = { memory__map_thp(), THP, 2 };
		int fd = TRY(memfd_create("nodework", MFD_CLOEXEC));
		struct range shmem = { NULL, LEN, 3 };

		TRY(ftruncate(fd, LEN));
		shmem.at = TRY(mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
		move(&small);
		move(&huge);
		move(&shmem);
		TRY(close(fd));
	}
	return EXIT_SUCCESS;
}
