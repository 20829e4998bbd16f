/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads a folio on the running kernel: head page, order, counts, flags.
 *
 * No other file knows layouts of struct page and struct folio. They are found by what exists in the
 * kernel's BTF, never by its version. Every relocated access is guarded by a test that the field
 * exists, or the verifier would reject the program on kernels without it.
 */
#ifndef FT_BPF_PAGE_H
#define FT_BPF_PAGE_H

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "kernel.h"
#include "wire.h"

/* Found by resolve() (quiesce.bpf.h) before anything is armed; 0: not known. */
__u64 ft_vmemmap_base;
__u64 ft_huge_zero_pfn_at; /* address of mm/huge_memory.c's huge_zero_pfn */
__u64 ft_zero_pfn;

/* One reading of a folio. */
struct folio_view {
	__u64 addr;
	__u64 mapping;
	__s32 refcount, mapcount, entire_mapcount, pincount;
	__u32 flags; /* FT_PF_* */
	__u8 order;
};

/*
 * All that is read of a folio is in its first two struct pages. They are read into the same buffer
 * one after the other, as the stack frames of all functions called have 512 bytes together.
 */
#define HEAD_BYTES 64
struct head_bytes {
	__u8 b[HEAD_BYTES];
};

/* offset is relocated, so the verifier sees a constant inside the buffer. */
#define HEAD_AT(buf, type, field) (*(__s32 *)((buf)->b + bpf_core_field_offset(type, field)))
#define HEAD_AT64(buf, type, field) (*(__u64 *)((buf)->b + bpf_core_field_offset(type, field)))
/* ... of what stands in the second page */
#define SECOND(buf, type, field) ((buf)->b + bpf_core_field_offset(type, field) - HEAD_BYTES)
#define SECOND_AT(buf, type, field) (*(__s32 *)SECOND(buf, type, field))

static __always_inline __u64 sizeof_page(void)
{
	return bpf_core_type_size(struct page);
}

static __always_inline __u64 read_u64(__u64 addr)
{
	__u64 v = 0;

	bpf_probe_read_kernel(&v, sizeof(v), (void *)addr);
	return v;
}

static __always_inline __u64 page_link_word(__u64 page)
{
	__u64 off;

	if (bpf_core_field_exists(struct page, compound_info))
		off = bpf_core_field_offset(struct page, compound_info);
	else
		off = bpf_core_field_offset(struct page, compound_head);
	return read_u64(page + off);
}

static __always_inline __u64 head_flags(const struct head_bytes *h)
{
	if (bpf_core_field_exists(struct page___flags_struct, flags.f))
		return HEAD_AT64(h, struct page___flags_struct, flags.f);
	return HEAD_AT64(h, struct page___flags_word, flags);
}

static __always_inline __u64 page_flags_word(__u64 page)
{
	if (bpf_core_field_exists(struct page___flags_struct, flags.f))
		return read_u64(page + bpf_core_field_offset(struct page___flags_struct, flags.f));
	return read_u64(page + bpf_core_field_offset(struct page___flags_word, flags));
}

#define PAGE_FLAG(word, name)                                                                      \
	(bpf_core_enum_value_exists(enum pageflags, name) &&                                       \
	 ((word) >> bpf_core_enum_value(enum pageflags, name) & 1))

/*
 * page_folio(). A tail's word has bit 0 set and is the head's address, or since
 * compound_info (8c846c879e22) a mask that clears the page's offset within its
 * folio: ~0 << (order + log2(sizeof(struct page))). A vmemmap address is below
 * fffffe0000000000 on x86-64, a mask of any order above ffffffff00000000.
 */
static __always_inline __u64 page_head(__u64 page)
{
	__u64 word = page_link_word(page), head = word & ~1ULL;

	if (!(word & 1))
		return page;
	if (head >= 0xffffffff00000000ULL && !((~head + 1) & ~head))
		return page & head;
	return head;
}

/*
 * With the hugetlb vmemmap optimisation of 6.1 to 7.0 a tail page on a page
 * boundary of the vmemmap may show the head's flags (page_fixed_fake_head()).
 */
static __always_inline __u64 fixed_fake_head(__u64 page, __u64 flags)
{
	__u64 word;

	if (bpf_core_field_exists(struct page, compound_info) || (page & 4095) ||
	    !PAGE_FLAG(flags, PG_head))
		return page;
	word = page_link_word(page + sizeof_page());
	return word & 1 ? word & ~1ULL : page;
}

static __always_inline __u32 nodes_shift(void)
{
	__u64 bits = bpf_core_type_size(nodemask_t) * 8;

	if (!bpf_core_field_exists(struct zone, node))
		return 0;
	return bits >= 1024 ? 10 : bits >= 512 ? 9 : bits >= 256 ? 8 : bits >= 128 ? 7 : 6;
}

