/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Simulates a few folios, step by step. Each step writes the records that the kernel side
 * would write, and the simulator keeps count of what the core must find. A step that is
 * not possible does nothing, so that any subset of the steps is valid, too.
 */
#ifndef FT_TEST_SIMULATOR_H
#define FT_TEST_SIMULATOR_H

#include "support/capture_builder.h"

enum step_kind {
	STEP_FAULT,   /* a new folio at a free place, of order arg % 3 */
	STEP_GET,     /* a reference that a later put may return */
	STEP_PUT,     /* of one of those */
	STEP_MAP,     /* once more */
	STEP_UNMAP,   /* frees it with the last reference */
	STEP_FREEZE,  /* and unfreeze */
	STEP_SPLIT,   /* into folios of order 0; a large one that only its mappings hold */
	STEP_MIGRATE, /* to a new folio at another place */
	STEP_LOSE,    /* a get and its put whose records are lost */
	STEP_KINDS,
};

struct step {
	unsigned char kind, place, arg;
};

#define SIMULATOR_PLACES 8 /* folios at a time; a place is reused */
#define SIMULATOR_FOLIOS 1024

/* One folio lifetime, and what the core must find for it. */
struct simulated_folio {
	struct fixture fixture; /* its id, address and counts */
	uint32_t parent, migrated_to;
	unsigned int generation; /* nth lifetime at this address, from 1 */
	int extra;		 /* gets without a put yet */
	int sum;		 /* of all deltas, as the kernel side keeps it in its map */
	unsigned int lost;	 /* records */
	bool died, split;
};

struct simulator {
	struct capture_builder *capture;
	struct simulated_folio folios[SIMULATOR_FOLIOS]; /* [id]; 0: none */
	uint32_t nr_folios;				 /* entry 0, which is none, included */
	uint32_t at[SIMULATOR_PLACES];			 /* id of the folio there; 0: none */
	unsigned int generations[SIMULATOR_PLACES * 4];
};

void simulator__init(struct simulator *sim);
void simulator__step(struct simulator *sim, const struct step *step);
/* Ends the capture with readings at rest of all folios, and returns the run made of it. */
struct ft_run *simulator__end(struct simulator *sim);

const char *step__text(const struct step *step, char *buf, size_t size);

#endif /* FT_TEST_SIMULATOR_H */
