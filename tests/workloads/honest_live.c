// SPDX-License-Identifier: GPL-2.0
/*
 * honest_live DIR ROUNDS: a process for a tracer that comes later and leaves earlier. It goes
 * round until its stdin is closed, and adds a line to the file ROUNDS each time. All the
 * while it has memory in a pipe, in the buffers of a ring and in the mapping of a file in
 * DIR, which each round takes anew.
 */
#include <fcntl.h>
#include <poll.h>

#include "honest.h"

struct living {
	int ring;
	int pipe[2];
	char *in_ring;
	char *in_pipe;
	char *mapped;
	int file;
};

static void put_in_pipe(struct living *own)
{
	struct iovec range;

	own->in_pipe = memory__map_small(HONEST_LEN);
	pattern__fill(own->in_pipe, HONEST_LEN, HONEST_SEED);
	range = (struct iovec){ own->in_pipe, HONEST_LEN };
	CHECK(TRY(vmsplice(own->pipe[1], &range, 1, 0)) == HONEST_LEN);
}

static void empty_pipe(struct living *own)
{
	static char data[HONEST_LEN] __attribute__((aligned(8)));

	for (size_t got = 0; got < HONEST_LEN;)
		got += TRY(read(own->pipe[0], data + got, HONEST_LEN - got));
	CHECK(pattern__holds(data, HONEST_LEN, HONEST_SEED));
	TRY(munmap(own->in_pipe, HONEST_LEN));
}

static void put_in_ring(struct living *own)
{
	struct iovec range;

	own->in_ring = memory__map_small(HONEST_LEN);
	pattern__fill(own->in_ring, HONEST_LEN, HONEST_SEED);
	range = (struct iovec){ own->in_ring, HONEST_LEN };
	TRY(syscall(SYS_io_uring_register, own->ring, IORING_REGISTER_BUFFERS, &range, 1));
}

static void empty_ring(struct living *own)
{
	TRY(syscall(SYS_io_uring_register, own->ring, IORING_UNREGISTER_BUFFERS, NULL, 0));
	TRY(munmap(own->in_ring, HONEST_LEN));
}

static void map_file(struct living *own)
{
	TRY(ftruncate(own->file, HONEST_LEN));
	own->mapped = TRY(mmap(NULL, HONEST_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, own->file, 0));
	pattern__fill(own->mapped, HONEST_LEN, HONEST_SEED);
}

static void unmap_file(struct living *own)
{
	TRY(munmap(own->mapped, HONEST_LEN));
	TRY(ftruncate(own->file, 0));
}

/* What it inherits is copied on write. */
static void be_a_child(void *arg)
{
	struct living *own = arg;

	CHECK(pattern__holds(own->in_pipe, HONEST_LEN, HONEST_SEED));
	pattern__fill(own->in_ring, HONEST_LEN, HONEST_SEED + 1);
}

static void take_all(struct living *own)
{
	put_in_pipe(own);
	put_in_ring(own);
	map_file(own);
}

static bool is_over(void)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };

	return TRY(poll(&in, 1, 20)) > 0;
}

int main(int argc, char **argv)
{
	char name[] = "honest.XXXXXX";
	struct living own = {};
	int rounds;

	if (argc != 3)
		USAGE("honest_live DIR ROUNDS");
	rounds = TRY(open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
	TRY(chdir(argv[1]));
	own.file = TRY(mkostemp(name, O_CLOEXEC));
	TRY(unlink(name));
	own.ring = honest__ring();
	TRY(pipe2(own.pipe, O_CLOEXEC));
	take_all(&own);
	while (!is_over()) {
		child__run(be_a_child, &own);
		empty_pipe(&own);
		empty_ring(&own);
		unmap_file(&own);
		take_all(&own);
		CHECK(TRY(write(rounds, "\n", 1)) == 1);
	}
	return EXIT_SUCCESS;
}
