/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The function entry/exit source (`--source boundary`): fentry and fexit programs for each row of
 * the hook table. Arguments are taken by number with bpf_get_func_arg(), never by type, so one
 * program fits a function that takes a page on one kernel and a folio on another, or returns void
 * on one and int on another.
 */
#ifndef FT_BPF_BOUNDARY_H
#define FT_BPF_BOUNDARY_H

#include <bpf/bpf_tracing.h>

#include "adopt.h"
#include "hooks.h"
#include "lifetime.bpf.h"
#include "programs.h"
#include "track.h"

struct hook {
	__u32 site;
	__u8 role;
	__s8 folio, vma;
};

static __always_inline __u64 func_arg(void *ctx, __s8 n)
{
	__u64 v = 0;

	if (n >= 0)
		bpf_get_func_arg(ctx, n, &v);
	return v;
}

/* Size of the return type, from BTF: bytes of rax beyond it are undefined. 0: void. */
const volatile __u8 ft_return_size[FT_HOOK_COUNT];

static __always_inline __s64 func_ret(void *ctx, __u32 hook)
{
	__u64 v = 0;

	bpf_get_func_ret(ctx, &v);
	switch (hook < FT_HOOK_COUNT ? ft_return_size[hook] : 0) {
	case 0:
		return 0;
	case 1:
		return (__u8)v;
	case 4:
		return (__s32)v;
	}
	return v;
}

static __always_inline bool wants_folio(void *ctx, const struct hook *h)
{
	switch (h->role) {
	case FT_ROLE_MAP:
	case FT_ROLE_MAP_NEW:
		return current_tracked() || vma_tracked(func_arg(ctx, h->vma));
	case FT_ROLE_BIRTH:
		return current_tracked();
	}
	return ft_adopt_any && current_tracked();
}

/* Was this folio allocated just now, or did it exist before we saw it? */
static __always_inline bool is_new(const struct hook *h, const struct folio_view *v)
{
	return (h->role == FT_ROLE_MAP_NEW && v->mapcount == 0) ||
	       (h->role == FT_ROLE_BIRTH && !(v->flags & FT_PF_MAPPING));
}

/* The mapping that the function is to add a folio to. */
static __always_inline __u64 mapping_arg(void *ctx, __u32 hook)
{
	switch (hook) {
	case FT_HOOK_filemap_add_folio:
		return func_arg(ctx, 0);
	case FT_HOOK_shmem_add_to_page_cache:
	case FT_HOOK_hugetlb_add_to_page_cache:
		return func_arg(ctx, 1);
	}
	return 0;
}

#define PF_EXITING 0x4 /* include/linux/sched.h */

/* As mm_owner(), of the mm that this task uses. It is loaded, as reads by a helper cost more. */
static __always_inline __u32 owner_of_used(struct task_struct *task)
{
	struct mm_struct *mm = task->mm;
	struct task_struct *owner;

	if (!mm || !bpf_core_field_exists(struct mm_struct, owner))
		return 0;
	owner = mm->owner;
	return owner ? owner->tgid : 0;
}

/*
 * Whose mapping it is, if another's: khugepaged, reclaim, an access to another process, a child of
 * vfork(), a thread of the kernel that uses a process's mm. Else 0. Who has given up its mm
 * (exit_mm()) unmaps that one or one without an owner.
 */
static __always_inline __u64 owner_elsewhere(__u64 vma)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 tgid;
	__u64 mm;

	if (!task->mm && task->flags & PF_EXITING)
		return 0;
	mm = mm_of(vma);
	if (!mm)
		return 0;
	tgid = mm == (__u64)task->mm ? owner_of_used(task) : mm_owner(mm);
	return tgid == (__u32)task->tgid ? 0 : tgid;
}

static __always_inline struct tracked *track_at_entry(void *ctx, const struct hook *h, __u64 folio)
{
	struct beginning b = { .what = { .site = h->site } };
	struct folio_view v = {};

	if (!wants_folio(ctx, h) || !view_folio(folio, &v))
		return NULL;
	if (h->role == FT_ROLE_BIRTH && v.refcount <= 0)
		return NULL; /* an idle device page: see track_at_return() */
	b.what.op = is_new(h, &v) ? FT_OP_BORN : FT_OP_ADOPTED;
	b.mapping = mapping_arg(ctx, h->site);
	if (h->role == FT_ROLE_MAP && !(v.flags & FT_PF_MAPPING))
		kernel_page_begins(&b, folio);
	return begin_tracking(&v, &b);
}

