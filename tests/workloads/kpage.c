// SPDX-License-Identifier: GPL-2.0
/*
 * kpage [FILE]: one page of each kind, and what the kernel itself says of it:
 *
 *   kind=K pfn=0xN kpagecount=N flags=0xN addr=0xN head=0xN pages=N sum=N
 *
 * (/proc/kpagecount and /proc/kpageflags; sum is kpagecount over all pages of the folio), or `kind=K skipped=WHY'; then a line
 * `ready'.  The pages stay until FILE exists or, without FILE, until stdin ends;
 * then `changed=N' says how many have another PFN or count by now: with any, the
 * lines are worth nothing, and it fails.  Needs root.
 */
#include <linux/kernel-page-flags.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>

#include "hugepool.h"
#include "meminfo.h"
#include "pagemap.h"
#include "workload.h"

#define KSM_DIR "/sys/kernel/mm/ksm/"
#define KSM_PAUSE_MS 50
#define KSM_PAUSES 400

#define KPF(name) (1ULL << KPF_##name)

static struct hugepool pool;

/*
 * Makers return a page of their kind, or NULL and errno.
 */
static char *make_anon(void)
{
	char *page = memory__map_small(PAGE);

	pattern__fill(page, PAGE, 1);
	return page;
}

static char *make_thp(void)
{
	char *thp = memory__map_thp();

	pattern__fill(thp, THP, 2);
	return thp;
}

static char *make_thp_tail(void)
{
	return make_thp() + 3 * PAGE;
}

/* Other rights for one page split the PMD, and leave the folio whole. */
static char *make_thp_pte(void)
{
	char *thp = make_thp();

	TRY(mprotect(thp + THP - PAGE, PAGE, PROT_READ));
	return thp;
}

static char *make_thp_pte_tail(void)
{
	return make_thp_pte() + 3 * PAGE;
}

static char *make_thp_part(void)
{
	char *thp = make_thp();

	TRY(munmap(thp + THP - PAGE, PAGE));
	return thp;
}

