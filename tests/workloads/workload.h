/* SPDX-License-Identifier: GPL-2.0 */
/* What every workload needs: ways to end, memory, and contents to check. */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define KIB 1024UL
#define MIB (1024 * KIB)
#define PAGE (4 * KIB)
#define THP (2 * MIB)

/* kselftest's status for what this kernel cannot do */
#define EXIT_SKIP 4

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define workload__end(status, word, ...)                                                           \
	do {                                                                                       \
		fprintf(stderr, "%s: %s: ", program_invocation_short_name, word);                  \
		fprintf(stderr, __VA_ARGS__);                                                      \
		fputc('\n', stderr);                                                               \
		exit(status);                                                                      \
	} while (0)

/* What the workload set out to see is not so. */
#define CHECK(cond)                                                                                \
	do {                                                                                       \
		if (!(cond))                                                                       \
			workload__end(EXIT_FAILURE, "failed", "%s:%d: %s", __FILE__, __LINE__,     \
				      #cond);                                                      \
	} while (0)

/* A call failed that has no business failing. */
#define DIE(what)                                                                                  \
	workload__end(EXIT_FAILURE, "error", "%s:%d: %s: %s", __FILE__, __LINE__, what,            \
		      strerror(errno))

#define TRY(call)                                                                                  \
	({                                                                                         \
		__typeof__(call) result_ = (call);                                                 \
		if (result_ == (__typeof__(call))-1)                                               \
			DIE(#call);                                                                \
		result_;                                                                           \
	})

#define SKIP(...) workload__end(EXIT_SKIP, "skipped", __VA_ARGS__)

#define USAGE(...) workload__end(EXIT_FAILURE, "usage", __VA_ARGS__)

/* Contents that differ by page and by seed. */
static inline uint64_t pattern__word(unsigned int seed, size_t page)
{
	return (page + 1) * 0x9e3779b97f4a7c15ULL ^ seed;
}

static inline void pattern__fill(void *at, size_t len, unsigned int seed)
{
	uint64_t *word = at;

	for (size_t i = 0; i < len / sizeof(*word); i++)
		word[i] = pattern__word(seed, i * sizeof(*word) / PAGE);
}

static inline bool pattern__holds(const void *at, size_t len, unsigned int seed)
{
	const uint64_t *word = at;

	for (size_t i = 0; i < len / sizeof(*word); i++)
		if (word[i] != pattern__word(seed, i * sizeof(*word) / PAGE))
			return false;
	return true;
}

static inline bool memory__is_zero(const void *at, size_t len)
{
	const uint64_t *word = at;

	for (size_t i = 0; i < len / sizeof(*word); i++)
		if (word[i])
			return false;
	return true;
}

static inline void *memory__map(size_t len)
{
	return TRY(mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

/* Anonymous memory that is never given a huge page. */
static inline void *memory__map_small(size_t len)
{
	void *at = memory__map(len);

	/* EINVAL: a kernel without THP */
	if (madvise(at, len, MADV_NOHUGEPAGE) && errno != EINVAL)
		DIE("MADV_NOHUGEPAGE");
	return at;
}

/* Aligned address space for one huge page, with nothing mapped around it. */
static inline void *memory__map_thp(void)
{
	char *at = memory__map(2 * THP);
	char *thp = (char *)(((uintptr_t)at + THP - 1) & ~(THP - 1));

	if (thp > at)
		TRY(munmap(at, thp - at));
	TRY(munmap(thp + THP, at + THP - thp));
	TRY(madvise(thp, THP, MADV_HUGEPAGE));
	return thp;
}

/* Runs child() in a child, for it to succeed. */
static inline void child__run(void (*child)(void *arg), void *arg)
{
	int status;
	pid_t pid = TRY(fork());

	if (!pid) {
		child(arg);
		_exit(EXIT_SUCCESS);
	}
	TRY(waitpid(pid, &status, 0));
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
}

/* Waits for children to end: EXIT_SUCCESS if all succeeded, else what one of them said. */
static inline int children__end(const pid_t *pid, size_t n)
{
	int worst = EXIT_SUCCESS;

	for (size_t i = 0; i < n; i++) {
		int status;

		TRY(waitpid(pid[i], &status, 0));
		if (!WIFEXITED(status))
			worst = EXIT_FAILURE;
		else if (worst == EXIT_SUCCESS)
			worst = WEXITSTATUS(status);
	}
	return worst;
}

static inline unsigned long argument__number(const char *text)
{
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-')
		USAGE("not a number: %s", text);
	return number;
}

/* The number in a file that holds just that, or -1. */
static inline long number__read(const char *path)
{
	FILE *file = fopen(path, "re");
	long number = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%ld", &number) != 1)
		number = -1;
	fclose(file);
	return number;
}

static inline bool number__write(const char *path, long number)
{
	FILE *file = fopen(path, "we");
	bool written;

	if (!file)
		return false;
	written = fprintf(file, "%ld\n", number) > 0;
	return !fclose(file) && written;
}

#endif
