/* SPDX-License-Identifier: GPL-2.0 */
/* Arguments of the BPF programs that user space runs (bpf/quiesce.bpf.h). */
#ifndef FT_CTL_H
#define FT_CTL_H

#include <linux/types.h>

struct ft_quiesce {
	__u32 round; /* value of the FT_OP_SNAPSHOT events */
	__u32 skip;  /* folios already read in this round */
	__u32 limit; /* to read now */
	__u32 read;  /* out: how many were read; fewer than limit: the last */
};

/*
 * The table of inline sites: open addressing by the probe's address, in an
 * mmapped array, so that user space fills it without a bpf(2) call. A slot with
 * probe 0 is free and ends a search.
 */
struct ft_site_slot {
	__u64 probe;
	__s32 disp;
	__s32 imm;
	__u32 id;  /* FT_SITE_FIRST + index */
	__u8 form; /* enum ft_form (include/site.h) */
	__u8 base;
	__u8 src;
	__u8 pad;
};

#define FT_SITE_BITS 14
#define FT_SITE_SLOTS (1U << FT_SITE_BITS)
#define FT_SITE_TRIES 32
#define FT_SITE_FIRST 1024 /* ids below are hooks */

static inline __u32 ft_site_hash(__u64 probe)
{
	return probe * 0x9e3779b97f4a7c15ULL >> (64 - FT_SITE_BITS);
}

/*
 * What the programs that serve many hooks (bpf/multi.bpf.h) are told of the one
 * that was hit: a row of the hook table, as the cookie of its attachment.
 */
#define FT_COOKIE(hook, role, folio, vma)                                                          \
	((__u64)(hook) << 32 | (__u64)(role) << 16 | (__u64)(__u8)(folio) << 8 | (__u8)(vma))
#define FT_COOKIE_HOOK(cookie) ((__u32)((cookie) >> 32))
#define FT_COOKIE_ROLE(cookie) ((__u8)((cookie) >> 16))
#define FT_COOKIE_FOLIO(cookie) ((__s8)((cookie) >> 8))
#define FT_COOKIE_VMA(cookie) ((__s8)(cookie))

/* One row of the counters' array for each CPU, a page long so that rows of
 * different CPUs never share a line. */
struct ft_counters {
	__u64 n[64];
};

#endif /* FT_CTL_H */