static char *map_file(int fd)
{
	char *page;

	TRY(ftruncate(fd, PAGE));
	page = TRY(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
	TRY(close(fd));
	pattern__fill(page, PAGE, 3);
	return page;
}

static char *make_file(void)
{
	char name[] = "kpage.XXXXXX";
	int fd = TRY(mkostemp(name, O_CLOEXEC));

	TRY(unlink(name));
	return map_file(fd);
}

static char *make_shmem(void)
{
	return map_file(TRY(memfd_create("kpage", MFD_CLOEXEC)));
}

static char *map_hugetlb(int sharing)
{
	char *page = mmap(NULL, THP, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS | MAP_HUGETLB,
			  -1, 0);

	if (page == MAP_FAILED)
		return NULL;
	pattern__fill(page, THP, 4);
	return page;
}

static char *make_hugetlb(void)
{
	return map_hugetlb(MAP_PRIVATE);
}

static char *make_hugetlb_shared(void)
{
	return map_hugetlb(MAP_SHARED);
}

static uint64_t pfn_of(const char *page)
{
	uint64_t entry;

	pagemap__read(page, &entry, 1);
	CHECK(entry & PAGEMAP_PRESENT);
	return entry & PAGEMAP_PFN;
}

/* Two pages of the same contents, which ksmd makes one. */
static char *make_ksm(void)
{
	char *pages = memory__map_small(2 * PAGE);
	long run = number__read(KSM_DIR "run");

	pattern__fill(pages, PAGE, 5);
	memcpy(pages + PAGE, pages, PAGE);
	if (madvise(pages, 2 * PAGE, MADV_MERGEABLE) || !number__write(KSM_DIR "run", 1))
		return NULL;
	for (int i = 0; i < KSM_PAUSES && pfn_of(pages) != pfn_of(pages + PAGE); i++)
		poll(NULL, 0, KSM_PAUSE_MS);
	number__write(KSM_DIR "run", run);
	CHECK(pfn_of(pages) == pfn_of(pages + PAGE));
	return pages;
}

/* A pipe holds a reference, and no mapping. */
static char *make_piped(void)
{
	char *page = make_anon();
	struct iovec io = { .iov_base = page, .iov_len = PAGE };
	int ends[2];

	TRY(pipe2(ends, O_CLOEXEC));
	CHECK(TRY(vmsplice(ends[1], &io, 1, 0)) == PAGE);
	return page;
}

/* What the kernel says of a page while it is what its kind says. */
struct kind {
	const char *name;
	char *(*make)(void);
	uint64_t mapcount;
	uint64_t flags;
};

#define ANON_THP (KPF(ANON) | KPF(THP) | KPF(MMAP))

/* Made before this process forks. */
static const struct kind forked_kinds[] = {
	{ "fork-shared", make_anon, 2, KPF(ANON) | KPF(MMAP) },
	{ "fork-shared-thp", make_thp, 2, ANON_THP | KPF(COMPOUND_HEAD) },
	{ "fork-shared-thp-pte", make_thp_pte, 2, ANON_THP | KPF(COMPOUND_HEAD) },
};

static const struct kind kinds[] = {
	{ "anon", make_anon, 1, KPF(ANON) | KPF(MMAP) },
	{ "thp", make_thp, 1, ANON_THP | KPF(COMPOUND_HEAD) },
	{ "thp-tail", make_thp_tail, 1, ANON_THP | KPF(COMPOUND_TAIL) },
	{ "thp-pte", make_thp_pte, 1, ANON_THP | KPF(COMPOUND_HEAD) },
	{ "thp-pte-tail", make_thp_pte_tail, 1, ANON_THP | KPF(COMPOUND_TAIL) },
	{ "thp-part", make_thp_part, 1, ANON_THP | KPF(COMPOUND_HEAD) },
	{ "piped", make_piped, 1, KPF(ANON) | KPF(MMAP) },
	{ "file", make_file, 1, KPF(MMAP) },
	{ "shmem", make_shmem, 1, KPF(MMAP) | KPF(SWAPBACKED) },
	{ "hugetlb", make_hugetlb, 1, KPF(HUGE) | KPF(COMPOUND_HEAD) | KPF(ANON) },
	{ "hugetlb-shared", make_hugetlb_shared, 1, KPF(HUGE) | KPF(COMPOUND_HEAD) },
	{ "ksm", make_ksm, 2, KPF(KSM) | KPF(ANON) },
};

struct page {
	const struct kind *kind;
	char *at;    /* NULL: there is none */
	int why_not; /* errno */
	uint64_t pfn;
	uint64_t mapcount;
	uint64_t flags;
};

static struct page pages[ARRAY_SIZE(forked_kinds) + ARRAY_SIZE(kinds)];

static uint64_t read_of_pfn(const char *path, uint64_t pfn)
{
	int fd = TRY(open(path, O_RDONLY | O_CLOEXEC));
	uint64_t value;

	CHECK(pread(fd, &value, sizeof(value), pfn * sizeof(value)) == sizeof(value));
	close(fd);
	return value;
}

/* The folio around a page, by /proc/kpageflags. */
struct folio {
	uint64_t head, pages, sum;
};

static bool is_tail(uint64_t pfn)
{
	return read_of_pfn("/proc/kpageflags", pfn) & KPF(COMPOUND_TAIL);
}

static struct folio folio_around(uint64_t pfn)
{
	struct folio folio = { .head = pfn };

	while (is_tail(folio.head))
		folio.head--;
	do
		folio.sum += read_of_pfn("/proc/kpagecount", folio.head + folio.pages++);
	while (is_tail(folio.head + folio.pages));
	return folio;
}

static void page__make(struct page *page, const struct kind *kind)
{
	page->kind = kind;
	page->at = kind->make();
	page->why_not = errno;
}

static void page__read(struct page *page)
{
	page->pfn = pfn_of(page->at);
	if (!page->pfn)
		SKIP("no PFN to see: not root");
	page->mapcount = read_of_pfn("/proc/kpagecount", page->pfn);
	page->flags = read_of_pfn("/proc/kpageflags", page->pfn);
}

static void page__show(const struct page *page)
{
	const struct kind *kind = page->kind;
	struct folio folio;

	if (!page->at) {
		printf("kind=%s skipped=%s\n", kind->name, strerrorname_np(page->why_not));
		return;
	}
	folio = folio_around(page->pfn);
	printf("kind=%s pfn=0x%lx kpagecount=%lu flags=0x%lx addr=0x%lx head=0x%lx pages=%lu "
	       "sum=%lu\n",
	       kind->name, page->pfn, page->mapcount, page->flags, (uintptr_t)page->at, folio.head,
	       folio.pages, folio.sum);
}

static bool page__is_its_kind(const struct page *page)
{
	const struct kind *kind = page->kind;

	return page->mapcount == kind->mapcount && (page->flags & kind->flags) == kind->flags;
}

static bool page__changed(const struct page *page)
{
	struct page now = *page;

	page__read(&now);
	return now.pfn != page->pfn || now.mapcount != page->mapcount;
}

/* Lives as long as its parent, with the pages that are there at its birth. */
static void fork_sharer(void)
{
	pid_t parent = getpid();

	if (TRY(fork()))
		return;
	TRY(prctl(PR_SET_PDEATHSIG, SIGKILL));
	if (getppid() == parent)
		for (;;)
			pause();
	_exit(EXIT_SUCCESS);
}

static void make_pages(void)
{
	struct page *page = pages;

	for (size_t i = 0; i < ARRAY_SIZE(forked_kinds); i++)
		page__make(page++, &forked_kinds[i]);
	fork_sharer();
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		page__make(page++, &kinds[i]);
	meminfo__quiesce();
}

static void show_pages(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		if (pages[i].at)
			page__read(&pages[i]);
		page__show(&pages[i]);
	}
	puts("ready");
	fflush(stdout);
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++)
		if (pages[i].at && !page__is_its_kind(&pages[i]))
			workload__end(EXIT_FAILURE, "failed", "not what it should be: %s",
				      pages[i].kind->name);
}

static void wait_for(const char *file)
{
	char ignored[64];

	if (file)
		while (access(file, F_OK))
			poll(NULL, 0, 50);
	else
		while (TRY(read(STDIN_FILENO, ignored, sizeof(ignored))) > 0)
			;
}

static void restore_pool(void)
{
	hugepool__restore(&pool);
}

int main(int argc, char **argv)
{
	int changed = 0;

	hugepool__grow(&pool, 2);
	atexit(restore_pool);
	make_pages();
	show_pages();
	wait_for(argc > 1 ? argv[1] : NULL);
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++)
		changed += pages[i].at && page__changed(&pages[i]);
	printf("changed=%d\n", changed);
	return changed ? EXIT_FAILURE : EXIT_SUCCESS;
}
