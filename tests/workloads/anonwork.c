// SPDX-License-Identifier: GPL-2.0
/*
 * anonwork [ROUNDS]: the ordinary life of anonymous memory: faults, fork and
 * copy on write, zap, a THP mapped whole, split by mprotect, moved, collapsed.
 */
#include "workload.h"

#define SMALL_LEN (1 * MIB)

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

struct range {
	char *at;
	size_t len;
};

/* In a child: what it writes must stay its own. */
static void write_own_copy(void *arg)
{
	struct range *range = arg;

	CHECK(pattern__holds(range->at, range->len, 1));
	pattern__fill(range->at, range->len / 2, 2);
	CHECK(pattern__holds(range->at, range->len / 2, 2));
}

static void fork_and_copy(struct range *range)
{
	pattern__fill(range->at, range->len, 1);
	child__run(write_own_copy, range);
	CHECK(pattern__holds(range->at, range->len, 1));
}

static void zap_first_half(struct range *range)
{
	TRY(madvise(range->at, range->len / 2, MADV_DONTNEED));
	CHECK(memory__is_zero(range->at, range->len / 2));
}

static void small_pages(void)
{
	struct range range = { memory__map_small(SMALL_LEN), SMALL_LEN };

	CHECK(memory__is_zero(range.at, range.len));
	fork_and_copy(&range);
	zap_first_half(&range);
	TRY(munmap(range.at, range.len));
}

static void huge_page(void)
{
	struct range range = { memory__map_thp(), THP };

	fork_and_copy(&range);
	TRY(munmap(range.at, range.len));
}

/* The PMD is split as one of its pages gets other rights. */
static void huge_page_split(void)
{
	char *thp = memory__map_thp();
	char *odd = thp + THP / 2;

	pattern__fill(thp, THP, 3);
	TRY(mprotect(odd, PAGE, PROT_READ));
	CHECK(pattern__holds(thp, THP, 3));
	TRY(mprotect(odd, PAGE, PROT_READ | PROT_WRITE));
	pattern__fill(thp, THP, 4);
	CHECK(pattern__holds(thp, THP, 4));

	/* The kernel may find it has no room for that. */
	if (!madvise(thp, THP, MADV_COLLAPSE))
		CHECK(pattern__holds(thp, THP, 4));
	TRY(munmap(thp, THP));
}

/* Unmapping a part leaves a large folio that is mapped in part. */
static void huge_page_in_part(void)
{
	char *thp = memory__map_thp();

	pattern__fill(thp, THP, 5);
	TRY(munmap(thp + THP / 2, THP / 2));
	CHECK(pattern__holds(thp, THP / 2, 5));
	TRY(munmap(thp, THP / 2));
}

static void huge_page_moved(void)
{
	char *thp = memory__map_thp();
	char *target = memory__map_thp();

	pattern__fill(thp, THP, 6);
	CHECK(mremap(thp, THP, THP, MREMAP_MAYMOVE | MREMAP_FIXED, target) == target);
	CHECK(pattern__holds(target, THP, 6));
	TRY(munmap(target, THP));
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? argument__number(argv[1]) : 1;

	while (rounds--) {
		small_pages();
		huge_page();
		huge_page_split();
		huge_page_in_part();
		huge_page_moved();
	}
	return EXIT_SUCCESS;
}
