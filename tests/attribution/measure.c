// SPDX-License-Identifier: GPL-2.0
/*
 * measure [-v] [-s] [-p PAIRS] NAME.folios...: how often the lost reference is named right, and with
 * which confidence: of the real leaks of a capture, and of its balanced lifetimes with
 * faults put into them. Each class of gets is tried on at most 5 kinds of lifetimes.
 * convert.py and extract make the files; tests/golden/attribution/NAME.expected has the
 * real leaks. -v lists what was named wrong; -s puts faults only into folios that were in
 * the swap cache; -p also asks with what other runs taught (pairs.c). Exit 1 if "certain" is wrong more than once in 20, or if a healthy folio
 * is reported.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "expect.h"
#include "trial.h"

#define TRIALS 5 /* of each class */
#define EXPECTED "tests/golden/attribution/%.*s.expected"
#define AS_IT_IS FAULT_COUNT
#define ROWS (FAULT_COUNT + 1)

/* What the core has beside the lifetime itself. */
enum basis {
	BASIS_STRUCTURE,
	BASIS_TABLE,
	BASIS_OTHERS,
	BASIS_OTHERS_TABLE,
	BASIS_ALL,
	BASIS_ALL_TABLE,
	BASIS_COUNT
};

static const char *const basis_name[] = {
	[BASIS_STRUCTURE] = "its own events",	    [BASIS_TABLE] = "other runs alone",
	[BASIS_OTHERS] = "folios without that get", [BASIS_OTHERS_TABLE] = "... and other runs",
	[BASIS_ALL] = "all balanced folios",	    [BASIS_ALL_TABLE] = "... and other runs",
};

static const char *const row_name[ROWS] = {
	[FAULT_LEAK] = "put left out",
	[FAULT_TWO_LEAKS] = "two puts left out",
	[FAULT_LOST_EVENT] = "+ event lost",
	[FAULT_NO_GET] = "get left out",
	[FAULT_PUT_TWICE] = "put done twice",
	[FAULT_LARGE_LEAK] = "of 512 pages",
	[AS_IT_IS] = "real leak",
};

struct score {
	unsigned int trials, first, pair, batch;
	unsigned int given[3], right[3]; /* by confidence; ambiguous: right by one of two */
};

struct measure {
	struct training_set training_set;
	bool verbose, swapped;
	struct score score[ROWS][BASIS_COUNT];
	unsigned int healthy, reported;
	unsigned int *tried; /* by class, of one fault */
	size_t room;
	const struct ft_pairs *pairs; /* of other runs; or NULL */
	struct ft_pair_table table;
	struct ft_model all;   /* the training set's, and leans on the table */
	struct ft_model alone; /* leans on the table, and knows nothing else */
	/* Learned without the lifetimes that have a class, and leaning on the table; by class. */
	struct ft_model *others;
	size_t nr_others;
};

static bool is_lost(const struct measure *m, const struct trial *t, uint32_t class)
{
	const struct ft_site *site = m->training_set.classes.list[class].site;
	char text[128];
	size_t i;

	if (t->site)
		return site && !strcmp(site_text(site, text, sizeof(text)), t->site);
	for (i = 0; i < t->nr; i++)
		if (t->lost[i] == class)
			return true;
	return false;
}

/* Exactly the lost references are named. */
static bool is_right(const struct measure *m, const struct trial *t, const struct ft_ranking *r)
{
	size_t i, j;

	if (t->nr == 1)
		return is_lost(m, t, r->suspect[0].token->class);
	if (r->nr_unmatched != t->nr)
		return false;
	for (i = 0; i < t->nr; i++) {
		unsigned int want = 0, got = 0;

		for (j = 0; j < t->nr; j++) {
			want += t->lost[j] == t->lost[i];
			got += r->unmatched[j]->class == t->lost[i];
		}
		if (want != got)
			return false;
	}
	return true;
}

static void show(const struct measure *m, const struct trial *t, const struct ft_attribution *a,
		 const char *fault, const char *basis)
{
	const struct ft_ranking *r = a->lead;
	size_t i;

	printf("%s, by %s, %s:", fault, basis, ft_confidence__name(a->confidence));
	for (i = 0; i < r->nr && i < 4; i++) {
		uint32_t class = r->suspect[i].token->class;
		const struct ft_site *site = m->training_set.classes.list[class].site;
		char text[128] = "?";

		printf(" %s%s %.2f", is_lost(m, t, class) ? "*" : "",
		       site ? site_text(site, text, sizeof(text)) : text, r->suspect[i].p);
	}
	printf("\n");
}

