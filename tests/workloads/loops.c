// SPDX-License-Identifier: GPL-2.0
/*
 * loops fault|fork|copy|all [BATCHES [DIR]]: one operation over and over, for what
 * tracing costs (tests/bench). Prints the word and the microseconds of one
 * operation, those of the fastest batch: whatever else the machine does only adds.
 *
 *   fault   mmap 64 pages, write to each, munmap
 *   fork    fork a process that has written to 64 pages; the child writes to one
 *   copy    copy a file of 1 MiB in DIR (/tmp) by read and write
 */
#include <fcntl.h>
#include <time.h>

#include "workload.h"

#define PAGES 64
#define FILE_LEN (1 * MIB)
#define CHUNK (64 * KIB)

static char *memory, *chunk;
static int from, to;

static void fault(void)
{
	char *at = TRY(mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0));

	for (size_t i = 0; i < PAGES; i++)
		at[i * PAGE] = 1;
	TRY(munmap(at, PAGES * PAGE));
}

static void fork_once(void)
{
	pid_t pid = TRY(fork());
	int status;

	if (!pid) {
		memory[0] = 2;
		_exit(0);
	}
	TRY(waitpid(pid, &status, 0));
	CHECK(!status);
}

static void copy(void)
{
	TRY(lseek(from, 0, SEEK_SET));
	TRY(lseek(to, 0, SEEK_SET));
	TRY(ftruncate(to, 0));
	for (size_t done = 0; done < FILE_LEN; done += CHUNK) {
		CHECK(TRY(read(from, chunk, CHUNK)) == CHUNK);
		CHECK(TRY(write(to, chunk, CHUNK)) == CHUNK);
	}
}

static int scratch_file(const char *dir, const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s.%d", dir, name, getpid());
	fd = TRY(open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
	TRY(unlink(path));
	return fd;
}

static void prepare(const char *dir)
{
	memory = TRY(mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0));
	chunk = TRY(mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	pattern__fill(memory, PAGES * PAGE, 1);
	pattern__fill(chunk, CHUNK, 1);
	from = scratch_file(dir, "from");
	to = scratch_file(dir, "to");
	for (size_t done = 0; done < FILE_LEN; done += CHUNK)
		CHECK(TRY(write(from, chunk, CHUNK)) == CHUNK);
}

static const struct {
	const char *name;
	void (*run)(void);
	int batch; /* about as long as each other */
} loops[] = {
	{ "fault", fault, 24 },
	{ "fork", fork_once, 12 },
	{ "copy", copy, 12 },
};

static double batch_us(void (*run)(void), int n)
{
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	for (int i = 0; i < n; i++)
		run();
	clock_gettime(CLOCK_MONOTONIC, &b);
	return ((b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec)) / 1e3 / n;
}

int main(int argc, char **argv)
{
	int batches = argc > 2 ? atoi(argv[2]) : 12;
	bool all = argc > 1 && !strcmp(argv[1], "all");
	size_t done = 0;

	if (argc < 2 || batches <= 0)
		USAGE("loops fault|fork|copy|all [BATCHES [DIR]]");
	prepare(argc > 3 ? argv[3] : "/tmp");
	for (size_t k = 0; k < ARRAY_SIZE(loops); k++) {
		double best = 0;

		if (!all && strcmp(argv[1], loops[k].name))
			continue;
		done++;
		for (int i = 0; i < batches; i++) {
			double us = batch_us(loops[k].run, loops[k].batch);

			best = !i || us < best ? us : best;
		}
		printf("%s %.1f\n", loops[k].name, best);
		fflush(stdout);
	}
	if (!done)
		USAGE("no loop '%s'", argv[1]);
	return 0;
}
