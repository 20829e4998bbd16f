/* SPDX-License-Identifier: GPL-2.0 */
/* Arguments of the BPF programs that user space runs (bpf/settle.bpf.h). */
#ifndef FT_CTL_H
#define FT_CTL_H

#include <linux/types.h>

struct ft_settle {
	__u32 round; /* value of the FT_OP_SNAPSHOT events */
	__u32 skip;  /* folios already read in this round */
	__u32 limit; /* to read now */
	__u32 read;  /* out: how many were read; fewer than limit: the last */
};

#endif /* FT_CTL_H */