/* False: no reference is reported. */
static bool attribute(struct measure *m, struct trial *t, unsigned int row, enum basis basis,
		      const struct ft_model *model)
{
	struct score *s = &m->score[row][basis];
	const struct ft_ranking *r;
	struct ft_attribution a;
	bool first, pair;

	if (model && !ft_model__may_lead(model, t->end.surplus, row != FAULT_LOST_EVENT))
		model = NULL; /* as ft_attributor__name() has it */
	training_set__tokens(&m->training_set, &t->folio, &t->end);
	if (ft_attribution__of(&m->training_set.tokens, model, &a) || !a.lead->nr)
		return false;
	r = a.lead;
	/* the faults are put into folios at rest, whose batches were drained */
	if (a.in_batch && row == AS_IT_IS)
		return false;
	s->trials++;
	s->batch += a.in_batch;
	if (row == FAULT_LOST_EVENT && a.confidence == FT_CERTAIN)
		a.confidence = FT_LIKELY; /* ft_attributor__name() sees the gap in seq */
	first = is_right(m, t, r);
	pair = first || (r->nr > 1 && is_lost(m, t, r->suspect[1].token->class));
	s->first += first;
	s->pair += pair;
	s->given[a.confidence]++;
	s->right[a.confidence] += a.confidence == FT_AMBIGUOUS ? pair : first;
	if (m->verbose && !first)
		show(m, t, &a, row_name[row], basis_name[basis]);
	return true;
}

static bool may_try(struct measure *m, uint32_t class)
{
	size_t room = m->room;

	if (class >= room) {
		m->room = class + 256;
		m->tried = realloc(m->tried, m->room * sizeof(*m->tried));
		if (!m->tried)
			exit(2);
		memset(m->tried + room, 0, (m->room - room) * sizeof(*m->tried));
	}
	return m->tried[class] < TRIALS;
}

static void lean(struct measure *m, struct ft_model *model)
{
	if (ft_model__lean_on(model, &m->table, &m->training_set.classes))
		exit(2);
}

static const struct ft_model *others_of(struct measure *m, uint32_t class)
{
	size_t nr = m->nr_others;

	if (class >= nr) {
		m->nr_others = class + 256;
		m->others = realloc(m->others, m->nr_others * sizeof(*m->others));
		if (!m->others)
			exit(2);
		memset(&m->others[nr], 0, (m->nr_others - nr) * sizeof(*m->others));
	}
	if (!m->others[class].nr) {
		training_set__learn(&m->training_set, class, &m->others[class]);
		lean(m, &m->others[class]);
	}
	return &m->others[class];
}

/* With the model, and with what it leans on if there is something. */
static bool attribute_both(struct measure *m, struct trial *t, unsigned int row, enum basis basis,
			   const struct ft_model *model)
{
	struct ft_model bare = *model;

	bare.table = NULL;
	if (model->table)
		attribute(m, t, row, basis + 1, model);
	return attribute(m, t, row, basis, &bare);
}

static void try(struct measure *m, const struct test_folio *folio, enum fault fault,
		const struct pair *c, const struct pair *second, size_t which)
{
	struct trial t;

	if (!trial__make(folio, fault, c, second, which, &t))
		return;
	m->tried[c->get_class]++;
	attribute(m, &t, fault, BASIS_STRUCTURE, NULL);
	if (m->pairs)
		attribute(m, &t, fault, BASIS_TABLE, &m->alone);
	attribute_both(m, &t, fault, BASIS_ALL, &m->all);
	attribute_both(m, &t, fault, BASIS_OTHERS, others_of(m, c->get_class));
	trial__free(&t);
}

static void try_folio(struct measure *m, struct test_folio *folio, enum fault fault, size_t salt)
{
	size_t i, nr;
	struct pair *c = trial__pairs(&m->training_set, folio, &nr);

	for (i = 0; i < nr; i++)
		if (may_try(m, c[i].get_class))
			try(m, folio, fault, &c[i], nr > 1 ? &c[(i + 1) % nr] : NULL, salt + i);
	free(c);
}

static void try_all(struct measure *m, enum fault fault)
{
	struct test_folio large;
	size_t i;

	if (m->tried)
		memset(m->tried, 0, m->room * sizeof(*m->tried));
	for (i = 0; i < m->training_set.folios.nr; i++) {
		struct test_folio *folio = &m->training_set.folios.list[i];

		if (!test_folio__is_balanced(folio) || folio->split ||
		    (m->swapped && !folio->swapped))
			continue;
		if (fault != FAULT_LARGE_LEAK) {
			try_folio(m, folio, fault, i);
		} else if (trial__enlarge(&m->training_set, folio, &large)) {
			try_folio(m, &large, fault, i);
			free(large.refs);
		}
	}
}

/* The get in a line "folio N: ... | SITE ..."; NULL: no leak. */
static const char *next_expected(FILE *f, char *line, size_t size)
{
	char *site;

	do {
		if (!f || !fgets(line, (int)size, f))
			return NULL;
	} while (*line == '#');
	site = strstr(line, " | ");
	site = site ? strtok(site + 3, " \n") : NULL;
	return site && strcmp(site, "batch") ? site : NULL;
}

