/* SPDX-License-Identifier: GPL-2.0 */
/* What else is done to a trial's folio at the same time.  Each may fail: then somebody was there. */
#ifndef TRIALS_NOISE_H
#define TRIALS_NOISE_H

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "trials_memory.h"

/* include/uapi/linux/mempolicy.h */
#define MPOL_MF_MOVE (1 << 1)

#define MAY_FAIL(call)                                                                             \
	do {                                                                                       \
		if ((call) < 0)                                                                    \
			sched_yield();                                                             \
	} while (0)

struct noisy {
	const struct memory *memory;
	const struct plan *plan;
	unsigned int noises;
	unsigned int cpu;
	unsigned int rounds; /* done, for others to see */
	bool stop;
	pthread_t thread;
	int ends[2]; /* a pipe */
	int sink;    /* O_DIRECT */
	char *buffer;
};

static void stay_on(unsigned int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

static char *page_of(const struct noisy *n)
{
	return n->memory->at + n->plan->page * PAGE;
}

static void empty_pipe(const struct noisy *n, ssize_t len)
{
	while (len > 0) {
		ssize_t got = read(n->ends[0], n->buffer, PAGE);

		if (got <= 0)
			return;
		len -= got;
	}
}

static void splice_memory(const struct noisy *n)
{
	struct iovec range = { page_of(n), PAGE };

	empty_pipe(n, vmsplice(n->ends[1], &range, 1, 0));
}

static void splice_file(const struct noisy *n)
{
	off_t at = (n->memory->index + n->plan->page) * PAGE;

	empty_pipe(n, splice(n->memory->fd, &at, n->ends[1], NULL, PAGE, 0));
}

static void map_again(const struct noisy *n)
{
	char *at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, n->memory->fd,
			(n->memory->index + n->plan->page) * PAGE);

	if (at == MAP_FAILED)
		return;
	(void)*(volatile char *)at;
	munmap(at, PAGE);
}

static void fork_and_end(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(EXIT_SUCCESS);
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void move_page(const struct noisy *n)
{
	void *page = page_of(n);
	int node = n->rounds & 1, status;

	syscall(SYS_move_pages, 0, 1UL, &page, &node, &status, MPOL_MF_MOVE);
}

static void change_rights(const struct noisy *n)
{
	mprotect(page_of(n), PAGE, PROT_READ);
	mprotect(page_of(n), PAGE, PROT_READ | PROT_WRITE);
}

static void make_noise(const struct noisy *n, enum noise noise)
{
	char *page = page_of(n);

	switch (noise) {
	case SPLICE:
		return splice_memory(n);
	case DIRECT_WRITE:
		MAY_FAIL(pwrite(n->sink, page, PAGE, 0));
		return;
	case DIRECT_READ:
		MAY_FAIL(pread(n->sink, page, PAGE, 0));
		return;
	case FORK:
		return fork_and_end();
	case PROTECT:
		return change_rights(n);
	case COLD:
		madvise(page, PAGE, MADV_COLD);
		return;
	case PAGE_OUT:
		madvise(page, PAGE, MADV_PAGEOUT);
		return;
	case MOVE:
		return move_page(n);
	case LOCK:
		mlock(page, PAGE);
		munlock(page, PAGE);
		return;
	case REMAP:
		return map_again(n);
	case SPLICE_FILE:
		return splice_file(n);
	case NOISES:
		break;
	}
}

static void *be_noisy(void *arg)
{
	struct noisy *n = arg;

	stay_on(n->cpu);
	while (!__atomic_load_n(&n->stop, __ATOMIC_ACQUIRE)) {
		for (int i = 0; i < NOISES; i++)
			if (n->noises & BIT(i))
				make_noise(n, i);
		__atomic_fetch_add(&n->rounds, 1, __ATOMIC_RELEASE);
		sched_yield();
	}
	return NULL;
}

static void noise__start(struct noisy *n, const struct memory *m, const struct plan *p,
			 unsigned int noises, unsigned int cpu)
{
	*n = (struct noisy){ .memory = m, .plan = p, .noises = noises, .cpu = cpu };
	TRY(pipe2(n->ends, O_CLOEXEC));
	n->buffer = memory__map(PAGE);
	n->sink = open(path_in(disk, "sink", cpu), O_RDWR | O_CREAT | O_DIRECT | O_CLOEXEC, 0600);
	MAY_FAIL(pwrite(n->sink, n->buffer, PAGE, 0));
	errno = pthread_create(&n->thread, NULL, be_noisy, n);
	CHECK(!errno);
}

/* Until it was at it once more. */
static void noise__meet(const struct noisy *n)
{
	unsigned int rounds = __atomic_load_n(&n->rounds, __ATOMIC_ACQUIRE);

	while (__atomic_load_n(&n->rounds, __ATOMIC_ACQUIRE) == rounds)
		sched_yield();
}

static void noise__stop(struct noisy *n)
{
	__atomic_store_n(&n->stop, true, __ATOMIC_RELEASE);
	pthread_join(n->thread, NULL);
	close(n->ends[0]);
	close(n->ends[1]);
	close(n->sink);
}

#endif
