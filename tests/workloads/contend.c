// SPDX-License-Identifier: GPL-2.0
/*
 * contend [ROUNDS [DIR]]: two processes, each on a CPU of its own, get and put the
 * same folios at the same time: anonymous ones that they share since a fork, those
 * of a memfd, and those of a file in DIR (here if not given). By splicing them
 * into pipes, reading, O_DIRECT from them, mapping and zapping.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/uio.h>

#include "workload.h"

#define PAGES 16
#define LEN (PAGES * PAGE)
#define FILE_NAME "contend.XXXXXX"

enum { ANON_SEED = 1, SHMEM_SEED, FILE_SEED };

struct shared {
	char *anon;
	int shmem, file;
	int sink;	  /* O_DIRECT; -1: this file system can't */
	volatile int *at; /* of each process: the round that it is in */
	unsigned long rounds;
};

static char buffer[LEN] __attribute__((aligned(PAGE)));

static void pin(int nth)
{
	cpu_set_t all, one;

	TRY(sched_getaffinity(0, sizeof(all), &all));
	if (CPU_COUNT(&all) < 2)
		SKIP("one CPU");
	CPU_ZERO(&one);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &all) && !nth--)
			CPU_SET(cpu, &one);
	TRY(sched_setaffinity(0, sizeof(one), &one));
}

static void drain(int fd, unsigned int seed)
{
	size_t len = 0;

	while (len < LEN)
		len += TRY(read(fd, buffer + len, LEN - len));
	CHECK(pattern__holds(buffer, LEN, seed));
}

static void splice_memory(const struct shared *s, int ends[2])
{
	struct iovec range = { s->anon, LEN };

	CHECK(TRY(vmsplice(ends[1], &range, 1, 0)) == LEN);
	drain(ends[0], ANON_SEED);
}

static void splice_file(int fd, int ends[2], unsigned int seed)
{
	off_t offset = 0;

	while (offset < (off_t)LEN)
		CHECK(TRY(splice(fd, &offset, ends[1], NULL, LEN - offset, 0)) > 0);
	drain(ends[0], seed);
}

/* Faults every page in, zaps them, and reads them by a system call. */
static void map_and_read(int fd, unsigned int seed)
{
	char *mapped = TRY(mmap(NULL, LEN, PROT_READ, MAP_SHARED, fd, 0));

	CHECK(pattern__holds(mapped, LEN, seed));
	TRY(madvise(mapped, LEN, MADV_DONTNEED));
	CHECK(pattern__holds(mapped, LEN, seed));
	TRY(munmap(mapped, LEN));
	CHECK(TRY(pread(fd, buffer, LEN, 0)) == LEN);
	CHECK(pattern__holds(buffer, LEN, seed));
}

static void write_direct(const struct shared *s, int nth)
{
	if (s->sink >= 0)
		CHECK(TRY(pwrite(s->sink, s->anon, LEN, nth * LEN)) == LEN);
}

/* Neither runs ahead of the other: they are to meet. */
static void meet(const struct shared *s, int nth, int round)
{
	__atomic_store_n(&s->at[nth], round, __ATOMIC_RELEASE);
	while (__atomic_load_n(&s->at[!nth], __ATOMIC_ACQUIRE) < round)
		sched_yield();
}

static void work(const struct shared *s, int nth)
{
	int ends[2];

	TRY(pipe2(ends, O_CLOEXEC));
	for (unsigned long i = 1; i <= s->rounds; i++) {
		meet(s, nth, i);
		splice_memory(s, ends);
		map_and_read(s->shmem, SHMEM_SEED);
		splice_file(s->shmem, ends, SHMEM_SEED);
		write_direct(s, nth);
		map_and_read(s->file, FILE_SEED);
		splice_file(s->file, ends, FILE_SEED);
	}
	CHECK(pattern__holds(s->anon, LEN, ANON_SEED));
}

static int filled(int fd, unsigned int seed)
{
	pattern__fill(buffer, LEN, seed);
	CHECK(TRY(pwrite(fd, buffer, LEN, 0)) == LEN);
	return fd;
}

static int open_file(char *name)
{
	int fd = filled(TRY(mkostemp(name, O_CLOEXEC)), FILE_SEED);

	TRY(fsync(fd));
	return fd;
}

static int open_sink(char *name)
{
	int fd;

	TRY(close(TRY(mkostemp(name, O_CLOEXEC))));
	fd = open(name, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (fd < 0 && errno != EINVAL)
		DIE(name);
	TRY(unlink(name));
	return fd;
}

int main(int argc, char **argv)
{
	char name[] = FILE_NAME, sink[] = FILE_NAME;
	struct shared s = { .rounds = argc > 1 ? argument__number(argv[1]) : 10 };
	pid_t pid[2];

	if (argc > 2)
		TRY(chdir(argv[2]));
	s.file = open_file(name);
	TRY(unlink(name));
	s.sink = open_sink(sink);
	s.shmem = filled(TRY(memfd_create("contend", MFD_CLOEXEC)), SHMEM_SEED);
	s.at = TRY(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	s.anon = memory__map_small(LEN);
	pattern__fill(s.anon, LEN, ANON_SEED);
	for (int nth = 0; nth < 2; nth++) {
		pid[nth] = TRY(fork());
		if (!pid[nth]) {
			pin(nth);
			work(&s, nth);
			_exit(EXIT_SUCCESS);
		}
	}
	return children__end(pid, 2);
}
