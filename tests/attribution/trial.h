/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults put into real folio lifetimes: a balanced one, whose pairs of gets and puts are
 * known, is changed as if an operation had not happened, or had happened twice.
 */
#ifndef FT_TEST_TRIAL_H
#define FT_TEST_TRIAL_H

#include "support/training_set.h"

enum fault {
	FAULT_LEAK,	  /* a put is taken out */
	FAULT_TWO_LEAKS,  /* two puts are taken out: a surplus of 2 */
	FAULT_LOST_EVENT, /* a put is taken out, and another event was not seen */
	FAULT_LARGE_LEAK, /* a put is taken out of a folio of 512 pages in the page cache */
	FAULT_NO_GET,	  /* a get is taken out: an over-put by its put */
	FAULT_PUT_TWICE,  /* a put happens twice */
	FAULT_COUNT,
};

#define FAULTS_MAX 2

struct trial {
	struct test_folio folio; /* refs are the trial's own */
	struct ft_ref_end end;
	uint32_t lost[FAULTS_MAX]; /* classes of the references without a partner */
	const char *site;	   /* NULL, or the site instead of the classes */
	size_t nr;
};

/* A get and its put: indices of refs. */
struct pair {
	size_t get, put;
	uint32_t get_class, put_class;
	bool shown; /* the folio shows the holder */
};

/* The pairs of a balanced lifetime, as the assignment finds them with the whole model.
 * Those of operations on several references are left out. Repairs the order of refs. The
 * caller frees the list. */
struct pair *trial__pairs(struct training_set *s, struct test_folio *folio, size_t *nr);
/* The lifetime as a folio of 512 pages would have it: references of the page cache are
 * taken and put 512 at once. False: it was in no cache, or not in a simple way. */
bool trial__enlarge(struct training_set *s, const struct test_folio *folio,
		    struct test_folio *large);
/* False: this lifetime cannot have this fault. which: any number, it chooses one of several
 * ways. second: for two leaks. */
bool trial__make(const struct test_folio *folio, enum fault fault, const struct pair *pair,
		 const struct pair *second, size_t which, struct trial *trial);
void trial__free(struct trial *trial);

#endif /* FT_TEST_TRIAL_H */
