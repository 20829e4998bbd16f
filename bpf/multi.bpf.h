/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The function entry/exit source where one program can be attached to many functions
 * (BPF_TRACE_FENTRY_MULTI and FEXIT_MULTI, since 7.3): one program for each kind of hook instead of
 * two for each hook, so that the kernel verifies and compiles ten programs instead of a hundred.
 * The cookie of the attachment is the row of the hook table.
 *
 * The recursion check is per program and CPU. As one program serves many hooks here, being inside
 * any of them makes it skip all the others on this CPU. So they run with preemption disabled
 * (PREEMPT_DISABLED() in track.h).
 */
#ifndef FT_BPF_MULTI_H
#define FT_BPF_MULTI_H

#include "boundary.bpf.h"

/* The busy flag of the programs for births, deaths and splits: a hook's that has no use for it. */
#define BUSY_LIFETIME FT_HOOK_free_huge_folio

static __always_inline int lifetime_enter(void *ctx, const struct hook *h)
{
	return h->role == FT_ROLE_DEATH ? death_enter(ctx, h->site) : hook_enter(ctx, h);
}

static __always_inline int lifetime_return(void *ctx, const struct hook *h)
{
	return h->role == FT_ROLE_SPLIT ? hook_split_return(ctx, h) : hook_return(ctx, h);
}

/* What the program of a row of FT_PROGRAMS_MULTI does. */
#define HANDLER(name, call)                                                                        \
	static __always_inline int run_##name(void *ctx, const struct hook *h)                     \
	{                                                                                          \
		return call;                                                                       \
	}

HANDLER(multi_return_call, PREEMPT_DISABLED(call_return(ctx, h->site)))
HANDLER(multi_enter_call, PREEMPT_DISABLED(call_enter(h->site)))
HANDLER(multi_return_look, PREEMPT_DISABLED(hook_return(ctx, h)))
HANDLER(multi_enter_look, PREEMPT_DISABLED(hook_enter(ctx, h)))
HANDLER(multi_return_map, PREEMPT_DISABLED(hook_return(ctx, h)))
HANDLER(multi_enter_map, PREEMPT_DISABLED(hook_enter(ctx, h)))
HANDLER(multi_return_folio, PREEMPT_DISABLED(folio_return(ctx, h)))
HANDLER(multi_return_lifetime,
	PRIMARY(RETURN_OF(BUSY_LIFETIME), PREEMPT_DISABLED(lifetime_return(ctx, h))))
HANDLER(multi_return_lifetime_fallback,
	FALLBACK(RETURN_OF(BUSY_LIFETIME), PREEMPT_DISABLED(lifetime_return(ctx, h))))
HANDLER(multi_enter_lifetime, PRIMARY(BUSY_LIFETIME, PREEMPT_DISABLED(lifetime_enter(ctx, h))))
HANDLER(multi_enter_lifetime_fallback,
	FALLBACK(BUSY_LIFETIME, PREEMPT_DISABLED(lifetime_enter(ctx, h))))

/* The section only serves until the loader has given the program its true type. */
#define MULTI(name, at_return, roles, loses)                                                       \
	SEC("?raw_tp")                                                                             \
	int name(void *ctx)                                                                        \
	{                                                                                          \
		__u64 cookie = bpf_get_attach_cookie(ctx);                                         \
		const struct hook h = { FT_COOKIE_HOOK(cookie), FT_COOKIE_ROLE(cookie),            \
					FT_COOKIE_FOLIO(cookie), FT_COOKIE_VMA(cookie) };          \
		return run_##name(ctx, &h);                                                        \
	}

FT_PROGRAMS_MULTI(MULTI)

#endif /* FT_BPF_MULTI_H */
