/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The page_ref source: the seven tracepoints of CONFIG_DEBUG_PAGE_REF
 * (include/trace/events/page_ref.h). They fire after the change. v and ret belong to the operation
 * itself, while the field count is read later and may be newer. unless and freeze also fire if
 * nothing was changed (ret 0). Raw, so that the page is a number.
 *
 * The programs run with interrupts enabled, so an interrupt may find one running and be skipped:
 * each has a fallback program (track.h).
 */
#ifndef FT_BPF_PAGE_REF_H
#define FT_BPF_PAGE_REF_H

#include <bpf/bpf_tracing.h>

#include "adopt.h"
#include "refs.h"
#include "inline.bpf.h"

/* A count that is set, not added to, is that of a folio that is made or split. */
static __always_inline bool adds(__u8 op)
{
	return op != FT_OP_SET && op != FT_OP_UNFREEZE;
}

static __always_inline struct tracked *adopt_ref(__u64 page, const struct emit *what)
{
	const struct first_operation o = {
		.page = page,
		.site = what->site,
		.delta = what->delta,
		.applied = what->delta,
		.op = what->op,
		.source = what->source,
	};

	return adopt(&o);
}

static __always_inline void ref_changed(void *ctx, __u64 page, __u32 site, __u8 op, __s32 delta,
					bool exact, __s32 after)
{
	struct emit what = { .site = site, .op = op, .source = FT_SRC_PAGE_REF, .delta = delta };
	struct tracked *t;
	struct folio_view v;

	page = folio_of(page);
	t = tracked_find(page);
	if (!t && may_adopt(page, adds(op) ? delta : 0))
		t = adopt_ref(page, &what);
	if (!t || !view_folio(page, &v))
		return;
	if (op == FT_OP_SET)
		what.delta = after - (t->first + t->sum);
	ref_event(ctx, t, &what, &v, exact ? after : v.refcount);
}

/* adds: what the operation adds and may be adopted by, else 0. */
#define IF_TRACKED(page, adds, call)                                                               \
	({                                                                                         \
		__u64 folio = folio_of(page);                                                      \
		if (may_be_tracked(folio) || may_adopt(folio, adds))                               \
			call;                                                                      \
		0;                                                                                 \
	})

#define PAGE_REF(tp, adds, call)                                                                   \
	SEC("?raw_tp/" #tp)                                                                        \
	int on_##tp(struct bpf_raw_tracepoint_args *ctx)                                           \
	{                                                                                          \
		__u64 page = ctx->args[0];                                                         \
		__s32 v = ctx->args[1];                                                            \
		return PRIMARY(FT_HOOK_##tp, IF_TRACKED(page, adds, PREEMPT_DISABLED(call)));      \
	}                                                                                          \
	SEC("?raw_tp/" #tp)                                                                        \
	int on_fallback_##tp(struct bpf_raw_tracepoint_args *ctx)                                  \
	{                                                                                          \
		__u64 page = ctx->args[0];                                                         \
		__s32 v = ctx->args[1];                                                            \
		return FALLBACK_AS(FT_HOOK_##tp, FT_CNT_FALLBACK_REF, PREEMPT_DISABLED(call));     \
	}

#define RET() ((__s32)ctx->args[2])

PAGE_REF(page_ref_set, 0, ref_changed(ctx, page, FT_HOOK_page_ref_set, FT_OP_SET, 0, true, v))
PAGE_REF(page_ref_mod, v, ref_changed(ctx, page, FT_HOOK_page_ref_mod, op_of(v), v, false, 0))
PAGE_REF(page_ref_mod_and_test, v,
	 ref_changed(ctx, page, FT_HOOK_page_ref_mod_and_test, op_of(v), v, RET() != 0, 0))
PAGE_REF(page_ref_mod_and_return, v,
	 ref_changed(ctx, page, FT_HOOK_page_ref_mod_and_return, op_of(v), v, true, RET()))
PAGE_REF(page_ref_mod_unless, RET() ? v : 0,
	 RET() ? ref_changed(ctx, page, FT_HOOK_page_ref_mod_unless, FT_OP_TRY_GET, v, false, 0) :
		 (void)0)
PAGE_REF(page_ref_freeze, 0,
	 RET() ? ref_changed(ctx, page, FT_HOOK_page_ref_freeze, FT_OP_FREEZE, -v, true, 0) :
		 (void)0)
PAGE_REF(page_ref_unfreeze, 0,
	 ref_changed(ctx, page, FT_HOOK_page_ref_unfreeze, FT_OP_UNFREEZE, v, true, v))

#endif /* FT_BPF_PAGE_REF_H */
