/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small world of folios that live at random: every step is written as the
 * records that the kernel side would write, and kept account of in the plainest
 * way. A step that makes no sense where it comes does nothing, so that any
 * subset of the steps is a valid story, too.
 */
#ifndef FT_TEST_SIMULATOR_H
#define FT_TEST_SIMULATOR_H

#include "support/capture_builder.h"

enum step_kind {
	STEP_FAULT,   /* a new folio at a free place, of order arg % 3 */
	STEP_GET,     /* by somebody, who keeps it */
	STEP_PUT,     /* by somebody who has one */
	STEP_MAP,     /* by one more process */
	STEP_UNMAP,   /* the last reference frees it */
	STEP_FREEZE,  /* and thaws again */
	STEP_SPLIT,   /* into folios of order 0; a large one that only its mappings hold */
	STEP_MIGRATE, /* to a new folio at another place */
	STEP_LOSE,    /* a get and its put whose records find no room */
	STEP_KINDS,
};

struct step {
	unsigned char kind, place, arg;
};

#define SIMULATOR_PLACES 8 /* folios at a time; a place is reused */
#define SIMULATOR_FOLIOS 1024

/* What the reference model knows of one life. */
struct simulated_folio {
	struct fixture fixture; /* its id, address and counts */
	uint32_t parent, migrated_to;
	unsigned int generation; /* nth life at this address */
	int extra;		 /* gets that wait for their put */
	int sum;		 /* of the deltas, lost ones too: the account in the map */
	unsigned int lost;	 /* records */
	bool died, split;
};

struct simulator {
	struct capture_builder *capture_builder;
	struct simulated_folio folios[SIMULATOR_FOLIOS]; /* [id]; 0: none */
	uint32_t nr_folios;				 /* with life 0 */
	uint32_t at[SIMULATOR_PLACES];			 /* id of who lives there; 0: nobody */
	unsigned int generations[SIMULATOR_PLACES * 4];
};

void simulator__init(struct simulator *w);
void simulator__step(struct simulator *w, const struct step *step);
/* Everything comes to rest: readings of all that live, then the run that was made of it. */
struct ft_run *simulator__end(struct simulator *w);

const char *step__text(const struct step *step, char *buf, size_t size);

#endif /* FT_TEST_SIMULATOR_H */
