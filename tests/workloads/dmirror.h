/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of test_hmm's user interface that the workloads use.  Its header,
 * lib/test_hmm_uapi.h, is in the kernel source only.
 */
#ifndef DMIRROR_H
#define DMIRROR_H

#include <linux/ioctl.h>
#include <stdint.h>

#define DMIRROR_PRIVATE_DEVICE "/dev/hmm_dmirror0"

struct dmirror_cmd {
	uint64_t addr;	 /* the range in this process */
	uint64_t buffer; /* where the device's copy of it goes */
	uint64_t npages;
	uint64_t copied; /* out: pages */
	uint64_t faults; /* out: the device's */
};

_Static_assert(sizeof(struct dmirror_cmd) == 40, "part of the ioctl number");

#define DMIRROR_MIGRATE_TO_DEV _IOWR('H', 0x02, struct dmirror_cmd)
#define DMIRROR_MIGRATE_TO_SYS _IOWR('H', 0x03, struct dmirror_cmd)

/* Takes the flags in npages. */
#define DMIRROR_FLAGS _IOWR('H', 0x08, struct dmirror_cmd)

/* The next allocation of a large page fails; then the flag is gone. */
#define DMIRROR_FLAG_FAIL_ALLOC 1

#endif