/* page_zonenum() without SECTION_IN_PAGE_FLAGS (SPARSEMEM_VMEMMAP). */
static __always_inline bool is_zone_device(__u64 flags)
{
	__u64 zones, width;

	if (!bpf_core_enum_value_exists(enum zone_type, ZONE_DEVICE))
		return false;
	zones = bpf_core_enum_value(enum zone_type, __MAX_NR_ZONES);
	width = zones > 4 ? 3 : zones > 2 ? 2 : 1;
	return (flags >> (64 - nodes_shift() - width) & ((1U << width) - 1)) ==
	       bpf_core_enum_value(enum zone_type, ZONE_DEVICE);
}

/* enum memory_type of a ZONE_DEVICE folio, 0 if it cannot be read. */
static __always_inline __u32 device_type(__u64 folio)
{
	__u64 pgmap, type = 0;

	if (bpf_core_field_exists(struct folio, pgmap))
		pgmap = read_u64(folio + bpf_core_field_offset(struct folio, pgmap));
	else if (bpf_core_field_exists(struct page, pgmap))
		pgmap = read_u64(folio + bpf_core_field_offset(struct page, pgmap));
	else
		return 0;
	bpf_probe_read_kernel(&type, 4,
			      (void *)(pgmap + bpf_core_field_offset(struct dev_pagemap, type)));
	return type & 7;
}

/* A typed page keeps its type where others keep the mapcount. */
static __always_inline bool is_typed(__s32 word)
{
	if (bpf_core_enum_value_exists(enum pagetype, PGTY_hugetlb))
		return word < (__s32)0xff000000;
	return word < -128; /* PAGE_MAPCOUNT_RESERVE */
}

static __always_inline bool is_hugetlb(const struct head_bytes *h, __s32 word, bool large)
{
	if (!large)
		return false;
	if (bpf_core_enum_value_exists(enum pagetype, PGTY_hugetlb))
		return (__u32)word >> 24 == bpf_core_enum_value(enum pagetype, PGTY_hugetlb);
	if (bpf_core_field_exists(struct folio, _folio_dtor))
		return *SECOND(h, struct folio, _folio_dtor) ==
		       bpf_core_enum_value(enum compound_dtor_id, HUGETLB_PAGE_DTOR);
	if (bpf_core_enum_value_exists(enum pagetype___bits, PG_hugetlb))
		return (word & (0xf0000000 | bpf_core_enum_value(enum pagetype___bits,
								 PG_hugetlb))) == 0xf0000000;
	return false;
}

static __always_inline __u8 large_order(const struct head_bytes *h)
{
	/* 6.1 has _flags_1 as well, but not the order in it */
	if (bpf_core_field_exists(struct folio, _folio_order))
		return *SECOND(h, struct folio, _folio_order);
	return *SECOND(h, struct folio, _flags_1);
}

static __always_inline __s32 large_entire(const struct head_bytes *h)
{
	if (bpf_core_field_exists(struct folio, _entire_mapcount))
		return SECOND_AT(h, struct folio, _entire_mapcount.counter) + 1;
	if (bpf_core_field_exists(struct folio, _total_mapcount))
		return SECOND_AT(h, struct folio, _total_mapcount.counter) + 1;
	return FT_UNKNOWN;
}

struct sum_ctx {
	__u64 folio;
	__s32 sum;
};

static long sum_subpage(__u32 i, struct sum_ctx *c)
{
	__s32 v = -1;

	bpf_probe_read_kernel(&v, sizeof(v),
			      (void *)(c->folio + i * sizeof_page() +
				       bpf_core_field_offset(struct page, _mapcount)));
	c->sum += v + 1;
	return 0;
}

/* total_compound_mapcount() of 6.1, which keeps no total (mm/util.c). */
static __always_inline __s32 summed_mapcount(__u64 folio, const struct head_bytes *h, __u8 order,
					     __s32 entire, __u32 flags)
{
	struct sum_ctx c = { .folio = folio };
	__u64 second;

	if (flags & FT_PF_HUGETLB)
		return entire;
	if (order > 9)
		return FT_UNKNOWN;
	bpf_loop(1U << order, sum_subpage, &c, 0);
	if (!(flags & FT_PF_ANON))
		return entire + c.sum - (entire << order);
	second = *(__u64 *)h->b;	      /* its flags */
	if (PAGE_FLAG(second, PG_workingset)) /* PG_double_map */
		c.sum -= 1 << order;
	return entire + c.sum;
}

static __always_inline void view_large(struct folio_view *v, struct head_bytes *h)
{
	v->order = large_order(h);
	v->entire_mapcount = large_entire(h);
	v->pincount = SECOND_AT(h, struct folio, _pincount.counter);
	if (bpf_core_field_exists(struct folio, _large_mapcount))
		v->mapcount = SECOND_AT(h, struct folio, _large_mapcount.counter) + 1;
	else
		v->mapcount = summed_mapcount(v->addr, h, v->order, v->entire_mapcount, v->flags);
}

static __always_inline __u32 mapping_flags(__u64 mapping)
{
	__u32 f = mapping ? FT_PF_MAPPING : 0;

	switch (mapping & 3) {
	case 1:
		return f | FT_PF_ANON;
	case 3:
		return f | FT_PF_ANON | FT_PF_KSM;
	case 2:
		return f | FT_PF_MOVABLE;
	}
	return f;
}