/* zone_device_page_init() sets up the count and the flags, so its page can be read at return. */
static __always_inline struct tracked *track_at_return(void *ctx, const struct hook *h, __u64 folio)
{
	struct folio_view v = {};

	if (h->role != FT_ROLE_BIRTH || !current_tracked() || !view_folio(folio, &v) ||
	    v.refcount <= 0)
		return NULL;
	return track_folio(&v, FT_OP_BORN, h->site, 0);
}

static __noinline int call_enter(__u32 site)
{
	struct emit what = { .site = site, .op = FT_OP_ENTER };

	if (current_tracked())
		emit_event(&what, NULL, 0, 0);
	return 0;
}

static __noinline int call_return(void *ctx, __u32 site)
{
	struct emit what = { .site = site, .op = FT_OP_RETURN };

	if (!current_tracked())
		return 0;
	what.value = func_ret(ctx, site);
	emit_event(&what, NULL, 0, 0);
	return 0;
}

static __noinline int death_enter(void *ctx, __u32 site)
{
	bool hugetlb = site == FT_HOOK_free_huge_page || site == FT_HOOK_free_huge_folio;
	__u64 page = func_arg(ctx, 0);

	if (page)
		folio_died(folio_of(page), site, hugetlb ? FT_DIED_HUGETLB : FT_DIED_DEVICE);
	return 0;
}

static __always_inline int hook_event(void *ctx, const struct hook *h, struct emit *what)
{
	__u64 folio = func_arg(ctx, h->folio);
	struct tracked *t;

	if (!folio)
		return 0;
	folio = folio_of(folio);
	t = tracked_find(folio);
	if (!t && what->op == FT_OP_ENTER)
		t = track_at_entry(ctx, h, folio);
	else if (!t)
		t = track_at_return(ctx, h, folio);
	if (!t)
		return 0;
	if (what->op == FT_OP_ENTER && h->vma >= 0)
		what->aux = owner_elsewhere(func_arg(ctx, h->vma));
	read_tracked(t, folio, what);
	return 0;
}

static __noinline int hook_enter(void *ctx, const struct hook *h)
{
	struct emit what = { .site = h->site, .op = FT_OP_ENTER };

	return hook_event(ctx, h, &what);
}

/* The folio that the function returns, or puts where an argument points to; 0: none. */
static __always_inline __u64 folio_out(void *ctx, const struct hook *h)
{
	__u64 at = func_arg(ctx, h->folio), v = 0;

	if (at)
		v = read_u64(at);
	else if (h->folio < 0)
		bpf_get_func_ret(ctx, &v);
	/* neither an error nor a value of an xarray */
	return v & 7 || v > -4096ULL ? 0 : v;
}

/* Where no exact source sees the get: the folio is read behind it. */
static __always_inline int found_return(void *ctx, const struct hook *h)
{
	struct beginning b = { .what = { .op = FT_OP_ADOPTED, .site = h->site }, .applied = 1 };
	struct emit what = { .op = FT_OP_RETURN, .site = h->site };
	struct folio_view v = {};
	struct tracked *t;
	__u64 folio;

	/* the cheapest first: most look-ups of a task that writes a file find nothing */
	folio = folio_out(ctx, h);
	if (!folio || ft_closed || tracked_find(folio) || !current_tracked())
		return 0;
	if (!view_folio(folio, &v) || !is_adoptable(&v))
		return 0;
	what.value = folio;
	t = begin_tracking(&v, &b);
	if (t)
		read_tracked(t, folio, &what);
	return 0;
}

/* khugepaged allocates a folio for a process that is followed. */
static __always_inline int alloc_return(void *ctx, const struct hook *h)
{
	struct folio_view v = {};
	__u64 folio;
	__u32 tgid;

	if (current_tracked())
		return 0;
	tgid = mm_owner(func_arg(ctx, h->vma));
	if (!tgid || !tgid_tracked(tgid))
		return 0;
	folio = folio_out(ctx, h);
	if (folio && view_folio(folio, &v) && v.refcount > 0)
		track_folio(&v, FT_OP_BORN, h->site, 0);
	return 0;
}

