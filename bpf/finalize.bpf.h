/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The last step of device migration.
 *
 * __migrate_device_finalize(src_pfns, dst_pfns, npages, fault_page), called
 * migrate_device_finalize() before 6.15, puts every page back or releases it. The counts are
 * recorded for every index: at entry, before and after remove_migration_ptes(), and at return.
 * The arrays are still valid at return, but a folio may have been freed and its page reused. So
 * folios whose tracking began after the entry are left out.
 */
#ifndef FT_BPF_FINALIZE_H
#define FT_BPF_FINALIZE_H

#include <bpf/bpf_tracing.h>

#include "hooks.h"
#include "track.h"

/* include/linux/migrate.h; COMPOUND since 6.19 */
#define MIGRATE_PFN_VALID (1ULL << 0)
#define MIGRATE_PFN_MIGRATE (1ULL << 1)
#define MIGRATE_PFN_COMPOUND (1ULL << 4)
#define MIGRATE_PFN_SHIFT 6

/* One call, from its entry to its return, by task. */
struct finalize {
	__u64 src, dst, npages;
	__u64 fault;   /* folio of fault_page, or 0 */
	__u32 cursor;  /* index to search from: remove_migration_ptes() is called in order */
	__u32 last_id; /* the last lifetime that had begun by the entry */
	__u32 site;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64); /* pid_tgid */
	__type(value, struct finalize);
} finalizing SEC(".maps");

static __always_inline __u64 mpfn_folio(__u64 mpfn)
{
	__u64 page;

	if (!(mpfn & MIGRATE_PFN_VALID))
		return 0;
	page = pfn_to_page(mpfn >> MIGRATE_PFN_SHIFT);
	return page ? folio_of(page) : 0;
}

static __always_inline __u64 mpfn_at(__u64 array, __u32 i)
{
	return array ? read_u64(array + (__u64)i * 8) : 0;
}

struct scan {
	struct finalize f;
	__u64 want;
	__u32 first, found;
	__u8 at;
	bool adopt;
};

/* do_swap_page() holds one more reference on the page that it migrates. */
static __always_inline __u64 fault_aux(const struct finalize *f, __u64 folio)
{
	return f->fault && f->fault == folio ? FT_CP_FAULT : 0;
}

static __always_inline __u64 checkpoint_aux(__u8 at, bool dst, __u64 mpfn, bool same)
{
	return (__u64)at | (dst ? FT_CP_DST : 0) | (same ? FT_CP_SRC_IS_DST : 0) |
	       (mpfn & MIGRATE_PFN_MIGRATE ? FT_CP_MIGRATE : 0) |
	       (mpfn & MIGRATE_PFN_COMPOUND ? FT_CP_COMPOUND : 0);
}

__noinline int checkpoint(struct scan *s, __u64 folio, __u32 index, __u64 aux)
{
	struct emit what = { .op = FT_OP_CHECKPOINT, .value = index, .aux = aux };
	struct tracked *t;
	struct folio_view v = {};

	if (!s)
		return 0;
	what.site = s->f.site;
	t = tracked_find(folio);
	if ((!t && !s->adopt) || !view_folio(folio, &v))
		return 0;
	if (!t)
		t = track_folio(&v, FT_OP_ADOPTED, s->f.site, 0);
	if (t && t->id <= s->f.last_id)
		tracked_event(t, &what, &v);
	return 0;
}

static long checkpoint_index(__u32 i, struct scan *s)
{
	__u64 src_mpfn = mpfn_at(s->f.src, i), dst_mpfn = mpfn_at(s->f.dst, i);
	__u64 src = mpfn_folio(src_mpfn), dst = mpfn_folio(dst_mpfn);
	/* as __migrate_device_finalize() decides */
	bool same = !(src_mpfn & MIGRATE_PFN_MIGRATE) || !dst;

	if (src)
		checkpoint(s, src, i,
			   checkpoint_aux(s->at, false, src_mpfn, same) | fault_aux(&s->f, src));
	if (dst && dst != src)
		checkpoint(s, dst, i, checkpoint_aux(s->at, true, src_mpfn, same));
	return 0;
}

static __always_inline void checkpoint_all(struct scan *s)
{
	__u64 n = s->f.npages;

	if (n > FT_INDEX_MAX) {
		if (s->at == FT_AT_FINALIZE_ENTRY)
			count_n(FT_CNT_INDEX_LEFT, n - FT_INDEX_MAX);
		n = FT_INDEX_MAX;
	}
	bpf_loop(n, checkpoint_index, s, 0);
}

