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

#include "refs.h"
#include "inline.bpf.h"

static __always_inline void ref_changed(void *ctx, __u64 page, __u32 site, __u8 op, __s32 delta,
					bool exact, __s32 after)
{
	struct emit what = { .site = site, .op = op, .source = FT_SRC_PAGE_REF, .delta = delta };
	struct tracked *t;
	struct folio_view v;

	page = folio_of(page);
	t = tracked_find(page);
	if (!t || !view_folio(page, &v))
		return;
	if (op == FT_OP_SET)
		what.delta = after - (t->first + t->sum);
	ref_event(ctx, t, &what, &v, exact ? after : v.refcount);
}

#define IF_TRACKED(page, call)                                                                     \
	({                                                                                         \
		if (may_be_tracked(folio_of(page)))                                                \
			call;                                                                      \
		0;                                                                                 \
	})

#define PAGE_REF(tp, call)                                                                         \
	SEC("?raw_tp/" #tp)                                                                        \
	int on_##tp(struct bpf_raw_tracepoint_args *ctx)                                           \
	{                                                                                          \
		__u64 page = ctx->args[0];                                                         \
		__s32 v = ctx->args[1];                                                            \
		return PRIMARY(FT_HOOK_##tp, IF_TRACKED(page, PREEMPT_DISABLED(call)));            \
	}                                                                                          \
	SEC("?raw_tp/" #tp)                                                                        \
	int on_fallback_##tp(struct bpf_raw_tracepoint_args *ctx)                                  \
	{                                                                                          \
		__u64 page = ctx->args[0];                                                         \
		__s32 v = ctx->args[1];                                                            \
		return FALLBACK_AS(FT_HOOK_##tp, FT_CNT_FALLBACK_REF, PREEMPT_DISABLED(call));     \
	}

#define RET() ((__s32)ctx->args[2])

PAGE_REF(page_ref_set, ref_changed(ctx, page, FT_HOOK_page_ref_set, FT_OP_SET, 0, true, v))
PAGE_REF(page_ref_mod, ref_changed(ctx, page, FT_HOOK_page_ref_mod, op_of(v), v, false, 0))
PAGE_REF(page_ref_mod_and_test,
	 ref_changed(ctx, page, FT_HOOK_page_ref_mod_and_test, op_of(v), v, RET() != 0, 0))
PAGE_REF(page_ref_mod_and_return,
	 ref_changed(ctx, page, FT_HOOK_page_ref_mod_and_return, op_of(v), v, true, RET()))
PAGE_REF(page_ref_mod_unless,
	 RET() ? ref_changed(ctx, page, FT_HOOK_page_ref_mod_unless, FT_OP_TRY_GET, v, false, 0) :
		 (void)0)
PAGE_REF(page_ref_freeze,
	 RET() ? ref_changed(ctx, page, FT_HOOK_page_ref_freeze, FT_OP_FREEZE, -v, true, 0) :
		 (void)0)
PAGE_REF(page_ref_unfreeze,
	 ref_changed(ctx, page, FT_HOOK_page_ref_unfreeze, FT_OP_UNFREEZE, v, true, v))

#endif /* FT_BPF_PAGE_REF_H */