/* Without branches, each of which would double the paths that the verifier walks. */
static __always_inline __u32 page_flags(__u64 w)
{
	__u32 f = 0;

#define TAKE(name, bit)                                                                            \
	if (bpf_core_enum_value_exists(enum pageflags, name))                                      \
	f |= (__u32)(w >> bpf_core_enum_value(enum pageflags, name) & 1) * (bit)
	TAKE(PG_locked, FT_PF_LOCKED);
	TAKE(PG_lru, FT_PF_LRU);
	TAKE(PG_swapbacked, FT_PF_SWAPBACKED);
	TAKE(PG_swapcache, FT_PF_SWAPCACHE);
	TAKE(PG_private, FT_PF_PRIVATE);
	TAKE(PG_private_2, FT_PF_PRIVATE_2);
	TAKE(PG_writeback, FT_PF_WRITEBACK);
	TAKE(PG_dirty, FT_PF_DIRTY);
	TAKE(PG_uptodate, FT_PF_UPTODATE);
	TAKE(PG_active, FT_PF_ACTIVE);
	TAKE(PG_unevictable, FT_PF_UNEVICTABLE);
	TAKE(PG_mlocked, FT_PF_MLOCKED);
	TAKE(PG_hwpoison, FT_PF_HWPOISON);
	TAKE(PG_reserved, FT_PF_RESERVED);
	TAKE(PG_head, FT_PF_LARGE);
	TAKE(PG_slab, FT_PF_TYPED);
#undef TAKE
	/* the bit is shared with PG_checked (folio_test_swapcache()) */
	return f & (~FT_PF_SWAPCACHE | (f & FT_PF_SWAPBACKED) << 1);
}

static __always_inline __u64 page_to_pfn(__u64 page)
{
	return ft_vmemmap_base ? (page - ft_vmemmap_base) / sizeof_page() : ~0ULL;
}

static __always_inline __u64 pfn_to_page(__u64 pfn)
{
	return ft_vmemmap_base ? ft_vmemmap_base + pfn * sizeof_page() : 0;
}

static __always_inline bool is_huge_zero(__u64 folio)
{
	return ft_huge_zero_pfn_at && pfn_to_page(read_u64(ft_huge_zero_pfn_at)) == folio;
}

/* Zero pages are shared by all processes. They have no mapping: others need not be compared. */
static __always_inline __u32 zero_flag(const struct folio_view *v)
{
	if (v->mapping)
		return 0;
	if (v->flags & FT_PF_LARGE)
		return is_huge_zero(v->addr) ? FT_PF_ZERO : 0;
	return ft_zero_pfn && pfn_to_page(ft_zero_pfn) == v->addr ? FT_PF_ZERO : 0;
}

/* Address of the operations of the file system that a page cache folio belongs to, else 0. */
static __always_inline __u64 a_ops_of(__u64 mapping)
{
	if (!mapping || mapping & 3)
		return 0;
	return read_u64(mapping + bpf_core_field_offset(struct address_space, a_ops));
}

static __always_inline bool is_page_cache(const struct folio_view *v)
{
	return v->mapping && !(v->mapping & 3) &&
	       (!(v->flags & FT_PF_TYPED) || v->flags & FT_PF_HUGETLB);
}

/*
 * Reads a folio by its head page. False: it could not be read. Global, like all functions that
 * many programs share, so that the verifier checks it once and not for each program.
 */
__noinline int view_folio(__u64 folio, struct folio_view *v)
{
	struct head_bytes h = {};
	__s32 word;
	__u64 flags;

	if (!v || bpf_probe_read_kernel(h.b, HEAD_BYTES, (void *)folio))
		return false;
	flags = head_flags(&h);
	word = HEAD_AT(&h, struct page, _mapcount.counter);
	v->addr = folio;
	v->mapping = HEAD_AT64(&h, struct page, mapping);
	v->refcount = HEAD_AT(&h, struct page, _refcount.counter);
	v->flags = page_flags(flags) | mapping_flags(v->mapping);
	v->order = 0;
	v->pincount = 0;
	v->entire_mapcount = 0;
	if (is_zone_device(flags))
		v->flags |= FT_PF_ZONE_DEVICE | device_type(folio) << FT_PF_DEVICE_SHIFT;
	v->flags |= zero_flag(v);
	if (!(v->flags & FT_PF_LARGE)) {
		v->flags |= is_typed(word) ? FT_PF_TYPED : 0;
		v->mapcount = is_typed(word) ? 0 : word + 1;
		return true;
	}
	if (bpf_probe_read_kernel(h.b, HEAD_BYTES, (void *)(folio + HEAD_BYTES)))
		return false;
	if (is_hugetlb(&h, word, true))
		v->flags |= FT_PF_HUGETLB;
	else if (is_typed(word))
		v->flags |= FT_PF_TYPED;
	view_large(v, &h);
	return true;
}

/* Any page of a folio to its head, fake heads included. */
static __always_inline __u64 folio_of(__u64 page)
{
	__u64 head = page_head(page);

	if (bpf_core_field_exists(struct page, compound_info) || (head & 4095))
		return head;
	return fixed_fake_head(head, page_flags_word(head));
}

#endif /* FT_BPF_PAGE_H */
