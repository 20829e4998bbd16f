/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The boundary source where one program can be attached to many functions
 * (BPF_TRACE_FENTRY_MULTI and FEXIT_MULTI, since 7.3): a program for each kind of
 * hook instead of two for each hook, which the kernel would verify and compile a
 * hundred times over. Which hook was hit says the cookie of the attachment.
 *
 * A program that runs is skipped where it nests in itself, now for any of its
 * hooks. They therefore run without preemption: a task that came in between would
 * go unseen for its whole slice, or have but the second chance (track.h).
 */
#ifndef FT_BPF_MULTI_H
#define FT_BPF_MULTI_H

#include "boundary.bpf.h"

/* Births, deaths and splits, with a bit of busy that no hook here uses by itself. */
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

HANDLER(multi_return_call, UNDISTURBED(call_return(ctx, h->site)))
HANDLER(multi_enter_call, UNDISTURBED(call_enter(h->site)))
HANDLER(multi_return_look, UNDISTURBED(hook_return(ctx, h)))
HANDLER(multi_enter_look, UNDISTURBED(hook_enter(ctx, h)))
HANDLER(multi_return_map, UNDISTURBED(hook_return(ctx, h)))
HANDLER(multi_enter_map, UNDISTURBED(hook_enter(ctx, h)))
HANDLER(multi_return_lifetime,
	PRIMARY(RETURN_OF(BUSY_LIFETIME), UNDISTURBED(lifetime_return(ctx, h))))
HANDLER(multi_return_lifetime_fallback,
	FALLBACK(RETURN_OF(BUSY_LIFETIME), UNDISTURBED(lifetime_return(ctx, h))))
HANDLER(multi_enter_lifetime, PRIMARY(BUSY_LIFETIME, UNDISTURBED(lifetime_enter(ctx, h))))
HANDLER(multi_enter_lifetime_fallback, FALLBACK(BUSY_LIFETIME, UNDISTURBED(lifetime_enter(ctx, h))))

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
