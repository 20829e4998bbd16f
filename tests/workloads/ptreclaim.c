// SPDX-License-Identifier: GPL-2.0
/*
 * ptreclaim ROUNDS DELAY: migrates 256 small pages and a large folio to test_hmm's device.  The large one
 * must be split on the way, and meanwhile a second thread zaps all of the range, with which the
 * kernel gives back the page table (CONFIG_PT_RECLAIM).  Ends with the first round that loses pages.
 *
 * The last line is `lost=L zapped=Z rounds=R'.  A lost page is one of the range that is still locked
 * when nothing maps the range any more.  Zapped are the rounds in which the zap
 * came while entries of the migration were there.
 */
#include <linux/kernel-page-flags.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include "dmirror.h"
#include "pagemap.h"

#define THP_DIR "/sys/kernel/mm/transparent_hugepage/"
#define LARGE_FILE THP_DIR "hugepages-1024kB/enabled"
#define PMD_FILE THP_DIR "hugepages-2048kB/enabled"
#define LARGE (THP / 2)
#define SMALL_PAGES (LARGE / PAGE)

struct zapper {
	char *at;
	long delay; /* iterations of a loop */
	pthread_t thread;
	atomic_bool ready, is_over;
	bool zapped;
};

/* The kernel frees and allocates by CPU. */
static void stay_on_cpu(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	TRY(sched_setaffinity(0, sizeof(cpus), &cpus));
}

