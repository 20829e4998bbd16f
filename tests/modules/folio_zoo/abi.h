/* SPDX-License-Identifier: GPL-2.0 */
/* What user space asks of /dev/folio_zoo: tests/workloads/zoo.c. */
#ifndef ZOO_ABI_H
#define ZOO_ABI_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define ZOO_NAME_LEN 40
#define ZOO_BATCH 32   /* pages a batch of ZOO_BATCH_FAIL */
#define ZOO_WRONG 16   /* puts that ZOO_WRONG_HEAD does to each of its two folios */
#define ZOO_PER_PAGE 4 /* puts that ZOO_PER_PAGE_PUT does */
#define ZOO_SLOTS 512

enum zoo_scene {
	ZOO_GUARD, /* arg references and other pins, kept until they are taken away; in a slot */
	ZOO_GUARD_HUGEZERO,
	ZOO_PIN,
	ZOO_UNPIN_PART,
	ZOO_UNPIN_OVER,
	ZOO_PIN_PUT,
	ZOO_PIN_ENOMEM,
	ZOO_BATCH_FAIL, /* arg: the batch that fails */
	ZOO_MERGE,
	ZOO_WRONG_HEAD, /* slot: the folio that was meant by nobody */
	ZOO_PER_PAGE_PUT,
	ZOO_CONSUMED_THEN_PUT,
	ZOO_REPLACE_PUT,   /* fd, arg: a page of a file */
	ZOO_LOOKUP_COLD,   /* the same */
	ZOO_LOOKUP_CACHED, /* the same */
	ZOO_SB_READ,	   /* the same, of a block device */
	ZOO_ISOLATE,
	ZOO_RECLAIM_TWIN, /* arg: leave it locked */
	ZOO_HUGEZERO_PUT,
	/* In two calls, between which the caller unmaps the page: arg 0 and 1. */
	ZOO_GET_AFTER_FREE,
	ZOO_FREE_HELD,
	/* For the mmap() that follows. */
	ZOO_INSERT_PAGE,
	ZOO_INSERT_PAGE_KEPT,
	ZOO_PMD_MIXED,
	ZOO_PFNMAP_PAGE,
	ZOO_FOREIGN_TARGET,
	ZOO_INSERT_FOREIGN, /* at, into other of pid */
	ZOO_HOLD,	    /* arg: milliseconds after the file's end; 0: until the repair */
	ZOO_SCENES
};

/* Who does it. */
enum zoo_who { ZOO_CALLER, ZOO_WORKER, ZOO_KTHREAD, ZOO_TIMER, ZOO_WHOS };

struct zoo_call {
	char name[ZOO_NAME_LEN]; /* of the variant, for the log */
	__u32 scene;
	__u32 who;
	__u32 good;  /* the balanced variant */
	__u32 pages; /* how many, from at */
	__u64 at;
	__u64 other;
	__u64 arg;
	__u32 slot;
	__s32 fd;
	__s32 pid;
	__u32 unused;
};

/*
 * A trial: units of somebody's memory are got and put, call by call, each right but
 * one. What is done by whom the caller draws; trial_sites.c has the functions.
 */
enum trial_get {
	TRIAL_GUP,
	TRIAL_GUP_REMOTE,
	TRIAL_GUP_UNLOCKED,
	TRIAL_GET,     /* of a page that is looked up first, and held meanwhile */
	TRIAL_TRY_GET, /* the same */
	TRIAL_LOOKUP,  /* in the page cache: fd, index */
	TRIAL_ISOLATE,
	TRIAL_PIN,
	TRIAL_PIN_LONG,
	TRIAL_PIN_REMOTE,
	/* For an over-put to take away, so that nothing breaks. */
	TRIAL_GUARD_REF,
	TRIAL_GUARD_PIN,
	TRIAL_GETS
};

enum trial_put {
	TRIAL_GUP_PUT,
	TRIAL_PUT,
	TRIAL_RELEASE,
	TRIAL_PUTBACK,
	TRIAL_UNPIN,
	TRIAL_UNPIN_ALL,
	TRIAL_PUTS
};

enum trial_fault {
	TRIAL_GOOD,
	TRIAL_LEAK,
	TRIAL_OVERPUT, /* only of the folio that is guarded in the slot */
	TRIAL_GUARD,   /* kept, in the slot */
	TRIAL_FAULTS
};

#define TRIAL_PAGES 8 /* that a step gets at most */
#define TRIAL_STEPS 3

struct trial_step {
	__u64 at;
	__u64 index;
	__u16 get; /* enum trial_get */
	__u16 get_by;
	__u16 pages;
	__u16 write;
	__u16 put; /* enum trial_put */
	__u16 put_by;
	__u16 later; /* by a call that comes after this one */
	__u16 fault;
	__u16 victim; /* which of the pages has the fault */
	__u16 over;   /* the put that is too many */
	__u16 over_by;
	__u16 unused;
};

struct trial_call {
	char name[ZOO_NAME_LEN]; /* of the trial, for the log */
	__u32 trial;
	__u32 slot;
	__s32 fd;
	__u32 steps;
	__u32 put_first; /* that many of the units that were left for later */
	__u32 fails;	 /* what the units are got for fails: they are put in reverse */
	__u32 done;	 /* says whether the fault was made */
	__u32 unused;
	struct trial_step step[TRIAL_STEPS];
};

#define ZOO_RUN _IOW('Z', 1, struct zoo_call)
/* Gives back what the scenes lost: once nobody looks any more. */
#define ZOO_REPAIR _IO('Z', 2)
#define ZOO_TRIAL _IOWR('Z', 3, struct trial_call)

#endif
