/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What user space and the BPF programs share beside the records (include/wire.h): arguments, the
 * table of inline sites, cookies, counters. Both sides are built together, so nothing here is
 * stable.
 */
#ifndef FT_CTL_H
#define FT_CTL_H

#include <linux/types.h>

/* Argument of the program quiesce (bpf/quiesce.bpf.h): one portion of a round of readings. */
struct ft_quiesce {
	__u32 round; /* value of the FT_OP_SNAPSHOT events */
	__u32 skip;  /* folios already read in this round */
	__u32 limit; /* at most so many are read now */
	__u32 read;  /* out: how many were read; fewer than limit: the round is complete */
};

/*
 * The table of inline sites: a hash table with open addressing, keyed by the address of the probe,
 * in an mmapped array, so that user space fills it without a bpf(2) call. A slot with probe 0 is
 * free and ends a search. probe is written last; slots are never freed.
 */
struct ft_site_slot {
	__u64 probe; /* address of the probed instruction */
	__s32 disp;  /* this and the following as in struct ft_insn_site (include/site.h) */
	__s32 imm;
	__u32 id;  /* FT_SITE_FIRST + index */
	__u8 form; /* enum ft_form */
	__u8 base;
	__u8 src;
	__u8 pad;
};

#define FT_SITE_BITS 14
#define FT_SITE_SLOTS (1U << FT_SITE_BITS)
#define FT_SITE_TRIES 32   /* slots looked at before a search gives up */
#define FT_SITE_FIRST 1024 /* ids below are hooks */

static inline __u32 ft_site_hash(__u64 probe)
{
	return probe * 0x9e3779b97f4a7c15ULL >> (64 - FT_SITE_BITS);
}

/*
 * A row of the hook table as the cookie of an attachment: programs that serve many hooks
 * (bpf/multi.bpf.h) learn from it which one was hit.
 */
#define FT_COOKIE(hook, role, folio, vma)                                                          \
	((__u64)(hook) << 32 | (__u64)(role) << 16 | (__u64)(__u8)(folio) << 8 | (__u8)(vma))
#define FT_COOKIE_HOOK(cookie) ((__u32)((cookie) >> 32))
#define FT_COOKIE_ROLE(cookie) ((__u8)((cookie) >> 16))
#define FT_COOKIE_FOLIO(cookie) ((__s8)((cookie) >> 8))
#define FT_COOKIE_VMA(cookie) ((__s8)(cookie))

/* By enum ft_counter; one row for each CPU, so long that rows share no cache line. */
struct ft_counters {
	__u64 n[64];
};

#endif /* FT_CTL_H */