/* The first folios with a surplus are the leaks that were made; others are healthy. */
static void try_as_it_is(struct measure *m, FILE *expected)
{
	char line[512];
	size_t i;

	for (i = 0; i < m->training_set.folios.nr; i++) {
		struct test_folio *folio = &m->training_set.folios.list[i];
		struct trial t = { .folio = *folio, .end = test_folio__end(folio), .nr = 1 };
		bool reported;

		m->healthy += test_folio__is_balanced(folio) ? (unsigned int)folio->folios : 0;
		if (!test_folio__is_surplus(folio))
			continue;
		t.site = next_expected(expected, line, sizeof(line));
		if (t.site) {
			attribute(m, &t, AS_IT_IS, BASIS_STRUCTURE, NULL);
			if (m->pairs)
				attribute(m, &t, AS_IT_IS, BASIS_TABLE, &m->alone);
			attribute_both(m, &t, AS_IT_IS, BASIS_ALL, &m->all);
			continue;
		}
		t.site = "none";
		reported = attribute_both(m, &t, AS_IT_IS, BASIS_ALL, &m->all);
		m->healthy += !reported;
		m->reported += reported;
	}
}

static void print_score(const struct score *s, const char *what, const char *basis)
{
	int i;

	if (!s->trials)
		return;
	printf("%-18s %-23s %5u %5u %5u %5u", what, basis, s->trials, s->first, s->pair, s->batch);
	for (i = 0; i < 3; i++)
		printf("  %4u/%-4u", s->right[i], s->given[i]);
	printf("\n");
}

static FILE *must_open(const char *path)
{
	FILE *f = fopen(path, "r");

	if (!f) {
		perror(path);
		exit(2);
	}
	return f;
}

static void close_all(struct measure *m)
{
	size_t i;

	for (i = 0; i < m->nr_others; i++)
		ft_model__free(&m->others[i]);
	free(m->others);
	free(m->tried);
	ft_model__free(&m->alone);
	ft_pair_table__free(&m->table);
	training_set__close(&m->training_set);
}

static void measure(struct measure *m, const char *path)
{
	const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	char expected[256];
	unsigned int row, basis;
	FILE *f = must_open(path);

	training_set__open(&m->training_set, f);
	fclose(f);
	if (m->pairs && ft_pair_table__add(&m->table, m->pairs, 1))
		exit(2);
	lean(m, &m->training_set.model);
	m->all = m->training_set.model;
	m->training_set.model.table = NULL; /* what is true, it alone says */
	lean(m, &m->alone);
	snprintf(expected, sizeof(expected), EXPECTED, (int)strcspn(base, "."), base);
	f = must_open(expected);
	try_as_it_is(m, f);
	fclose(f);
	for (row = 0; row < FAULT_COUNT; row++)
		try_all(m, (enum fault)row);
	close_all(m);
	printf("%s: %u healthy folios, %u reported\n", base, m->healthy, m->reported);
	printf("%-18s %-23s %5s %5s %5s %5s  %-9s  %-9s  %-9s\n", "fault", "goes by", "tried",
	       "first", "pair", "batch", "certain", "likely", "ambiguous");
	for (row = 0; row < ROWS; row++)
		for (basis = 0; basis < BASIS_COUNT; basis++)
			print_score(&m->score[row][basis], row_name[row], basis_name[basis]);
}

int main(int argc, char **argv)
{
	unsigned int given = 0, right = 0, reported = 0, row, basis;
	struct ft_expectation *e = NULL;
	struct ft_error err = { 0 };
	bool verbose = false, swapped = false;
	int i;

	while ((i = getopt(argc, argv, "vsp:")) != -1) {
		verbose |= i == 'v';
		swapped |= i == 's';
		if (i == 'p' && ft_expectation__read(optarg, &e, &err)) {
			fprintf(stderr, "measure: %s\n", err.text);
			return 2;
		}
		if (i == '?')
			return 2;
	}
	for (i = optind; i < argc; i++) {
		struct measure m = { .verbose = verbose,
				     .swapped = swapped,
				     .pairs = e ? &e->pairs : NULL };

		measure(&m, argv[i]);
		reported += m.reported;
		for (row = 0; row < ROWS; row++)
			for (basis = 0; basis < BASIS_COUNT; basis++) {
				given += m.score[row][basis].given[FT_CERTAIN];
				right += m.score[row][basis].right[FT_CERTAIN];
			}
	}
	ft_expectation__free(e);
	printf("certain: %u of %u right; healthy folios reported: %u\n", right, given, reported);
	return reported || !given || right * 20 < given * 19;
}
