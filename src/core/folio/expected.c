// SPDX-License-Identifier: GPL-2.0
/*
 * The kind of a folio, and the count it should have at rest: folio_expected_ref_count()
 * (include/linux/mm.h) and the kinds that it leaves out. The kernel's function cannot be
 * called, as it is inline.
 */
#include "model.h"

static enum ft_kind device_kind(uint32_t flags)
{
	/* enum memory_type, include/linux/memremap.h */
	switch ((flags & FT_PF_DEVICE_MASK) >> FT_PF_DEVICE_SHIFT) {
	case 1:
		return FT_KIND_DEVICE_PRIVATE;
	case 2:
		return FT_KIND_DEVICE_COHERENT;
	case 3:
		return FT_KIND_FS_DAX;
	case 4:
		return FT_KIND_DEVICE_GENERIC;
	case 5:
		return FT_KIND_P2PDMA;
	default:
		return FT_KIND_UNKNOWN;
	}
}

enum ft_kind ft_kind__of(uint32_t flags)
{
	if (flags & FT_PF_ZERO)
		return FT_KIND_ZERO;
	if (flags & FT_PF_ZONE_DEVICE)
		return device_kind(flags);
	if (flags & FT_PF_HUGETLB)
		return FT_KIND_HUGETLB;
	if (flags & FT_PF_TYPED)
		return FT_KIND_TYPED;
	if (flags & FT_PF_RESERVED)
		return FT_KIND_UNKNOWN;
	if (flags & FT_PF_MOVABLE)
		return FT_KIND_MOVABLE;
	if (flags & FT_PF_KSM)
		return FT_KIND_KSM;
	if (flags & FT_PF_ANON)
		return FT_KIND_ANON;
	/* shmem that went to swap: out of the page cache, in the swap cache */
	if (!(flags & FT_PF_MAPPING))
		return flags & FT_PF_SWAPCACHE ? FT_KIND_SHMEM : FT_KIND_UNKNOWN;
	return flags & FT_PF_SWAPBACKED ? FT_KIND_SHMEM : FT_KIND_FILE;
}

bool ft_kind__is_judged(enum ft_kind kind)
{
	switch (kind) {
	case FT_KIND_UNKNOWN:
	case FT_KIND_ZERO:
	case FT_KIND_MOVABLE:
	case FT_KIND_TYPED:
		return false;
	default:
		return true;
	}
}

unsigned int ft_run__rules(const struct ft_run *run)
{
	return (run->hugetlb_cache_is_one ? FT_RULE_HUGETLB_CACHE_ONE : 0) |
	       (run->zone_idle_is_one ? FT_RULE_ZONE_IDLE_ONE : 0);
}

static void expect_cached(struct ft_expected *x, uint32_t flags, int64_t pages)
{
	if (flags & FT_PF_SWAPCACHE)
		x->term[FT_TERM_SWAP_CACHE] = pages;
	if (flags & (FT_PF_ANON | FT_PF_KSM))
		return;
	if (flags & FT_PF_MAPPING)
		x->term[FT_TERM_PAGE_CACHE] = pages;
	if (flags & FT_PF_PRIVATE)
		x->term[FT_TERM_PRIVATE] = 1;
	/* netfs has a reference for it, btrfs has not: judge.c allows both */
	if (flags & FT_PF_PRIVATE_2)
		x->term[FT_TERM_PRIVATE_2] = 1;
}

static void expect_device(struct ft_expected *x, enum ft_kind kind, unsigned int rules)
{
	bool one = rules & FT_RULE_ZONE_IDLE_ONE;

	switch (kind) {
	case FT_KIND_FS_DAX:
		/* Before 6.15 a mapping took no reference, and the cache never does. */
		x->term[FT_TERM_IDLE] = one;
		if (one)
			x->term[FT_TERM_MAPPINGS] = 0;
		break;
	case FT_KIND_P2PDMA:
		x->term[FT_TERM_IDLE] = one;
		break;
	case FT_KIND_DEVICE_GENERIC:
		x->term[FT_TERM_IDLE] = 1;
		break;
	default:
		break;
	}
}

struct ft_expected ft_expected__of(enum ft_kind kind, uint32_t flags, uint32_t order,
				   int32_t mapcount, int32_t pincount, unsigned int rules)
{
	int64_t pages = order < 32 ? 1LL << order : 1;
	struct ft_expected x = { 0 };
	int i;

	if (mapcount != FT_UNKNOWN)
		x.term[FT_TERM_MAPPINGS] = mapcount;
	/* Of one page pins are in the refcount alone, FT_PIN_BIAS each. */
	if ((flags & FT_PF_LARGE) && pincount != FT_UNKNOWN)
		x.term[FT_TERM_PINS] = pincount;
	switch (kind) {
	case FT_KIND_ANON:
	case FT_KIND_KSM:
	case FT_KIND_FILE:
	case FT_KIND_SHMEM:
		expect_cached(&x, flags, pages);
		break;
	case FT_KIND_HUGETLB:
		expect_cached(&x, flags & ~FT_PF_SWAPCACHE,
			      rules & FT_RULE_HUGETLB_CACHE_ONE ? 1 : pages);
		break;
	case FT_KIND_ZERO:
		x.term[FT_TERM_IDLE] = 1;
		break;
	default:
		expect_device(&x, kind, rules);
		break;
	}
	for (i = 0; i < FT_TERM_COUNT; i++)
		x.total += x.term[i];
	return x;
}
