/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Adoption at an operation: a folio that nobody maps, as one that was looked up in the page cache,
 * passes no hook. So an exact source begins its lifetime at the first get of a followed task.
 */
#ifndef FT_BPF_ADOPT_H
#define FT_BPF_ADOPT_H

#include "track.h"

struct first_operation {
	__u64 page;
	__u32 site;
	__s32 delta;
	__s32 applied; /* of delta: the page's count has it already */
	__u8 op;
	__u8 source;
};

#define HUGE_ZERO_ORDER 9
#define MAX_SPLIT_ORDER 10 /* folios of a higher order are not split */

static __always_inline __u64 index_in_vmemmap(__u64 page)
{
	return (page - ft_vmemmap_base) / sizeof_page();
}

/*
 * Whether it is worth a look at the page; no for most hits on folios that are not tracked. Of the
 * huge zero folio, which is nobody's, a put counts as well.
 */
static __always_inline bool may_adopt(__u64 page, __s32 delta)
{
	if (ft_closed || ft_over || !delta)
		return false;
	if (delta < 0 && (page & ((sizeof_page() << HUGE_ZERO_ORDER) - 1) || !is_huge_zero(page)))
		return false;
	return current_tracked();
}

/*
 * A split is under way: at its return the children's lifetimes begin (child_born()), as those of
 * children. The folio that they were is still tracked.
 */
static __always_inline bool is_part_of_tracked(__u64 page)
{
	__u64 index = index_in_vmemmap(page);

	for (int order = 1; order <= MAX_SPLIT_ORDER; order++) {
		__u64 first = index & ~((1ULL << order) - 1);
		struct tracked *t = NULL;

		if (first != index)
			t = tracked_find(page - (index - first) * sizeof_page());
		if (t && t->order >= order)
			return true;
	}
	return false;
}

/*
 * A folio that was never in use but is about to be, in the place of another: the destination of a
 * migration, of a collapse. It has its mapping, but is on no list, and nobody else knows of it.
 */
static __always_inline bool is_newborn(const struct folio_view *v, const struct first_operation *o)
{
	return v->flags & FT_PF_LOCKED && !(v->flags & FT_PF_LRU) && v->refcount == 1 &&
	       o->delta >= (1 << (v->order & 31)) - 1;
}

static __always_inline bool has_other_type(__u64 page)
{
	__s32 word = -1;

	/* before 6.12 no page of a type has a count of 0 */
	if (!bpf_core_enum_value_exists(enum pagetype, PGTY_buddy))
		return false;
	bpf_probe_read_kernel(&word, sizeof(word),
			      (void *)(page + bpf_core_field_offset(struct page, _mapcount)));
	return is_typed(word) &&
	       (__u32)word >> 24 != bpf_core_enum_value(enum pagetype, PGTY_buddy);
}

/*
 * A get on a page that is free, in the buddy allocator or in a list of a CPU: neither a folio whose
 * count is frozen, nor an idle one of a device.
 */
static __always_inline bool is_get_on_free(const struct folio_view *v,
					   const struct first_operation *o)
{
	return !v->refcount && (o->op == FT_OP_GET || o->op == FT_OP_ADD) &&
	       !(v->flags & (FT_PF_ZONE_DEVICE | FT_PF_RESERVED | FT_PF_MAPPING | FT_PF_LARGE |
			     FT_PF_LOCKED | FT_PF_LRU)) &&
	       !has_other_type(v->addr);
}

/* Kernel pages have no mapping; they are tracked once they are mapped. */
static __always_inline bool is_judged(const struct folio_view *v)
{
	return !(v->flags & (FT_PF_TYPED | FT_PF_RESERVED | FT_PF_MOVABLE)) &&
	       v->flags & FT_PF_MAPPING;
}

static __always_inline bool is_shared_huge(const struct folio_view *v)
{
	return v->flags & FT_PF_ZERO && v->flags & FT_PF_LARGE;
}

static __always_inline bool is_adoptable(const struct folio_view *v)
{
	return v->refcount > 0 && is_judged(v) && !is_part_of_tracked(v->addr);
}

/* True if the folio is tracked now. Not for small pages of a folio: these have no count. */
__noinline int adopt_folio(const struct first_operation *o)
{
	struct beginning b = { .what = { .op = FT_OP_ADOPTED }, .zero = true };
	struct folio_view v = {};

	if (!o || page_head(o->page) != o->page || !view_folio(o->page, &v))
		return false;
	v.refcount -= o->applied;
	if (!is_get_on_free(&v, o) && !is_adoptable(&v) && !is_shared_huge(&v))
		return false;
	if (is_page_cache(&v) && is_newborn(&v, o))
		b.what.op = FT_OP_BORN;
	b.what.site = o->site;
	b.what.source = o->source;
	b.applied = o->applied;
	return tracked_start(&v, &b);
}

static __always_inline struct tracked *adopt(const struct first_operation *o)
{
	return adopt_folio(o) ? tracked_find(o->page) : NULL;
}

#endif /* FT_BPF_ADOPT_H */
