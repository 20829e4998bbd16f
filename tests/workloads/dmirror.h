/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of test_hmm's user interface that the workloads use.  Its header,
 * lib/test_hmm_uapi.h, is in the kernel source only.
 */
#ifndef DMIRROR_H
#define DMIRROR_H

#include <fcntl.h>
#include <linux/ioctl.h>
#include <stdint.h>
#include <sys/ioctl.h>

#include "workload.h"

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

static inline int dmirror__open(void)
{
	int device = open(DMIRROR_PRIVATE_DEVICE, O_RDWR | O_CLOEXEC);

	if (device < 0 && errno == ENOENT)
		SKIP("no %s: load test_hmm", DMIRROR_PRIVATE_DEVICE);
	if (device < 0)
		DIE(DMIRROR_PRIVATE_DEVICE);
	return device;
}

static inline int dmirror__command(int device, unsigned long request, struct dmirror_cmd *cmd)
{
	int err;

	do
		err = ioctl(device, request, cmd);
	while (err && errno == EINTR);
	return err;
}

static inline void dmirror__refuse_large(int device)
{
	struct dmirror_cmd cmd = { .npages = DMIRROR_FLAG_FAIL_ALLOC };

	if (dmirror__command(device, DMIRROR_FLAGS, &cmd))
		DIE("DMIRROR_FLAGS");
}

/*
 * Migrates the 2 MiB at thp; copy has room for the device's pages.  Returns how many pages are
 * there, or -1: ENOENT means that there is nothing to read, EBUSY that they did not go.
 */
static inline long dmirror__migrate(int device, unsigned long request, void *thp, void *copy)
{
	struct dmirror_cmd cmd = {
		.addr = (uintptr_t)thp,
		.buffer = (uintptr_t)copy,
		.npages = THP / PAGE,
	};

	if (!dmirror__command(device, request, &cmd))
		return cmd.copied;
	if (errno != ENOENT && errno != EBUSY)
		DIE("migrate");
	return -1;
}

#endif
