// SPDX-License-Identifier: GPL-2.0
/*
 * forker [DEPTH [FANOUT]]: a tree of processes (3, 2), each of which copies some
 * of the memory that it got from its parent, and has some of its own; a child
 * that has its parent's; and a daemon that outlives them all, by a moment.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>

#include "workload.h"

#define SHARED_LEN (128 * KIB)
#define OWN_LEN (64 * KIB)
#define DAEMON_MS 200

struct tree {
	unsigned long fanout;
	char *inherited;
	atomic_ulong *processes; /* seen by all of them */
};

/* Levels differ in what they write, so a parent sees a child's mistake. */
static void live(const struct tree *tree, unsigned long depth)
{
	char *own = memory__map_small(OWN_LEN);

	CHECK(pattern__holds(tree->inherited, SHARED_LEN, depth + 1));
	pattern__fill(tree->inherited, SHARED_LEN, depth);
	pattern__fill(own, OWN_LEN, ~depth);
	atomic_fetch_add(tree->processes, 1);

	if (depth) {
		for (unsigned long i = 0; i < tree->fanout; i++) {
			if (!TRY(fork())) {
				live(tree, depth - 1);
				_exit(EXIT_SUCCESS);
			}
		}
		for (unsigned long i = 0; i < tree->fanout; i++) {
			int status;

			TRY(wait(&status));
			CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
		}
	}
	CHECK(pattern__holds(tree->inherited, SHARED_LEN, depth));
	CHECK(pattern__holds(own, OWN_LEN, ~depth));
	TRY(munmap(own, OWN_LEN));
}

/* A child of vfork() works on its parent's memory. */
static void lend(char *page)
{
	pid_t child = TRY(vfork());

	if (!child) {
		*(volatile char *)page = 1;
		_exit(EXIT_SUCCESS);
	}
	TRY(waitpid(child, NULL, 0));
	CHECK(*page == 1);
}

static unsigned long tree_size(unsigned long depth, unsigned long fanout)
{
	unsigned long level = 1, size = 1;

	while (depth--) {
		level *= fanout;
		size += level;
	}
	return size;
}

static void detach(void)
{
	int null = TRY(open("/dev/null", O_RDWR));

	TRY(setsid());
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		TRY(dup2(null, fd));
	close(null);
}

/* Works on after its first ancestor's end, which closes the pipe. */
static void be_daemon(int until_eof, char *inherited)
{
	char none;

	detach();
	CHECK(TRY(read(until_eof, &none, 1)) == 0);
	pattern__fill(inherited, SHARED_LEN, 99);
	poll(NULL, 0, DAEMON_MS);
	CHECK(pattern__holds(inherited, SHARED_LEN, 99));
}

static void start_daemon(char *inherited)
{
	int ends[2];
	pid_t middle;

	TRY(pipe2(ends, O_CLOEXEC));
	middle = TRY(fork());
	if (!middle) {
		close(ends[1]);
		if (!TRY(fork()))
			be_daemon(ends[0], inherited);
		_exit(EXIT_SUCCESS);
	}
	close(ends[0]);
	/* ends[1] stays open until this process ends. */
	TRY(waitpid(middle, NULL, 0));
}

int main(int argc, char **argv)
{
	unsigned long depth = argc > 1 ? argument__number(argv[1]) : 3;
	struct tree tree = {
		.fanout = argc > 2 ? argument__number(argv[2]) : 2,
		.inherited = memory__map_small(SHARED_LEN),
		.processes = TRY(mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0)),
	};

	pattern__fill(tree.inherited, SHARED_LEN, depth + 1);
	live(&tree, depth);
	CHECK(atomic_load(tree.processes) == tree_size(depth, tree.fanout));
	lend(memory__map_small(PAGE));
	start_daemon(tree.inherited);
	printf("processes=%lu\n", atomic_load(tree.processes) + 3);
	return EXIT_SUCCESS;
}