static __noinline int folio_return(void *ctx, const struct hook *h)
{
	return h->role == FT_ROLE_FOUND ? found_return(ctx, h) : alloc_return(ctx, h);
}

static __noinline int hook_return(void *ctx, const struct hook *h)
{
	struct emit what = { .site = h->site, .op = FT_OP_RETURN };

	what.value = func_ret(ctx, h->site);
	return hook_event(ctx, h, &what);
}

/*
 * A split is recognised by its result: the order of the folio is lower than that of its tracked
 * entry. The hooks nest (folio_split() calls __folio_split()); the innermost hook that sees the
 * split ends the parent's lifetime. True if the folio was split into *c.
 */
static __noinline int split_return(void *ctx, const struct hook *h, struct children *c)
{
	struct emit what = { .site = h->site, .op = FT_OP_RETURN };
	__u64 page = func_arg(ctx, h->folio);
	struct tracked *t;
	struct folio_view v = {};

	if (!page)
		return 0;
	what.value = func_ret(ctx, h->site);
	page = folio_of(page);
	t = tracked_find(page);
	if (!t || !view_folio(page, &v))
		return 0;
	tracked_event(t, &what, &v);
	return v.order < t->order && folio_was_split(t, page, h->site, c);
}

/* Not in split_return(), so that its stack frame is free when the children are read. */
static __always_inline int hook_split_return(void *ctx, const struct hook *h)
{
	struct children c = {};

	if (split_return(ctx, h, &c))
		bpf_loop(1U << 18, child_born, &c, 0);
	return 0;
}

/*
 * The role is constant in each program, so each references only the handler it needs. Verifying
 * and compiling some hundred programs is most of the start-up time.
 */
static __always_inline int on_enter(void *ctx, const struct hook *h)
{
	switch (h->role) {
	case FT_ROLE_CALL:
		return call_enter(h->site);
	case FT_ROLE_DEATH:
		return PRIMARY(h->site, death_enter(ctx, h->site));
	case FT_ROLE_BIRTH:
		return PRIMARY(h->site, hook_enter(ctx, h));
	}
	return hook_enter(ctx, h);
}

static __always_inline int on_return(void *ctx, const struct hook *h)
{
	switch (h->role) {
	case FT_ROLE_CALL:
		return call_return(ctx, h->site);
	case FT_ROLE_BIRTH:
		return PRIMARY(RETURN_OF(h->site), hook_return(ctx, h));
	case FT_ROLE_SPLIT:
		return PRIMARY(RETURN_OF(h->site), hook_split_return(ctx, h));
	case FT_ROLE_FOUND:
		return found_return(ctx, h);
	case FT_ROLE_ALLOC:
		return alloc_return(ctx, h);
	}
	return hook_return(ctx, h);
}

static __always_inline int on_enter_fallback(void *ctx, const struct hook *h)
{
	if (h->role == FT_ROLE_DEATH)
		return FALLBACK(h->site, death_enter(ctx, h->site));
	return FALLBACK(h->site, hook_enter(ctx, h));
}

static __always_inline int on_return_fallback(void *ctx, const struct hook *h)
{
	if (h->role == FT_ROLE_SPLIT)
		return FALLBACK(RETURN_OF(h->site), hook_split_return(ctx, h));
	return FALLBACK(RETURN_OF(h->site), hook_return(ctx, h));
}

#define PROGRAM(section, name, loses, fn, role, folio, vma)                                        \
	SEC("?" #section "/" #fn)                                                                  \
	int name##_##fn(void *ctx)                                                                 \
	{                                                                                          \
		const struct hook h = { FT_HOOK_##fn, FT_ROLE_##role, folio, vma };                \
		return name(ctx, &h);                                                              \
	}
#define BOUNDARY(fn, role, folio, vma) FT_PROGRAMS_##role(PROGRAM, fn, role, folio, vma)

FT_HOOKS(BOUNDARY)

#endif /* FT_BPF_BOUNDARY_H */