static __always_inline int finalize_enter(void *ctx, __u32 site)
{
	__u64 task = bpf_get_current_pid_tgid();
	struct emit what = { .site = site, .op = FT_OP_ENTER };
	struct scan s = { .at = FT_AT_FINALIZE_ENTRY, .adopt = current_tracked() };

	bpf_get_func_arg(ctx, 0, &s.f.src);
	bpf_get_func_arg(ctx, 1, &s.f.dst);
	bpf_get_func_arg(ctx, 2, &s.f.npages);
	/* before 6.15 the function has no such argument */
	if (site == FT_HOOK___migrate_device_finalize)
		bpf_get_func_arg(ctx, 3, &s.f.fault);
	if (s.f.fault)
		s.f.fault = folio_of(s.f.fault);
	what.value = s.f.npages;
	s.f.site = site;
	s.f.last_id = ~0U;
	if (s.adopt)
		emit_event(&what, NULL, 0, 0);
	checkpoint_all(&s);
	s.f.last_id = ft_last_id;
	if (bpf_map_update_elem(&finalizing, &task, &s.f, BPF_ANY))
		count(FT_CNT_INDEX_LEFT);
	return 0;
}

static __always_inline int finalize_return(__u32 site)
{
	__u64 task = bpf_get_current_pid_tgid();
	struct emit what = { .site = site, .op = FT_OP_RETURN };
	struct finalize *f = bpf_map_lookup_elem(&finalizing, &task);
	struct scan s = { .at = FT_AT_FINALIZE_RETURN };

	if (!f)
		return 0;
	s.f = *f;
	checkpoint_all(&s);
	bpf_map_delete_elem(&finalizing, &task);
	if (current_tracked())
		emit_event(&what, NULL, 0, 0);
	return 0;
}

#define FINALIZE(fn)                                                                               \
	SEC("?fentry/" #fn)                                                                        \
	int on_enter_##fn(void *ctx)                                                               \
	{                                                                                          \
		return finalize_enter(ctx, FT_HOOK_##fn);                                          \
	}                                                                                          \
	SEC("?fexit/" #fn)                                                                         \
	int on_return_##fn(void *ctx)                                                              \
	{                                                                                          \
		return finalize_return(FT_HOOK_##fn);                                              \
	}

FINALIZE(__migrate_device_finalize)
FINALIZE(migrate_device_finalize)

static long find_index(__u32 i, struct scan *s)
{
	if (mpfn_folio(mpfn_at(s->f.src, s->first + i)) != s->want)
		return 0;
	s->found = s->first + i;
	return 1;
}

/* The index at which the running finalize works on src. */
static __always_inline bool finalize_index(struct finalize *f, struct scan *s, __u64 src)
{
	__u64 left = f->npages > f->cursor ? f->npages - f->cursor : 0;

	s->f = *f;
	s->want = src;
	s->first = f->cursor;
	s->found = ~0U;
	bpf_loop(left > FT_INDEX_MAX ? FT_INDEX_MAX : left, find_index, s, 0);
	if (s->found == ~0U)
		return false;
	f->cursor = s->found;
	return true;
}

static __always_inline void rmp_checkpoint(__u64 src, __u64 dst, __u8 at)
{
	__u64 task = bpf_get_current_pid_tgid(), mpfn;
	struct finalize *f = bpf_map_lookup_elem(&finalizing, &task);
	struct scan s = { .at = at };

	if (!f || !finalize_index(f, &s, src))
		return;
	mpfn = mpfn_at(s.f.src, s.found);
	checkpoint(&s, src, s.found,
		   checkpoint_aux(at, false, mpfn, src == dst) | fault_aux(&s.f, src));
	if (dst != src)
		checkpoint(&s, dst, s.found, checkpoint_aux(at, true, mpfn, false));
}

/*
 * Every migration ends with remove_migration_ptes(src, dst, ...), not only those of devices. If
 * the two differ, the contents are in dst now.
 */
static __always_inline void moved(__u64 src, __u64 dst)
{
	struct emit what = { .site = FT_HOOK_remove_migration_ptes, .op = FT_OP_MIGRATE };
	struct tracked *from = tracked_find(src), *to = tracked_find(dst);
	struct folio_view v = {};

	if (!from && !(to && current_tracked()))
		return;
	if (!to && view_folio(dst, &v))
		to = track_folio(&v, FT_OP_BORN, what.site, 0);
	if (!from || !to)
		return;
	what.value = to->id;
	read_tracked(from, src, &what);
}

__noinline int rmp_read(__u64 src, __u64 dst, __u8 op)
{
	struct emit what = { .site = FT_HOOK_remove_migration_ptes, .op = op };
	struct tracked *t = tracked_find(src);

	if (t)
		read_tracked(t, src, &what);
	t = dst != src ? tracked_find(dst) : NULL;
	if (t)
		read_tracked(t, dst, &what);
	return 0;
}

SEC("?fentry/remove_migration_ptes")
int on_enter_remove_migration_ptes(void *ctx)
{
	__u64 src = func_arg(ctx, 0), dst = func_arg(ctx, 1);

	if (src != dst)
		moved(src, dst);
	rmp_read(src, dst, FT_OP_ENTER);
	rmp_checkpoint(src, dst, FT_AT_RMP_ENTRY);
	return 0;
}

SEC("?fexit/remove_migration_ptes")
int on_return_remove_migration_ptes(void *ctx)
{
	__u64 src = func_arg(ctx, 0), dst = func_arg(ctx, 1);

	rmp_checkpoint(src, dst, FT_AT_RMP_RETURN);
	rmp_read(src, dst, FT_OP_RETURN);
	return 0;
}

#endif /* FT_BPF_FINALIZE_H */
