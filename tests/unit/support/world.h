/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A world of folios whose every reference, pin and mapping has an owner that the world knows:
 * tasks of the command and others, living and dead, per-CPU batches, caches, pipes. Each step
 * writes the records that the kernel side would write. A step that is not possible does
 * nothing, so that any subset of the steps is a world, too. One fault may be planted.
 */
#ifndef FT_TEST_WORLD_H
#define FT_TEST_WORLD_H

#include "support/scene.h"

enum deed_kind {
	DEED_FAULT,  /* an anonymous folio of the command */
	DEED_CREATE, /* a page of a file, by the command */
	DEED_ADOPT,  /* one that was there before, and others had */
	DEED_LOOK,   /* a get and its put in one call */
	DEED_GET,    /* a reference that its task puts in a later call */
	DEED_PUT,
	DEED_PASS,  /* somebody else puts it, on behalf of the task that took it */
	DEED_LEAVE, /* who had it before the run puts it */
	DEED_PIN,
	DEED_UNPIN,
	DEED_MAP,
	DEED_UNMAP, /* by its task, or by another that reclaims it */
	DEED_BATCH,
	DEED_DRAIN,
	DEED_PIPE,
	DEED_READ_PIPE,
	DEED_SWAP, /* into the swap cache or out of it */
	DEED_ISOLATE,
	DEED_PUT_BACK,
	DEED_FREEZE,
	DEED_INTERRUPT, /* a put that comes as an interrupt of another task */
	DEED_PLANT,	/* the fault */
	DEED_LOSE,	/* a get and its put whose records are lost */
	DEED_KINDS,
};

struct deed {
	unsigned char kind, place, who, arg;
};

enum fault {
	FAULT_NONE,
	FAULT_GET,     /* a get without its put */
	FAULT_PIN,     /* a pin without its unpin */
	FAULT_PIN_PUT, /* a pin that is put as a reference */
	FAULT_MAPPING, /* a mapping and its reference that no page table has */
	FAULT_OVERPUT, /* a put of what a mapping or the cache has */
	FAULT_ROBBED,  /* a put of what somebody else has */
	FAULTS,
};

struct world_plan {
	enum fault fault;
	unsigned int living; /* bits: the command's first task, its second, the second outsider */
	unsigned int search; /* 0: whole, 1: busy, 2: nothing, 3: old */
};

#define WORLD_PLACES 4
#define WORLD_FOLIOS 256
#define WORLD_HOLDS 24
#define WORLD_TASKS 5

struct hold {
	enum scene_site site; /* where it was taken; 0: it was there before */
	uint32_t pid;
	bool pin;
};

/* One folio, and who has it. */
struct world_folio {
	struct fixture fixture;
	struct hold holds[WORLD_HOLDS];
	unsigned int nr_holds;
	int mapped[WORLD_TASKS], mapped_before;
	bool adopted, died, isolated;
	int sum;
	unsigned int lost; /* records */
	bool passed;	   /* one put what another took */
	/* at the end: units of living owners whom no search has found; the fault */
	unsigned int open;
	enum fault fault;
	enum scene_site fault_site;
};

struct world {
	struct scene scene;
	struct world_plan plan;
	struct world_folio folios[WORLD_FOLIOS]; /* [id] */
	uint32_t nr_folios;
	uint32_t at[WORLD_PLACES];
	bool planted;
};

void world__init(struct world *w, const struct world_plan *plan);
void world__do(struct world *w, const struct deed *deed);
/* The dead leave, the living are searched for what they have, and all is read at rest. */
struct ft_run *world__end(struct world *w);

const char *deed__text(const struct deed *deed, char *buf, size_t size);
const char *plan__text(const struct world_plan *plan, char *buf, size_t size);

#endif /* FT_TEST_WORLD_H */
