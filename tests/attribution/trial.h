/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults put into real lives: a balanced one, of which every get and its put are
 * known, is changed as if one of them had not happened, or had happened twice.
 */
#ifndef FT_TEST_TRIAL_H
#define FT_TEST_TRIAL_H

#include "support/training_set.h"

enum fault {
	FAULT_LEAK,	  /* a put is taken out */
	FAULT_TWO_LEAKS,  /* two puts are taken out: a surplus of 2 */
	FAULT_LOST_EVENT, /* a put is taken out, and another event was not seen */
	FAULT_LARGE_LEAK, /* a put is taken out of a folio of 512 pages in the page cache */
	FAULT_NO_GET,	  /* a get is taken out: its put is one too many */
	FAULT_PUT_TWICE,  /* a put happens twice */
	FAULT_COUNT,
};

#define FAULTS_MAX 2

struct trial {
	struct test_folio folio; /* refs are the trial's own */
	struct ft_ref_end end;
	uint32_t guilty[FAULTS_MAX]; /* classes of what has no other half */
	const char *site;	     /* instead of the classes, if not NULL */
	size_t nr;
};

/* A get and the put that answers it: indices of refs. */
struct couple {
	size_t get, put;
	uint32_t get_class, put_class;
	bool shown; /* the folio shows who holds it */
};

/* The couples of a balanced life by its own course and by all that was learned;
 * those whose half is not one reference by itself are left out. Its refs are put in
 * order. To be freed. */
struct couple *trial__couples(struct training_set *s, struct test_folio *folio, size_t *nr);
/* The same life as that of a folio of 512 pages in the page cache, whose references
 * come and go at once. false: it was in no cache, or what it did there is not clear. */
bool trial__enlarge(struct training_set *s, const struct test_folio *folio,
		    struct test_folio *large);
/* false: this life cannot have had this fault. which: of several ways, any number.
 * second: for two leaks. */
bool trial__make(const struct test_folio *folio, enum fault fault, const struct couple *couple,
		 const struct couple *second, size_t which, struct trial *trial);
void trial__free(struct trial *trial);

#endif /* FT_TEST_TRIAL_H */