static void *zapper__run(void *arg)
{
	struct zapper *zapper = arg;
	int pagemap = TRY(open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
	off_t offset = (uintptr_t)zapper->at / PAGE * sizeof(uint64_t);
	uint64_t entry = 0;

	stay_on_cpu(1);
	atomic_store(&zapper->ready, true);
	while (!(entry & PAGEMAP_SWAP) && !atomic_load(&zapper->is_over))
		CHECK(pread(pagemap, &entry, sizeof(entry), offset) == sizeof(entry));
	TRY(close(pagemap));
	if (!(entry & PAGEMAP_SWAP))
		return NULL;
	for (long left = zapper->delay; left > 0; left--)
		__asm__ volatile("");
	TRY(madvise(zapper->at, THP, MADV_DONTNEED));
	zapper->zapped = true;
	return NULL;
}

static bool migrate_zapped(int device, char *at, char *copy, long delay)
{
	struct zapper zapper = { .at = at, .delay = delay };

	errno = pthread_create(&zapper.thread, NULL, zapper__run, &zapper);
	if (errno)
		DIE("pthread_create");
	while (!atomic_load(&zapper.ready))
		;
	dmirror__migrate(device, DMIRROR_MIGRATE_TO_DEV, at, copy);
	atomic_store(&zapper.is_over, true);
	errno = pthread_join(zapper.thread, NULL);
	if (errno)
		DIE("pthread_join");
	return zapper.zapped;
}

/*
 * The kernel forgets the pages where the overrun of one of the migration's arrays is the other one's
 * start.  An array has 4 KiB, as have the lists of poll(): the first 30 descriptors are on its stack,
 * then come 510 a list, until it returns.  So that nothing else is overrun, lists lie around the
 * memory for the arrays; and as freed memory is used again first, each round one list more takes
 * some of it away, for the next two arrays to be others.
 */
#define POLLED(lists) (30 + 510 * (lists))
#define AROUND 32
#define MAX_ROUNDS 40
#define WITHIN (MAX_ROUNDS + 2)

struct lists {
	size_t nr;
	int until; /* readable: they may go */
	sem_t start;
	atomic_bool runs;
	pthread_t thread;
};

static void *lists__run(void *arg)
{
	struct lists *lists = arg;
	size_t nr = POLLED(lists->nr);
	struct pollfd *polled = memory__map_small(nr * sizeof(*polled));

	for (size_t i = 0; i < nr; i++)
		polled[i].fd = -1;
	polled[0] = (struct pollfd){ .fd = lists->until, .events = POLLIN };
	TRY(sem_wait(&lists->start));
	atomic_store(&lists->runs, true);
	TRY(poll(polled, nr, -1));
	return NULL;
}

static void lists__create(struct lists *lists, size_t nr, int until)
{
	lists->nr = nr;
	lists->until = until;
	TRY(sem_init(&lists->start, 0, 0));
	errno = pthread_create(&lists->thread, NULL, lists__run, lists);
	if (errno)
		DIE("pthread_create");
}

/* On the same CPU, it is in poll() when we run again, but for a preemption. */
static void lists__take(struct lists *lists)
{
	TRY(sem_post(&lists->start));
	while (!atomic_load(&lists->runs))
		sched_yield();
	sched_yield();
}

/* For each round a list, not taken yet */
static void prepare_memory(struct lists *rounds)
{
	static struct lists before, within, after;
	struct rlimit limit = { POLLED(WITHIN), POLLED(WITHIN) };
	int until[2];

	TRY(setrlimit(RLIMIT_NOFILE, &limit));
	TRY(pipe(until));
	for (size_t i = 0; i < MAX_ROUNDS; i++)
		lists__create(&rounds[i], 1, -1);
	lists__create(&before, AROUND, -1);
	lists__create(&within, WITHIN, until[0]);
	lists__create(&after, AROUND, -1);
	lists__take(&before);
	lists__take(&within);
	lists__take(&after);
	CHECK(write(until[1], "", 1) == 1);
	errno = pthread_join(within.thread, NULL);
	if (errno)
		DIE("pthread_join");
}

static void word__write(const char *path, const char *word)
{
	FILE *file = fopen(path, "we");

	if (!file || fputs(word, file) < 0 || fclose(file))
		DIE(path);
}

/* 256 pages, then one large folio; their PFNs */
static void fill(char *at, uint64_t *pfns)
{
	word__write(LARGE_FILE, "never");
	at[0] = 1;
	/* Beside that page no large folio has room in the first half. */
	word__write(LARGE_FILE, "always");
	for (size_t i = PAGE; i < LARGE; i += PAGE)
		at[i] = 1;
	at[LARGE] = 1;
	word__write(LARGE_FILE, "never");
	pagemap__read(at, pfns, SMALL_PAGES);
	for (size_t i = 0; i < SMALL_PAGES; i++)
		pfns[i] &= PAGEMAP_PFN;
}

static uint64_t flags_of(int kpageflags, uint64_t pfn)
{
	uint64_t flags;

	CHECK(pread(kpageflags, &flags, sizeof(flags), pfn * sizeof(flags)) == sizeof(flags));
	return flags;
}

/* Of pages that were unmapped those that are locked: others are free, or reused. */
static unsigned long lost(const uint64_t *pfns)
{
	const uint64_t mask = 1 << KPF_LOCKED | 1 << KPF_ANON | 1 << KPF_MMAP;
	int kpageflags = TRY(open("/proc/kpageflags", O_RDONLY | O_CLOEXEC));
	unsigned long nr = 0;

	for (size_t i = 0; i < SMALL_PAGES; i++)
		nr += (flags_of(kpageflags, pfns[i]) & mask) == (1 << KPF_LOCKED | 1 << KPF_ANON);
	TRY(close(kpageflags));
	return nr;
}

static int run(int device, unsigned long max_rounds, long delay)
{
	char *at = memory__map_thp(), *copy = memory__map_small(THP);
	unsigned long nr_lost = 0, zapped = 0, rounds;
	static struct lists lists[MAX_ROUNDS];
	uint64_t pfns[SMALL_PAGES];

	if (max_rounds > MAX_ROUNDS)
		USAGE("at most %d rounds", MAX_ROUNDS);
	stay_on_cpu(0);
	prepare_memory(lists);
	for (rounds = 0; !nr_lost && rounds < max_rounds; rounds++) {
		lists__take(&lists[rounds]);
		fill(at, pfns);
		CHECK(pfns[0]);
		zapped += migrate_zapped(device, at, copy, delay * (rounds % 16) / 16);
		TRY(madvise(at, THP, MADV_DONTNEED));
		nr_lost = lost(pfns);
	}
	printf("lost=%lu zapped=%lu rounds=%lu\n", nr_lost, zapped, rounds);
	return nr_lost ? EXIT_SUCCESS : EXIT_SKIP;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		USAGE("ptreclaim ROUNDS DELAY");
	if (access(LARGE_FILE, F_OK))
		SKIP("no large folios of 1 MiB");
	/* Of a machine that is thrown away after it: the settings stay. */
	word__write(PMD_FILE, "never");
	return run(dmirror__open(), argument__number(argv[1]), argument__number(argv[2]));
}
